// EKS capacity over the stand-ins of EKS and Kubernetes: the contract, the token, and what only EKS does.
import { EKSClient } from '@aws-sdk/client-eks';
import { afterEach, describe, expect, it } from 'vitest';
import { createEksCapacity } from '../../../aws/adapters/eks-capacity.ts';
import { startEksStandin } from '../../../infra/local/standins/eks.ts';
import { checkEksToken } from '../../../infra/local/standins/eks-token.ts';
import { CapacityUnavailable } from '../../../shared/ports/capacity.ts';
import { capacityContract } from '../../contract/capacity.ts';
import { type ClusterWorldOptions, failWith, startClusterWorld } from '../../support/cluster-world.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };

async function startEks(
  changes: Partial<ClusterWorldOptions> & { updateSeconds?: number; timeoutSeconds?: number } = {},
) {
  const refusals: string[] = [];
  const world = await startClusterWorld({
    authorize: (token) => {
      const expected = { clusterName: 'main', secretAccessKey: credentials.secretAccessKey, now: world.clock.now() };
      const check = checkEksToken(token, expected);
      if (check.kind === 'refused') refusals.push(check.because);
      return check.kind === 'accepted';
    },
    ...changes,
  });
  const apiFaults = createFaultSwitch();
  const eks = await startEksStandin({
    host: '127.0.0.1',
    port: 0,
    cluster: world.cluster,
    clusterName: 'main',
    nodegroupName: 'workers',
    kubernetes: { url: world.kubernetes.url, certificateAuthority: '' },
    updateSeconds: changes.updateSeconds ?? 0,
    elapsedSeconds: world.clock.elapsedSeconds,
    faults: apiFaults.faults,
  });
  const client = new EKSClient({ endpoint: eks.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  const said: string[] = [];
  const capacity = createEksCapacity({
    client,
    cluster: world.declared,
    timeoutSeconds: changes.timeoutSeconds ?? 10,
    now: world.clock.now,
    say: (sentence) => said.push(sentence),
  });
  return {
    ...world,
    capacity,
    apiFaults,
    said,
    refusals,
    advance: world.clock.advance,
    fail: (how: 'drop' | 'lose-answer' | 'silence' | null) => failWith([world.faults, apiFaults], how),
    close: async () => {
      client.destroy();
      await eks.close();
      await world.kubernetes.close();
    },
  };
}

capacityContract('EKS', (timeoutSeconds) => startEks({ timeoutSeconds }));

describe('EKS capacity', () => {
  let world: Awaited<ReturnType<typeof startEks>>;
  afterEach(() => world.close());

  it('sends a token whose signature the cluster can check, and which is bound to that cluster', async () => {
    world = await startEks();
    await world.capacity.observe();
    expect(world.refusals).toEqual([]);
  });

  it('does not know when the cluster does not accept the token', async () => {
    world = await startEks({ authorize: () => false });
    await expect(world.capacity.observe()).rejects.toThrow(/401 Unauthorized/);
    await expect(world.capacity.observe()).rejects.toBeInstanceOf(CapacityUnavailable);
  });

  it('raises the desired size only as far as EKS demands, and leaves a larger one alone', async () => {
    world = await startEks();
    world.cluster.resizeNodes({ minimum: 1, maximum: 20, desired: 7 });
    await world.capacity.raise({ replicas: 2, nodes: 5 });
    expect(world.cluster.nodes()).toMatchObject({ minimum: 5, maximum: 20, desired: 7 });
    world.advance(1);
    await world.capacity.raise({ replicas: 2, nodes: 9 });
    expect(world.cluster.nodes()).toMatchObject({ minimum: 9, maximum: 20, desired: 9 });
    expect(world.said).toEqual([]);
  });

  it('raises the maxima that stand in the way, and says so', async () => {
    world = await startEks();
    await world.capacity.raise({ replicas: 8, nodes: 25 });
    expect(world.cluster.nodes()).toMatchObject({ minimum: 25, maximum: 25 });
    expect(world.cluster.autoscaler()).toMatchObject({ minReplicas: 8, maxReplicas: 8 });
    expect([...world.said].sort()).toEqual([
      'raised maxReplicas of web-hpa from 6 to 8, to make room',
      'raised maxSize of node group main/workers from 20 to 25, to make room',
    ]);
  });

  it('raises the workload although the node group is busy with another update, and asks to try again', async () => {
    world = await startEks({ updateSeconds: 90 });
    await world.capacity.raise({ replicas: 2, nodes: 2 });
    expect(await world.capacity.observe()).toMatchObject({ updating: true });
    const again = world.capacity.raise({ replicas: 4, nodes: 3 });
    await expect(again).rejects.toThrow(/ResourceInUseException.*try again when it is done/s);
    await expect(again).rejects.toBeInstanceOf(CapacityUnavailable);
    expect(await world.capacity.observe()).toMatchObject({ nodeMinimum: 2, replicaFloor: 4 });
    world.advance(90);
    await world.capacity.raise({ replicas: 4, nodes: 3 });
    expect(await world.capacity.observe()).toMatchObject({ nodeMinimum: 3, replicaFloor: 4, updating: true });
  });

  it('says in plain words that it is refused for good', async () => {
    world = await startEks();
    world.apiFaults.set({ kind: 'refuse', status: 403, code: 'AccessDeniedException' });
    const refused = world.capacity.observe();
    await expect(refused).rejects.toThrow(
      /describe node group main\/workers: refused with AccessDeniedException \(403\)/,
    );
    await expect(refused).rejects.not.toBeInstanceOf(CapacityUnavailable);
  });

  it('does not know when it is throttled', async () => {
    world = await startEks();
    world.apiFaults.set({ kind: 'refuse', status: 429, code: 'TooManyRequestsException' });
    await expect(world.capacity.observe()).rejects.toBeInstanceOf(CapacityUnavailable);
  });
});
