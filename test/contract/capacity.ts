// What every Capacity must keep: run on the fake, and on each adapter over its stand-in.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedCluster } from '../../infra/local/standins/cluster.ts';
import { type Capacity, CapacityUnavailable } from '../../shared/ports/capacity.ts';

export type CapacityWorld = {
  capacity: Capacity;
  /** Begins with 2 replicas ready on a node minimum of 1, an autoscaler 2..6, 2 pods a node; node 60 s, pod 10 s. */
  cluster: SimulatedCluster;
  advance(seconds: number): void;
  /** `drop`: requests are lost. `lose-answer`: they are done and the answer is lost. `silence`: no answer comes in time. */
  fail(how: 'drop' | 'lose-answer' | 'silence' | null): void;
  close(): Promise<void>;
};

/** `timeoutSeconds` is the adapter's deadline for each call. */
export function capacityContract(name: string, start: (timeoutSeconds: number) => Promise<CapacityWorld>): void {
  describe(`capacity contract: ${name}`, () => {
    let world: CapacityWorld;
    beforeEach(async () => {
      world = await start(10);
    });
    afterEach(async () => {
      await world.close();
    });

    it('says what there is', async () => {
      expect(await world.capacity.observe()).toEqual({
        nodeMinimum: 1,
        replicaFloor: 2,
        readyReplicas: 2,
        updating: false,
      });
    });

    it('raises both floors at once, and ready replicas follow when nodes and pods have come', async () => {
      await world.capacity.raise({ replicas: 10, nodes: 5 });
      const accepted = await world.capacity.observe();
      expect(accepted).toMatchObject({ nodeMinimum: 5, replicaFloor: 10, readyReplicas: 2 });
      world.advance(65);
      expect((await world.capacity.observe()).readyReplicas).toBe(2);
      world.advance(10);
      expect((await world.capacity.observe()).readyReplicas).toBe(10);
    });

    it('never lowers', async () => {
      await world.capacity.raise({ replicas: 4, nodes: 3 });
      world.advance(120);
      await world.capacity.raise({ replicas: 1, nodes: 1 });
      expect(await world.capacity.observe()).toMatchObject({ nodeMinimum: 3, replicaFloor: 4, readyReplicas: 4 });
    });

    it('changes nothing when it is asked for the same again', async () => {
      await world.capacity.raise({ replicas: 4, nodes: 3 });
      world.advance(120);
      const before = [world.cluster.nodes(), world.cluster.deployment(), world.cluster.autoscaler()];
      await world.capacity.raise({ replicas: 4, nodes: 3 });
      expect([world.cluster.nodes(), world.cluster.deployment(), world.cluster.autoscaler()]).toEqual(before);
    });

    it('tells a pod that never becomes ready from one that is ready', async () => {
      world.cluster.stallPods(true);
      await world.capacity.raise({ replicas: 4, nodes: 2 });
      world.advance(600);
      expect(await world.capacity.observe()).toMatchObject({ replicaFloor: 4, readyReplicas: 2 });
    });

    it.each(['drop', 'lose-answer'] as const)('does not know how it ended after %s', async (how) => {
      world.fail(how);
      await expect(world.capacity.observe()).rejects.toBeInstanceOf(CapacityUnavailable);
      await expect(world.capacity.raise({ replicas: 4, nodes: 3 })).rejects.toBeInstanceOf(CapacityUnavailable);
      world.fail(null);
      world.advance(120);
      await world.capacity.raise({ replicas: 4, nodes: 3 });
      expect(await world.capacity.observe()).toMatchObject({ nodeMinimum: 3, replicaFloor: 4 });
    });

    it('does not know how it ended when no answer comes in time', async () => {
      await world.close();
      world = await start(0.2);
      world.fail('silence');
      await expect(world.capacity.observe()).rejects.toBeInstanceOf(CapacityUnavailable);
      await expect(world.capacity.raise({ replicas: 4, nodes: 3 })).rejects.toBeInstanceOf(CapacityUnavailable);
    });
  });
}
