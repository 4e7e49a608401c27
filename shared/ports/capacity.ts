// A site's cluster: how many replicas it is sure to run, and how many are ready.

export type CapacityState = {
  /** The node pool's minimum size, as the cloud's API says. */
  nodeMinimum: number;
  /** The workload's floor: the autoscaler's minReplicas, or the deployment's replicas. */
  replicaFloor: number;
  /** Replicas that pass their readiness check now. */
  readyReplicas: number;
  /** True while the cloud says that an update of the node pool is under way. */
  updating: boolean;
};

/** Throws `CapacityUnavailable` when the answer is not known. */
export type Capacity = {
  observe(): Promise<CapacityState>;
  /** Raises node minimum and workload floor to at least these; never lowers. Returns when the APIs have accepted. */
  raise(floor: { replicas: number; nodes: number }): Promise<void>;
};

export class CapacityUnavailable extends Error {
  override readonly name = 'CapacityUnavailable';
}
