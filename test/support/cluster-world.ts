// A simulated cluster with its Kubernetes API, ready for the adapter of either cloud.
import { createSimulatedCluster, type SimulatedCluster } from '../../infra/local/standins/cluster.ts';
import type { HttpServer } from '../../infra/local/standins/http.ts';
import { startKubernetesStandin } from '../../infra/local/standins/kubernetes.ts';
import type { Cluster } from '../../shared/model/strategy.ts';
import { createFaultSwitch, type FaultSwitch } from './fault-switch.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

export type ClusterWorld = {
  clock: ManualClock;
  cluster: SimulatedCluster;
  kubernetes: HttpServer;
  faults: FaultSwitch;
  declared: Cluster;
};

export type ClusterWorldOptions = {
  authorize(token: string | null): boolean;
  replicas?: number;
  hasAutoscaler?: boolean;
};

export async function startClusterWorld(options: ClusterWorldOptions): Promise<ClusterWorld> {
  const clock = createManualClock();
  const faults = createFaultSwitch();
  const hasAutoscaler = options.hasAutoscaler ?? true;
  const cluster = createSimulatedCluster({
    elapsedSeconds: clock.elapsedSeconds,
    nodes: { minimum: 1, maximum: 20 },
    podsPerNode: 2,
    nodeStartSeconds: 60,
    podStartSeconds: 10,
    replicas: options.replicas ?? 2,
    autoscaler: hasAutoscaler ? { minReplicas: 2, maxReplicas: 6 } : null,
  });
  const declared = {
    name: 'main',
    nodePool: 'workers',
    namespace: 'shop',
    deployment: 'web',
    autoscaler: 'web-hpa',
    replicasPerNode: 2,
    parent: 'projects/p/locations/us-central1',
  };
  const kubernetes = await startKubernetesStandin({
    host: '127.0.0.1',
    port: 0,
    cluster,
    namespace: declared.namespace,
    deployment: declared.deployment,
    autoscaler: hasAutoscaler ? declared.autoscaler : null,
    authorize: options.authorize,
    faults: faults.faults,
  });
  return { clock, cluster, kubernetes, faults, declared };
}

/** The contract's ways of failing, at every API of the world at once. */
export function failWith(switches: FaultSwitch[], how: 'drop' | 'lose-answer' | 'silence' | null): void {
  for (const each of switches) {
    if (how === null) each.heal();
    else if (how === 'silence') each.set({ kind: 'delay', at: 'answer', seconds: 30 });
    else each.set({ kind: how });
  }
}
