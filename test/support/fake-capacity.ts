// A site's capacity in memory: nodes and pods that take time, on whatever clock the test brings.
import { createSimulatedCluster, type SimulatedCluster } from '../../infra/local/standins/cluster.ts';
import { type Capacity, CapacityUnavailable } from '../../shared/ports/capacity.ts';

export type FakeCapacityOptions = {
  elapsedSeconds(): number;
  nodes?: { minimum: number; maximum: number };
  podsPerNode?: number;
  nodeStartSeconds?: number;
  podStartSeconds?: number;
  replicas?: number;
  autoscaler?: { minReplicas: number; maxReplicas: number } | null;
};

export type FakeCapacity = Capacity & {
  cluster: SimulatedCluster;
  /** `drop`: calls fail before anything happens. `lose-answer`: they do their work and then fail. */
  fail(how: 'drop' | 'lose-answer' | null): void;
};

export function createFakeCapacity(options: FakeCapacityOptions): FakeCapacity {
  const cluster = createSimulatedCluster({
    nodes: { minimum: 1, maximum: 20 },
    podsPerNode: 2,
    nodeStartSeconds: 60,
    podStartSeconds: 10,
    replicas: 2,
    autoscaler: { minReplicas: 2, maxReplicas: 6 },
    ...options,
  });
  let failing: 'drop' | 'lose-answer' | null = null;
  const answered = <T>(what: string, work: () => T): T => {
    const how = failing;
    const result = how === 'drop' ? null : work();
    if (how !== null || result === null) throw new CapacityUnavailable(`${what}: injected ${how}`);
    return result;
  };
  return {
    cluster,
    fail: (how) => {
      failing = how;
    },
    observe: async () =>
      answered('observe', () => {
        const { replicas, readyReplicas } = cluster.deployment();
        const minReplicas = cluster.autoscaler()?.minReplicas;
        const replicaFloor = minReplicas === undefined || replicas === 0 ? replicas : minReplicas;
        return { nodeMinimum: cluster.nodes().minimum, replicaFloor, readyReplicas, updating: false };
      }),
    raise: async ({ replicas, nodes }) => {
      answered('raise', () => {
        raise(cluster, replicas, nodes);
        return true;
      });
    },
  };
}

function raise(cluster: SimulatedCluster, replicas: number, nodes: number): void {
  const { minimum, maximum, desired } = cluster.nodes();
  if (minimum < nodes) cluster.resizeNodes({ minimum: nodes, maximum: Math.max(maximum, nodes), desired });
  const autoscaler = cluster.autoscaler();
  if (autoscaler && autoscaler.minReplicas < replicas) {
    cluster.setAutoscaler({ minReplicas: replicas, maxReplicas: Math.max(autoscaler.maxReplicas, replicas) });
  }
  if (cluster.deployment().replicas < replicas) cluster.scaleDeployment(replicas);
}
