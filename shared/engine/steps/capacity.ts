// scale_cluster and verify_capacity: a site's floor of replicas, raised, and seen ready.
import type { SiteName } from '../../model/site.ts';
import type { Strategy } from '../../model/strategy.ts';
import type { Capacity } from '../../ports/capacity.ts';
import type { Executor, Observed } from '../executor.ts';

type Deps = { strategy: Strategy; capacityOf: (site: SiteName) => Promise<Capacity | null> };

/**
 * Done when that many replicas are ready, not when the API said yes. Nodes take minutes: they are waited for without a claim, which nobody
 * could take over from a keeper that died.
 */
export function createScaleCluster({ strategy, capacityOf }: Deps): Executor<'scale_cluster'> {
  return {
    attemptSeconds: 20,
    patienceSeconds: 1800,
    claims: true,
    async observe({ action }) {
      const capacity = await capacityOf(action.site);
      if (!capacity) return noCluster(action.site);
      const { replicaFloor, readyReplicas, nodeMinimum } = await capacity.observe();
      const nodes = nodesFor(strategy, action.site, action.minReplicas);
      if (replicaFloor < action.minReplicas || nodeMinimum < nodes) return { kind: 'to-do' };
      if (readyReplicas < action.minReplicas) {
        return {
          kind: 'waiting',
          blocker: `${readyReplicas} of ${action.minReplicas} replicas are ready at ${action.site}`,
        };
      }
      return {
        kind: 'done',
        detail: `${readyReplicas} replicas ready, floor ${replicaFloor}, at least ${nodeMinimum} nodes`,
      };
    },
    async apply({ action }) {
      const capacity = await capacityOf(action.site);
      await capacity?.raise({
        replicas: action.minReplicas,
        nodes: nodesFor(strategy, action.site, action.minReplicas),
      });
    },
  };
}

function noCluster(site: SiteName): Observed {
  return { kind: 'refused', because: `${site} declares no cluster: add sites.${site}.cluster to the strategy` };
}

function nodesFor(strategy: Strategy, site: SiteName, replicas: number): number {
  const perNode = strategy.sites.find(({ name }) => name === site)?.cluster?.replicasPerNode ?? 1;
  return Math.ceil(replicas / perNode);
}

/** The site that keeps serving must have its floor ready. Nothing is changed. */
export function createVerifyCapacity({ capacityOf }: Deps): Executor<'verify_capacity'> {
  return {
    attemptSeconds: 30,
    patienceSeconds: 900,
    claims: true,
    async observe({ action }) {
      const capacity = await capacityOf(action.site);
      if (!capacity) return noCluster(action.site);
      const { replicaFloor, readyReplicas } = await capacity.observe();
      if (readyReplicas >= Math.max(1, replicaFloor))
        return { kind: 'done', detail: `${readyReplicas} replicas ready, floor ${replicaFloor}` };
      return { kind: 'waiting', blocker: `${action.site} has ${readyReplicas} of ${replicaFloor} replicas ready` };
    },
    async apply() {},
  };
}
