// A stand-in for the GKE API: one cluster with one node pool, over a simulated cluster.
import type { SimulatedCluster } from './cluster.ts';
import { googleFailure } from './google-failure.ts';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  jsonAnswer,
  startHttp,
  withFaults,
} from './http.ts';

export type GkeStandinOptions = {
  host: string;
  port: number;
  cluster: SimulatedCluster;
  /** `projects/p/locations/l`. */
  parent: string;
  clusterName: string;
  nodePool: string;
  /** The pool's zones: with `limits: 'zone'` every limit counts once for each. */
  zones: string[];
  /** Whether the pool's limits are per zone (`minNodeCount`), for the whole pool (`totalMinNodeCount`), or absent. */
  limits: 'zone' | 'total' | 'none';
  kubernetes: { url: string; certificateAuthority: string };
  /** How long an accepted operation runs; one cluster runs one at a time. */
  operationSeconds: number;
  elapsedSeconds(): number;
  faults: Faults;
};

type State = { operation: { name: string; doneAt: number } | null; count: number };
type Autoscaling = {
  enabled?: boolean;
  minNodeCount?: number;
  maxNodeCount?: number;
  totalMinNodeCount?: number;
  totalMaxNodeCount?: number;
};

/** Speaks the REST wire of container.googleapis.com v1: clusters.get, nodePools.get, nodePools.setAutoscaling. */
export async function startGkeStandin(options: GkeStandinOptions): Promise<HttpServer> {
  const state: State = { operation: null, count: 0 };
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    const cluster = `/v1/${options.parent}/clusters/${options.clusterName}`;
    const pool = `${cluster}/nodePools/${options.nodePool}`;
    if (request.path === cluster) return getCluster(options, state);
    if (request.path === pool) return jsonAnswer(200, poolOf(options, state));
    if (request.path === `${pool}:setAutoscaling` && request.method === 'POST') {
      return setAutoscaling(options, state, request);
    }
    return googleFailure(404, 'NOT_FOUND', `Not found: ${request.path.replace('/v1/', '')}.`);
  };
  const refuse = (status: number, code: string) => googleFailure(status, code, `injected: ${code}`);
  return startHttp(withFaults(handle, options.faults, refuse), options);
}

function getCluster(options: GkeStandinOptions, state: State): HttpAnswer {
  return jsonAnswer(200, {
    name: options.clusterName,
    endpoint: options.kubernetes.url,
    masterAuth: { clusterCaCertificate: options.kubernetes.certificateAuthority },
    status: busy(options, state) ? 'RECONCILING' : 'RUNNING',
    locations: options.zones,
  });
}

function poolOf(options: GkeStandinOptions, state: State): Record<string, unknown> {
  const { minimum, maximum } = options.cluster.nodes();
  const zones = options.zones.length;
  const autoscaling: Record<GkeStandinOptions['limits'], Autoscaling> = {
    none: {},
    total: { enabled: true, totalMinNodeCount: minimum, totalMaxNodeCount: maximum },
    zone: { enabled: true, minNodeCount: Math.floor(minimum / zones), maxNodeCount: Math.floor(maximum / zones) },
  };
  return {
    name: options.nodePool,
    initialNodeCount: Math.ceil(minimum / zones),
    locations: options.zones,
    autoscaling: autoscaling[options.limits],
    status: busy(options, state) ? 'RECONCILING' : 'RUNNING',
  };
}

function setAutoscaling(options: GkeStandinOptions, state: State, request: HttpRequest): HttpAnswer {
  if (busy(options, state)) {
    const text = `Operation ${state.operation?.name} is currently updating cluster ${options.clusterName}. Please wait and try again once it is done.`;
    return googleFailure(400, 'FAILED_PRECONDITION', text);
  }
  const body: { autoscaling?: Autoscaling } = JSON.parse(request.body.toString());
  const { minNodeCount, maxNodeCount, totalMinNodeCount, totalMaxNodeCount } = body.autoscaling ?? {};
  if (minNodeCount && totalMinNodeCount) {
    return googleFailure(400, 'INVALID_ARGUMENT', 'cannot set both per-zone and total node limits');
  }
  const zones = options.zones.length;
  const minimum = totalMinNodeCount || (minNodeCount ?? 0) * zones;
  const maximum = totalMaxNodeCount || (maxNodeCount ?? 0) * zones;
  if (minimum > maximum) return googleFailure(400, 'INVALID_ARGUMENT', 'min node count must not exceed the maximum');
  options.cluster.resizeNodes({ ...options.cluster.nodes(), minimum, maximum });
  state.count += 1;
  state.operation = {
    name: `operation-${state.count}`,
    doneAt: options.elapsedSeconds() + options.operationSeconds,
  };
  return jsonAnswer(200, { name: state.operation.name, operationType: 'SET_NODE_POOL_SIZE', status: 'RUNNING' });
}

function busy(options: GkeStandinOptions, state: State): boolean {
  return state.operation !== null && options.elapsedSeconds() < state.operation.doneAt;
}
