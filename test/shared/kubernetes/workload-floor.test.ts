// The workload's floor through the real client against the stand-in of the Kubernetes API.
import { afterEach, describe, expect, it } from 'vitest';
import { openKubernetes } from '../../../shared/kubernetes/kubernetes-api.ts';
import { createWorkloadFloor } from '../../../shared/kubernetes/workload-floor.ts';
import { CapacityUnavailable } from '../../../shared/ports/capacity.ts';
import { type ClusterWorldOptions, startClusterWorld } from '../../support/cluster-world.ts';

async function startFloor(options: Partial<ClusterWorldOptions> = {}, workload = {}) {
  const world = await startClusterWorld({ authorize: (token) => token === 'token', ...options });
  const access = {
    server: world.kubernetes.url,
    certificateAuthority: null,
    token: async () => 'token',
  };
  const opened = { count: 0 };
  const floor = createWorkloadFloor({
    open: () => {
      opened.count += 1;
      return openKubernetes(access, 10);
    },
    workload: { ...world.declared, ...workload },
    say: () => {},
  });
  return { ...world, floor, opened, close: () => world.kubernetes.close() };
}

describe('workload floor', () => {
  let world: Awaited<ReturnType<typeof startFloor>>;
  afterEach(() => world.close());

  it('is the replicas of the deployment when no autoscaler is declared', async () => {
    world = await startFloor({}, { autoscaler: null });
    await world.floor.raise(5);
    expect(await world.floor.observe()).toMatchObject({ replicaFloor: 5 });
    expect(world.cluster.autoscaler()).toMatchObject({ minReplicas: 2 });
  });

  it('is the replicas of the deployment when the declared autoscaler does not exist', async () => {
    world = await startFloor({ hasAutoscaler: false });
    expect(await world.floor.observe()).toEqual({ replicaFloor: 2, readyReplicas: 2 });
    await world.floor.raise(5);
    expect(world.cluster.deployment()).toMatchObject({ replicas: 5 });
  });

  it('is 0 for a workload scaled to nothing, which its autoscaler would leave alone, and wakes it', async () => {
    world = await startFloor({ replicas: 0 });
    expect(await world.floor.observe()).toEqual({ replicaFloor: 0, readyReplicas: 0 });
    await world.floor.raise(4);
    expect(world.cluster.autoscaler()).toMatchObject({ minReplicas: 4 });
    expect(world.cluster.deployment()).toMatchObject({ replicas: 4 });
    world.clock.advance(120);
    expect(await world.floor.observe()).toEqual({ replicaFloor: 4, readyReplicas: 4 });
  });

  it('does not lower what somebody else raised between its look and its change', async () => {
    world = await startFloor();
    let changed = false;
    world.faults.set({ kind: 'drop' }, (request) => {
      // Not a fault but a moment: the last instant before our change arrives.
      if (request.method === 'PATCH' && !changed) {
        changed = true;
        world.cluster.setAutoscaler({ minReplicas: 9, maxReplicas: 12 });
      }
      return false;
    });
    await world.floor.raise(4);
    expect(changed).toBe(true);
    expect(world.cluster.autoscaler()).toMatchObject({ minReplicas: 9, maxReplicas: 12 });
  });

  it('gives up, not knowing, when somebody else keeps changing the object', async () => {
    world = await startFloor({ hasAutoscaler: false });
    world.faults.set({ kind: 'drop' }, (request) => {
      if (request.method === 'PATCH') world.cluster.scaleDeployment(2);
      return false;
    });
    const raised = world.floor.raise(4);
    await expect(raised).rejects.toThrow(/tried 5 times to raise shop\/web to 4 replicas/);
    await expect(raised).rejects.toBeInstanceOf(CapacityUnavailable);
  });

  it('opens the cluster once, and again after a failure', async () => {
    world = await startFloor();
    await world.floor.observe();
    await world.floor.observe();
    expect(world.opened.count).toBe(1);
    world.faults.set({ kind: 'drop' });
    await expect(world.floor.observe()).rejects.toBeInstanceOf(CapacityUnavailable);
    world.faults.heal();
    expect(await world.floor.observe()).toMatchObject({ replicaFloor: 2 });
    expect(world.opened.count).toBe(2);
  });

  it('says which deployment is missing, and that the strategy names it', async () => {
    world = await startFloor({}, { deployment: 'wbe' });
    await expect(world.floor.observe()).rejects.toThrow(/no deployment shop\/wbe: correct the cluster's entry/);
  });

  it('sends no token over plain http to another machine', async () => {
    world = await startFloor();
    const access = { server: 'http://10.0.0.9:8080', certificateAuthority: null, token: async () => 'token' };
    await expect(openKubernetes(access, 1)).rejects.toThrow(/must not travel in clear/);
  });
});
