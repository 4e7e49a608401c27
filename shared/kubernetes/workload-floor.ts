// A workload's floor: the autoscaler's minReplicas, or the deployment's replicas where there is no autoscaler.
import { CapacityUnavailable } from '../ports/capacity.ts';
import type { AutoscalerView, DeploymentView, KubernetesApi } from './kubernetes-api.ts';

type Workload = {
  namespace: string;
  deployment: string;
  /** Null: no autoscaler, so the deployment's replicas are the floor. */
  autoscaler: string | null;
};

type FloorState = { replicaFloor: number; readyReplicas: number };

export type WorkloadFloor = {
  observe(): Promise<FloorState>;
  raise(replicas: number): Promise<void>;
};

export type WorkloadFloorOptions = {
  /** Opens the cluster's API; called again after a failure, because endpoints and authorities change. */
  open(): Promise<KubernetesApi>;
  workload: Workload;
  /** Told when more than the floor had to be changed, in a sentence. */
  say(sentence: string): void;
};

/** How often a patch is tried when others change the same object meanwhile. */
const maxTries = 5;

/**
 * Throws `CapacityUnavailable` when the answer is not known, and a plain error when the deployment does not exist. An autoscaler that is
 * named but not there counts as none. An autoscaler leaves a deployment with 0 replicas alone, so its floor is then 0.
 */
export function createWorkloadFloor(options: WorkloadFloorOptions): WorkloadFloor {
  let opened: Promise<KubernetesApi> | null = null;
  const use = async <T>(run: (api: KubernetesApi) => Promise<T>): Promise<T> => {
    opened ??= options.open();
    try {
      return await run(await opened);
    } catch (error) {
      opened = null;
      throw error;
    }
  };
  return {
    observe: () => use((api) => observe(api, options.workload)),
    raise: (replicas) => use((api) => raise(api, options, replicas)),
  };
}

async function observe(api: KubernetesApi, workload: Workload): Promise<FloorState> {
  const [deployment, autoscaler] = await read(api, workload);
  const { replicas, readyReplicas } = deployment;
  return { replicaFloor: autoscaler && replicas > 0 ? autoscaler.minReplicas : replicas, readyReplicas };
}

async function raise(api: KubernetesApi, options: WorkloadFloorOptions, replicas: number): Promise<void> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const [deployment, autoscaler] = await read(api, options.workload);
    if (autoscaler && (await raiseAutoscaler(api, options, autoscaler, replicas)) === 'conflict') continue;
    if ((await raiseDeployment(api, options.workload, deployment, replicas, autoscaler)) === 'conflict') continue;
    return;
  }
  const { namespace, deployment } = options.workload;
  throw new CapacityUnavailable(
    `tried ${maxTries} times to raise ${namespace}/${deployment} to ${replicas} replicas, and each time somebody else had changed it; try again`,
  );
}

async function raiseAutoscaler(
  api: KubernetesApi,
  { workload, say }: WorkloadFloorOptions,
  current: AutoscalerView,
  replicas: number,
): Promise<'accepted' | 'conflict' | 'enough'> {
  if (workload.autoscaler === null || current.minReplicas >= replicas) return 'enough';
  const maxReplicas = Math.max(current.maxReplicas, replicas);
  const result = await api.setAutoscaler(workload.namespace, workload.autoscaler, {
    ...current,
    minReplicas: replicas,
    maxReplicas,
  });
  if (result === 'accepted' && maxReplicas > current.maxReplicas) {
    say(`raised maxReplicas of ${workload.autoscaler} from ${current.maxReplicas} to ${maxReplicas}, to make room`);
  }
  return result;
}

/** Also with an autoscaler: it would take its next round to follow, and leaves a deployment with 0 replicas alone for good. */
async function raiseDeployment(
  api: KubernetesApi,
  workload: Workload,
  current: DeploymentView,
  replicas: number,
  autoscaler: AutoscalerView | null,
): Promise<'accepted' | 'conflict' | 'enough'> {
  if (current.replicas >= replicas) return 'enough';
  const fresh = autoscaler ? await readDeployment(api, workload) : current;
  if (fresh.replicas >= replicas) return 'enough';
  return api.scaleDeployment(workload.namespace, workload.deployment, replicas, fresh.resourceVersion);
}

async function read(api: KubernetesApi, workload: Workload): Promise<[DeploymentView, AutoscalerView | null]> {
  const { namespace, autoscaler } = workload;
  return Promise.all([
    readDeployment(api, workload),
    autoscaler === null ? Promise.resolve(null) : api.autoscaler(namespace, autoscaler),
  ]);
}

async function readDeployment(api: KubernetesApi, workload: Workload): Promise<DeploymentView> {
  const found = await api.deployment(workload.namespace, workload.deployment);
  if (!found) {
    throw new Error(
      `the cluster has no deployment ${workload.namespace}/${workload.deployment}: correct the cluster's entry in the strategy`,
    );
  }
  return found;
}
