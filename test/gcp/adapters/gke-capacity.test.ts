// GKE capacity over the stand-ins of GKE and Kubernetes: the contract, and what only GKE does.
import { PassThroughClient } from 'google-auth-library';
import { afterEach, describe, expect, it } from 'vitest';
import { createGkeCapacity, openGkeClient } from '../../../gcp/adapters/gke-capacity.ts';
import { type GkeStandinOptions, startGkeStandin } from '../../../infra/local/standins/gke.ts';
import { CapacityUnavailable } from '../../../shared/ports/capacity.ts';
import { capacityContract } from '../../contract/capacity.ts';
import { failWith, startClusterWorld } from '../../support/cluster-world.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';

type Changes = Partial<Pick<GkeStandinOptions, 'limits' | 'zones' | 'operationSeconds'>> & { timeoutSeconds?: number };

async function startGke({ timeoutSeconds = 10, ...changes }: Changes = {}) {
  const world = await startClusterWorld({ authorize: (token) => token === 'ya29.token' });
  const apiFaults = createFaultSwitch();
  const gke = await startGkeStandin({
    host: '127.0.0.1',
    port: 0,
    cluster: world.cluster,
    parent: world.declared.parent,
    clusterName: 'main',
    nodePool: 'workers',
    zones: ['us-central1-a'],
    limits: 'zone',
    kubernetes: { url: world.kubernetes.url, certificateAuthority: '' },
    operationSeconds: 0,
    elapsedSeconds: world.clock.elapsedSeconds,
    faults: apiFaults.faults,
    ...changes,
  });
  const endpoint = { authClient: new PassThroughClient(), at: { host: gke.host, port: gke.port } };
  const said: string[] = [];
  const capacity = createGkeCapacity({
    connect: () => openGkeClient(endpoint),
    cluster: world.declared,
    accessToken: async () => 'ya29.token',
    timeoutSeconds,
    say: (sentence) => said.push(sentence),
  });
  return {
    ...world,
    capacity,
    apiFaults,
    said,
    advance: world.clock.advance,
    fail: (how: 'drop' | 'lose-answer' | 'silence' | null) => failWith([world.faults, apiFaults], how),
    close: async () => {
      await gke.close();
      await world.kubernetes.close();
    },
  };
}

capacityContract('GKE, limits per zone', (timeoutSeconds) => startGke({ timeoutSeconds }));
capacityContract('GKE, limits for the whole pool', (timeoutSeconds) =>
  startGke({ timeoutSeconds, limits: 'total', zones: ['a', 'b', 'c'] }),
);

describe('GKE capacity', () => {
  let world: Awaited<ReturnType<typeof startGke>>;
  afterEach(() => world.close());

  it('counts a limit per zone once for each zone, and never raises to less than was asked', async () => {
    world = await startGke({ zones: ['us-central1-a', 'us-central1-b', 'us-central1-c'] });
    world.cluster.resizeNodes({ minimum: 3, maximum: 9, desired: 3 });
    expect(await world.capacity.observe()).toMatchObject({ nodeMinimum: 3 });
    await world.capacity.raise({ replicas: 2, nodes: 10 });
    expect(world.cluster.nodes()).toMatchObject({ minimum: 12, maximum: 12 });
    expect(world.said).toEqual([expect.stringMatching(/raised the maximum of node pool .*workers from 9 to 10 nodes/)]);
  });

  it('raises the workload although another operation holds the cluster, and asks to try again', async () => {
    world = await startGke({ operationSeconds: 120 });
    await world.capacity.raise({ replicas: 2, nodes: 2 });
    expect(await world.capacity.observe()).toMatchObject({ updating: true });
    const again = world.capacity.raise({ replicas: 4, nodes: 3 });
    await expect(again).rejects.toThrow(
      /FAILED_PRECONDITION.*currently updating cluster main.*try again when it is done/s,
    );
    await expect(again).rejects.toBeInstanceOf(CapacityUnavailable);
    expect(await world.capacity.observe()).toMatchObject({ nodeMinimum: 2, replicaFloor: 4 });
  });

  it('refuses a pool without autoscaling in plain words, because it has no minimum', async () => {
    world = await startGke({ limits: 'none' });
    expect(await world.capacity.observe()).toMatchObject({ nodeMinimum: 0 });
    const refused = world.capacity.raise({ replicas: 2, nodes: 3 });
    await expect(refused).rejects.toThrow(/workers has no autoscaling.*turn it on/);
    await expect(refused).rejects.not.toBeInstanceOf(CapacityUnavailable);
  });

  it('does not know when the API is throttled or down', async () => {
    world = await startGke();
    for (const [status, code] of [
      [429, 'RESOURCE_EXHAUSTED'],
      [503, 'UNAVAILABLE'],
    ] as const) {
      world.apiFaults.set({ kind: 'refuse', status, code });
      await expect(world.capacity.observe()).rejects.toBeInstanceOf(CapacityUnavailable);
    }
  });
});
