// The three Kubernetes objects that a workload's floor is made of, through the official client, which is loaded when first needed.
import { Agent } from 'node:https';
import type { ApiException, Configuration } from '@kubernetes/client-node';
import { CapacityUnavailable } from '../ports/capacity.ts';

/** How to reach a cluster. The cloud's API gives the first two; the token is asked for anew for each request. */
export type KubernetesAccess = {
  /** `https://...`; plain http only to this machine, because the token would travel in clear. */
  server: string;
  /** PEM of the cluster's certificate authority, in base64. Null: the machine's own trust store. */
  certificateAuthority: string | null;
  token(): Promise<string>;
};

export type DeploymentView = { replicas: number; readyReplicas: number; resourceVersion: string };
export type AutoscalerView = { minReplicas: number; maxReplicas: number; resourceVersion: string };

/** `conflict`: somebody changed the object since that `resourceVersion` was read; nothing was changed by this call. */
type PatchResult = 'accepted' | 'conflict';

/** Null means that the cluster says there is none. Every call throws `CapacityUnavailable` when the answer is not known. */
export type KubernetesApi = {
  deployment(namespace: string, name: string): Promise<DeploymentView | null>;
  autoscaler(namespace: string, name: string): Promise<AutoscalerView | null>;
  scaleDeployment(namespace: string, name: string, replicas: number, resourceVersion: string): Promise<PatchResult>;
  setAutoscaler(namespace: string, name: string, range: AutoscalerView): Promise<PatchResult>;
};

/** Loads the client (about a second, once in a process) and binds it to a cluster. Every request ends within `timeoutSeconds`. */
export async function openKubernetes(access: KubernetesAccess, timeoutSeconds: number): Promise<KubernetesApi> {
  const client = await import('@kubernetes/client-node');
  const configuration = configure(client, access, timeoutSeconds);
  const apps = new client.AppsV1Api(configuration);
  const autoscaling = new client.AutoscalingV2Api(configuration);
  const call = caller(client.ApiException, access.server, timeoutSeconds);
  return {
    deployment: async (namespace, name) => {
      const found = await call(`read deployment ${namespace}/${name}`, 404, () =>
        apps.readNamespacedDeployment({ namespace, name }),
      );
      return (
        found && {
          replicas: found.spec?.replicas ?? 1,
          readyReplicas: found.status?.readyReplicas ?? 0,
          resourceVersion: found.metadata?.resourceVersion ?? '',
        }
      );
    },
    autoscaler: async (namespace, name) => {
      const found = await call(`read autoscaler ${namespace}/${name}`, 404, () =>
        autoscaling.readNamespacedHorizontalPodAutoscaler({ namespace, name }),
      );
      return (
        found && {
          minReplicas: found.spec?.minReplicas ?? 1,
          maxReplicas: found.spec?.maxReplicas ?? 1,
          resourceVersion: found.metadata?.resourceVersion ?? '',
        }
      );
    },
    scaleDeployment: async (namespace, name, replicas, resourceVersion) => {
      const body = { metadata: { resourceVersion }, spec: { replicas } };
      const done = await call(`scale deployment ${namespace}/${name} to ${replicas}`, 409, () =>
        apps.patchNamespacedDeploymentScale({ namespace, name, body }),
      );
      return done ? 'accepted' : 'conflict';
    },
    setAutoscaler: async (namespace, name, { minReplicas, maxReplicas, resourceVersion }) => {
      const body = { metadata: { resourceVersion }, spec: { minReplicas, maxReplicas } };
      const done = await call(`set autoscaler ${namespace}/${name} to ${minReplicas}..${maxReplicas}`, 409, () =>
        autoscaling.patchNamespacedHorizontalPodAutoscaler({ namespace, name, body }),
      );
      return done ? 'accepted' : 'conflict';
    },
  };
}

type Client = typeof import('@kubernetes/client-node');

function configure(client: Client, access: KubernetesAccess, timeoutSeconds: number): Configuration {
  const url = new URL(access.server);
  const local = ['[::1]', 'localhost'].includes(url.hostname) || /^127(\.\d+){3}$/.test(url.hostname);
  if (url.protocol !== 'https:' && !local) {
    throw new Error(`the cluster's address ${access.server} is not https: a bearer token must not travel in clear`);
  }
  const authority = access.certificateAuthority;
  const agent = url.protocol === 'https:' ? new Agent(authority ? { ca: Buffer.from(authority, 'base64') } : {}) : null;
  return client.createConfiguration({
    baseServer: new client.ServerConfiguration(access.server.replace(/\/$/, ''), {}),
    authMethods: {
      default: {
        getName: () => 'bearer token of the cloud',
        applySecurityAuthentication: async (context) => {
          context.setHeaderParam('Authorization', `Bearer ${await access.token()}`);
          if (agent) context.setAgent(agent);
        },
      },
    },
    promiseMiddleware: [
      {
        pre: async (context) => {
          context.setSignal(AbortSignal.timeout(timeoutSeconds * 1000));
          // The client's own choice for a patch is JSON Patch; a merge patch names only what changes.
          if (context.getHttpMethod() === 'PATCH') {
            context.setHeaderParam('Content-Type', client.PatchStrategy.MergePatch);
          }
          return context;
        },
        post: async (context) => context,
      },
    ],
  });
}

/** Runs a call; that one status is an answer (null), a 400 or 422 is a mistake to mend, and anything else is not known. */
function caller(Exception: typeof ApiException, server: string, timeoutSeconds: number) {
  return async <T>(what: string, expectedStatus: number, run: () => Promise<T>): Promise<T | null> => {
    try {
      return await run();
    } catch (cause) {
      const status = cause instanceof Exception ? cause.code : null;
      if (status === expectedStatus) return null;
      const said = cause instanceof Exception ? `${status} ${messageOf(cause)}` : String(cause);
      const text = `${what} at ${server}, within ${timeoutSeconds} s: ${said}`;
      if (status === 400 || status === 404 || status === 422) {
        throw new Error(`${text}. The cluster refuses this for good: mend the strategy or the workload`, { cause });
      }
      throw new CapacityUnavailable(`${text}. It may have been done: observe before trying again`, { cause });
    }
  };
}

/** The sentence in a Kubernetes `Status`, which arrives as text, or what the client makes of the status alone. */
function messageOf(cause: ApiException<unknown>): string {
  const text = typeof cause.body === 'string' ? cause.body : '';
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? /^Message: (.*)$/m.exec(cause.message)?.[1] ?? '';
}
