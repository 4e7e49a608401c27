// A stand-in for a cluster's Kubernetes API: one deployment, its scale, and its horizontal pod autoscaler.
import type { SimulatedCluster } from './cluster.ts';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  headerOf,
  jsonAnswer,
  startHttp,
  withFaults,
} from './http.ts';

export type KubernetesStandinOptions = {
  host: string;
  port: number;
  cluster: SimulatedCluster;
  namespace: string;
  deployment: string;
  /** Null: the cluster has no autoscaler for it, and its path answers 404. */
  autoscaler: string | null;
  /** Whether a bearer token is let in; null when none was sent. */
  authorize(token: string | null): boolean;
  faults: Faults;
};

const mergePatchTypes = ['application/merge-patch+json', 'application/strategic-merge-patch+json'];

/**
 * Speaks the REST wire of Kubernetes 1.2x: GET of the deployment, GET and PATCH of its `scale` and of the autoscaler (autoscaling/v2).
 * A patch that names another `resourceVersion` than the stored one is answered 409, a minimum above the maximum 422.
 */
export async function startKubernetesStandin(options: KubernetesStandinOptions): Promise<HttpServer> {
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    const token = headerOf(request, 'authorization')?.replace(/^Bearer /, '') ?? null;
    if (!options.authorize(token)) return failure(401, 'Unauthorized', 'Unauthorized');
    const deployments = `/apis/apps/v1/namespaces/${options.namespace}/deployments/${options.deployment}`;
    const autoscalers = `/apis/autoscaling/v2/namespaces/${options.namespace}/horizontalpodautoscalers`;
    if (request.path === deployments && request.method === 'GET') return deployment(options);
    if (request.path === `${deployments}/scale`) return scale(options, request);
    if (options.autoscaler !== null && request.path === `${autoscalers}/${options.autoscaler}`) {
      return autoscaler(options, request);
    }
    return failure(404, 'NotFound', `${request.path.split('/').at(-1)} not found`);
  };
  const refuse = (status: number, code: string) => failure(status, code, `injected: ${code}`);
  return startHttp(withFaults(handle, options.faults, refuse), options);
}

function deployment(options: KubernetesStandinOptions): HttpAnswer {
  const { replicas, readyReplicas, resourceVersion } = options.cluster.deployment();
  return jsonAnswer(200, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: options.deployment, namespace: options.namespace, resourceVersion },
    spec: { replicas },
    // Kubernetes leaves the count out when it is 0.
    status: { replicas, ...(readyReplicas > 0 ? { readyReplicas } : {}) },
  });
}

function scale(options: KubernetesStandinOptions, request: HttpRequest): HttpAnswer {
  if (request.method === 'PATCH') {
    const patch = readPatch(request, options.cluster.deployment().resourceVersion);
    if ('status' in patch) return patch;
    const replicas = patch.spec.replicas;
    if (typeof replicas !== 'number' || replicas < 0) return failure(422, 'Invalid', 'spec.replicas: Invalid value');
    options.cluster.scaleDeployment(replicas);
  }
  const { replicas, resourceVersion } = options.cluster.deployment();
  return jsonAnswer(200, {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: options.deployment, namespace: options.namespace, resourceVersion },
    spec: { replicas },
    status: { replicas },
  });
}

function autoscaler(options: KubernetesStandinOptions, request: HttpRequest): HttpAnswer {
  const stored = options.cluster.autoscaler();
  if (stored === null) return failure(404, 'NotFound', `horizontalpodautoscalers "${options.autoscaler}" not found`);
  if (request.method === 'PATCH') {
    const patch = readPatch(request, stored.resourceVersion);
    if ('status' in patch) return patch;
    const minReplicas = patch.spec.minReplicas ?? stored.minReplicas;
    const maxReplicas = patch.spec.maxReplicas ?? stored.maxReplicas;
    if (minReplicas > maxReplicas) {
      return failure(422, 'Invalid', 'spec.maxReplicas: must be greater than or equal to `minReplicas`');
    }
    options.cluster.setAutoscaler({ minReplicas, maxReplicas });
  }
  const { minReplicas, maxReplicas, resourceVersion } = options.cluster.autoscaler() ?? stored;
  const current = options.cluster.deployment().replicas;
  return jsonAnswer(200, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: options.autoscaler, namespace: options.namespace, resourceVersion },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: options.deployment },
      minReplicas,
      maxReplicas,
    },
    status: { currentReplicas: current, desiredReplicas: current, conditions: [], currentMetrics: null },
  });
}

type Patch = { spec: { replicas?: number; minReplicas?: number; maxReplicas?: number } };

function readPatch(request: HttpRequest, storedVersion: string): Patch | HttpAnswer {
  const type = headerOf(request, 'content-type') ?? '';
  if (!mergePatchTypes.some((known) => type.startsWith(known))) {
    return failure(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - ${type}`);
  }
  const body: { metadata?: { resourceVersion?: string }; spec?: Patch['spec'] } = JSON.parse(request.body.toString());
  const named = body.metadata?.resourceVersion;
  if (named !== undefined && named !== storedVersion) {
    return failure(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version');
  }
  return { spec: body.spec ?? {} };
}

function failure(code: number, reason: string, message: string): HttpAnswer {
  return jsonAnswer(code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
}
