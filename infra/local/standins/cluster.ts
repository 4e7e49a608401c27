// A simulated cluster: nodes that take time to come, pods that need nodes, and an autoscaler that keeps its minimum.

export type ClusterOptions = {
  /** Seconds on a clock that never jumps; readiness is worked out from it, so that no timer runs. */
  elapsedSeconds(): number;
  nodes: { minimum: number; maximum: number };
  podsPerNode: number;
  nodeStartSeconds: number;
  podStartSeconds: number;
  replicas: number;
  autoscaler: { minReplicas: number; maxReplicas: number } | null;
};

type NodeRange = { minimum: number; maximum: number; desired: number };

export type SimulatedCluster = {
  nodes(): NodeRange & { ready: number };
  resizeNodes(range: NodeRange): void;
  deployment(): { replicas: number; readyReplicas: number; resourceVersion: string };
  scaleDeployment(replicas: number): void;
  autoscaler(): { minReplicas: number; maxReplicas: number; resourceVersion: string } | null;
  setAutoscaler(range: { minReplicas: number; maxReplicas: number }): void;
  /** While true, no further pod becomes ready: a bad image, an exhausted quota. */
  stallPods(stalled: boolean): void;
  /** The newest pods crash and start again. */
  crashPods(count: number): void;
};

/** A pod or node that existed before the simulation began has always been ready. */
const always = Number.NEGATIVE_INFINITY;

type State = {
  range: NodeRange;
  nodeReadyAt: number[];
  podCreatedAt: number[];
  replicas: number;
  autoscaler: { minReplicas: number; maxReplicas: number } | null;
  revision: number;
  stalledSince: number | null;
};

/**
 * Everything that was there at the start is ready; what is added takes `nodeStartSeconds` or `podStartSeconds`, and a pod waits for
 * the node that has room for it. As in Kubernetes, an autoscaler leaves a deployment with no replicas alone.
 */
export function createSimulatedCluster(options: ClusterOptions): SimulatedCluster {
  const desired = Math.max(options.nodes.minimum, Math.ceil(options.replicas / options.podsPerNode));
  const state: State = {
    range: { ...options.nodes, desired },
    nodeReadyAt: Array.from({ length: desired }, () => always),
    podCreatedAt: Array.from({ length: options.replicas }, () => always),
    replicas: options.replicas,
    autoscaler: options.autoscaler && { ...options.autoscaler },
    revision: 1,
    stalledSince: null,
  };
  const changed = (): void => {
    state.revision += 1;
    settle(state, options);
  };
  settle(state, options);
  return {
    nodes: () => ({ ...state.range, ready: readyNodes(state, options.elapsedSeconds()) }),
    resizeNodes: (range) => {
      state.range = { ...range };
      changed();
    },
    deployment: () => ({
      replicas: state.replicas,
      readyReplicas: readyPods(state, options),
      resourceVersion: String(state.revision),
    }),
    scaleDeployment: (replicas) => {
      state.replicas = replicas;
      changed();
    },
    autoscaler: () => state.autoscaler && { ...state.autoscaler, resourceVersion: String(state.revision) },
    setAutoscaler: (range) => {
      state.autoscaler = { ...range };
      changed();
    },
    stallPods: (stalled) => {
      state.stalledSince = stalled ? options.elapsedSeconds() : null;
    },
    crashPods: (count) => {
      const kept = state.podCreatedAt.slice(0, Math.max(0, state.podCreatedAt.length - count));
      state.podCreatedAt = kept;
      changed();
    },
  };
}

/** What the controllers do: the autoscaler its minimum, the cluster autoscaler the nodes, the deployment its pods. */
function settle(state: State, options: ClusterOptions): void {
  const now = options.elapsedSeconds();
  if (state.autoscaler && state.replicas > 0) {
    state.replicas = Math.min(Math.max(state.replicas, state.autoscaler.minReplicas), state.autoscaler.maxReplicas);
  }
  const needed = Math.ceil(state.replicas / options.podsPerNode);
  const wanted = Math.max(state.range.minimum, state.range.desired, needed);
  state.range.desired = Math.min(wanted, state.range.maximum);
  state.nodeReadyAt.length = Math.min(state.nodeReadyAt.length, state.range.desired);
  while (state.nodeReadyAt.length < state.range.desired) state.nodeReadyAt.push(now + options.nodeStartSeconds);
  state.podCreatedAt.length = Math.min(state.podCreatedAt.length, state.replicas);
  while (state.podCreatedAt.length < state.replicas) state.podCreatedAt.push(now);
}

function readyNodes(state: State, now: number): number {
  return state.nodeReadyAt.filter((readyAt) => readyAt <= now).length;
}

function readyPods(state: State, options: ClusterOptions): number {
  const now = Math.min(options.elapsedSeconds(), state.stalledSince ?? Number.POSITIVE_INFINITY);
  return state.podCreatedAt.filter((createdAt, place) => {
    const nodeReadyAt = state.nodeReadyAt[Math.floor(place / options.podsPerNode)];
    return nodeReadyAt !== undefined && Math.max(createdAt, nodeReadyAt) + options.podStartSeconds <= now;
  }).length;
}
