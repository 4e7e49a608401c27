// Capacity on GKE: the node pool's autoscaling limits through the container API, and the workload's floor through the cluster's own.
import type { ClusterManagerClient, protos } from '@google-cloud/container';
import { openKubernetes } from '../../shared/kubernetes/kubernetes-api.ts';
import { raiseBoth } from '../../shared/kubernetes/raise-both.ts';
import { createWorkloadFloor } from '../../shared/kubernetes/workload-floor.ts';
import type { Cluster } from '../../shared/model/strategy.ts';
import { type Capacity, CapacityUnavailable } from '../../shared/ports/capacity.ts';
import { callGoogle, GoogleCallFailed, type GoogleEndpoint, once, restClientOptions } from './google-call.ts';

export type GkeCapacityOptions = {
  /** Opens the client when first needed: it is far too heavy to load up front. `openGkeClient` makes one. */
  connect(): Promise<ClusterManagerClient>;
  cluster: Cluster;
  /** An OAuth access token of the service account, which the cluster takes as a bearer token. */
  accessToken(): Promise<string>;
  /** For each call. */
  timeoutSeconds: number;
  /** Told when more than the minimum had to be changed, in a sentence. */
  say(sentence: string): void;
};

/** Loads @google-cloud/container (a third of a second) and makes a REST client of it. */
export async function openGkeClient(endpoint: GoogleEndpoint): Promise<ClusterManagerClient> {
  const container = await import('@google-cloud/container');
  // Bundled, a CommonJS package shows only its default export.
  const { ClusterManagerClient: Client } = container.default ?? container;
  return new Client(restClientOptions(endpoint));
}

/**
 * Throws `CapacityUnavailable` when the answer is not known or another operation holds the cluster; a plain error when the API
 * refuses for good, or when the pool has no autoscaling and so no floor to raise.
 */
export function createGkeCapacity(options: GkeCapacityOptions): Capacity {
  const connected = once(options.connect);
  const ask: Ask = async (what, run) => {
    // Loading the client is outside the deadline: a cold start is not an unanswered call.
    const client = await connected();
    return translate(() => callGoogle(what, options.timeoutSeconds, () => run(client)));
  };
  const floor = createWorkloadFloor({
    open: () => openCluster(options, ask),
    workload: options.cluster,
    say: options.say,
  });
  return {
    observe: async () => {
      const [pool, workload] = await Promise.all([readPool(options, ask), floor.observe()]);
      return { nodeMinimum: pool.minimum, ...workload, updating: pool.updating };
    },
    raise: ({ replicas, nodes }) =>
      raiseBoth({ nodes: () => raiseNodes(options, ask, nodes), workload: () => floor.raise(replicas) }),
  };
}

type Ask = <T>(what: string, run: (client: ClusterManagerClient) => Promise<T>) => Promise<T>;

type Pool = {
  limits: 'zone' | 'total' | 'none';
  zones: number;
  minimum: number;
  maximum: number;
  updating: boolean;
  /** Kept as it is: setting the limits replaces the whole block. */
  kept: Pick<protos.google.container.v1.INodePoolAutoscaling, 'locationPolicy'>;
};

function clusterPath({ cluster }: GkeCapacityOptions): string {
  return `${cluster.parent}/clusters/${cluster.name}`;
}

async function openCluster(options: GkeCapacityOptions, ask: Ask) {
  const name = clusterPath(options);
  const [cluster] = await ask(`get ${name}`, (client) => client.getCluster({ name }));
  if (!cluster.endpoint) throw new CapacityUnavailable(`${name} has no endpoint yet; try again`);
  const access = {
    // GKE gives a bare address.
    server: cluster.endpoint.includes('://') ? cluster.endpoint : `https://${cluster.endpoint}`,
    certificateAuthority: cluster.masterAuth?.clusterCaCertificate || null,
    token: options.accessToken,
  };
  return openKubernetes(access, options.timeoutSeconds);
}

/** The pool's limits over all its zones. Per-zone limits count once for each zone; zero is how the API says "not set". */
async function readPool(options: GkeCapacityOptions, ask: Ask): Promise<Pool> {
  const name = `${clusterPath(options)}/nodePools/${options.cluster.nodePool}`;
  const [pool] = await ask(`get ${name}`, (client) => client.getNodePool({ name }));
  const zones = Math.max(1, pool.locations?.length ?? 0);
  const updating = String(pool.status) !== 'RUNNING';
  const { enabled, minNodeCount, maxNodeCount, totalMinNodeCount, totalMaxNodeCount, locationPolicy } =
    pool.autoscaling ?? {};
  const shared = { zones, updating, kept: locationPolicy ? { locationPolicy } : {} };
  if (!enabled) return { ...shared, limits: 'none', minimum: 0, maximum: 0 };
  if (totalMaxNodeCount) {
    return { ...shared, limits: 'total', minimum: totalMinNodeCount ?? 0, maximum: totalMaxNodeCount };
  }
  const [minimum, maximum] = [(minNodeCount ?? 0) * zones, (maxNodeCount ?? 0) * zones];
  return { ...shared, limits: 'zone', minimum, maximum };
}

async function raiseNodes(options: GkeCapacityOptions, ask: Ask, nodes: number): Promise<void> {
  const pool = await readPool(options, ask);
  if (pool.minimum >= nodes) return;
  const name = `${clusterPath(options)}/nodePools/${options.cluster.nodePool}`;
  if (pool.limits === 'none') {
    throw new Error(
      `${name} has no autoscaling, so it has no minimum that could be raised to ${nodes}: turn it on (gcloud container clusters update --enable-autoscaling --node-pool ${options.cluster.nodePool})`,
    );
  }
  const maximum = Math.max(pool.maximum, nodes);
  const autoscaling =
    pool.limits === 'total'
      ? { ...pool.kept, enabled: true, totalMinNodeCount: nodes, totalMaxNodeCount: maximum }
      : {
          ...pool.kept,
          enabled: true,
          minNodeCount: Math.ceil(nodes / pool.zones),
          maxNodeCount: Math.ceil(maximum / pool.zones),
        };
  await ask(`raise the minimum of ${name} from ${pool.minimum} to ${nodes} nodes`, (client) =>
    client.setNodePoolAutoscaling({ name, autoscaling }),
  );
  if (maximum > pool.maximum) {
    options.say(`raised the maximum of node pool ${name} from ${pool.maximum} to ${maximum} nodes, to make room`);
  }
}

async function translate<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (!(cause instanceof GoogleCallFailed) || cause.final) throw cause;
    const advice =
      cause.status === 'FAILED_PRECONDITION'
        ? 'Another operation holds the cluster: try again when it is done'
        : 'It may have been done: observe before trying again';
    throw new CapacityUnavailable(`${cause.message}. ${advice}`, { cause });
  }
}
