// Capacity on EKS: the managed node group's minimum through the EKS API, and the workload's floor through the cluster's own.
import { createHash } from 'node:crypto';
import {
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  type EKSClient,
  type Nodegroup,
  UpdateNodegroupConfigCommand,
} from '@aws-sdk/client-eks';
import { openKubernetes } from '../../shared/kubernetes/kubernetes-api.ts';
import { raiseBoth } from '../../shared/kubernetes/raise-both.ts';
import { createWorkloadFloor } from '../../shared/kubernetes/workload-floor.ts';
import type { Cluster } from '../../shared/model/strategy.ts';
import { type Capacity, CapacityUnavailable } from '../../shared/ports/capacity.ts';
import { AwsRefused, AwsUnknown, callAws } from './aws-call.ts';
import { signEksToken } from './eks-token.ts';

export type EksCapacityOptions = {
  client: EKSClient;
  cluster: Cluster;
  /** For each call. */
  timeoutSeconds: number;
  now(): Date;
  /** Told when more than the minimum had to be changed, in a sentence. */
  say(sentence: string): void;
};

/**
 * The client's own retries may stay on: every call is idempotent. Throws `CapacityUnavailable` when the answer is not known or when
 * the node group is busy with another update; a plain error when the API refuses for good (no such cluster, not allowed).
 */
export function createEksCapacity(options: EksCapacityOptions): Capacity {
  const floor = createWorkloadFloor({
    open: () => openCluster(options),
    workload: options.cluster,
    say: options.say,
  });
  return {
    observe: async () => {
      const [nodegroup, workload] = await Promise.all([describe(options), floor.observe()]);
      return {
        nodeMinimum: nodegroup.scalingConfig?.minSize ?? 0,
        ...workload,
        updating: nodegroup.status === 'UPDATING',
      };
    },
    raise: ({ replicas, nodes }) =>
      raiseBoth({ nodes: () => raiseNodes(options, nodes), workload: () => floor.raise(replicas) }),
  };
}

async function openCluster(options: EksCapacityOptions) {
  const { client, cluster, now, timeoutSeconds } = options;
  const answer = await ask(`describe EKS cluster ${cluster.name}`, options, (signal) =>
    client.send(new DescribeClusterCommand({ name: cluster.name }), signal),
  );
  const server = answer.cluster?.endpoint;
  if (!server) throw new CapacityUnavailable(`EKS cluster ${cluster.name} has no endpoint yet; try again`);
  const access = {
    server,
    certificateAuthority: answer.cluster?.certificateAuthority?.data ?? null,
    token: () => signEksToken(client, cluster.name, now()),
  };
  return openKubernetes(access, timeoutSeconds);
}

async function describe(options: EksCapacityOptions): Promise<Nodegroup> {
  const { client, cluster } = options;
  const answer = await ask(`describe node group ${cluster.name}/${cluster.nodePool}`, options, (signal) =>
    client.send(new DescribeNodegroupCommand({ clusterName: cluster.name, nodegroupName: cluster.nodePool }), signal),
  );
  if (!answer.nodegroup) throw new CapacityUnavailable(`EKS named no node group ${cluster.name}/${cluster.nodePool}`);
  return answer.nodegroup;
}

/**
 * Raises minSize, and maxSize when it is too small. desiredSize belongs to the cluster's autoscaler, and is touched only where EKS would
 * refuse otherwise ("Minimum capacity 8 can't be greater than desired size 4").
 */
async function raiseNodes(options: EksCapacityOptions, nodes: number): Promise<void> {
  const { client, cluster, say } = options;
  const nodegroup = await describe(options);
  const { minSize = 0, maxSize = 0, desiredSize = 0 } = nodegroup.scalingConfig ?? {};
  if (minSize >= nodes) return;
  const scalingConfig = {
    minSize: nodes,
    ...(maxSize < nodes ? { maxSize: nodes } : {}),
    ...(desiredSize < nodes ? { desiredSize: nodes } : {}),
  };
  const command = new UpdateNodegroupConfigCommand({
    clusterName: cluster.name,
    nodegroupName: cluster.nodePool,
    scalingConfig,
    clientRequestToken: requestToken(options, nodegroup, nodes),
  });
  const name = `${cluster.name}/${cluster.nodePool}`;
  await ask(`raise node group ${name} from ${minSize} to ${nodes} nodes`, options, (signal) =>
    client.send(command, signal),
  );
  if (maxSize < nodes) say(`raised maxSize of node group ${name} from ${maxSize} to ${nodes}, to make room`);
}

/** The same wish on the same configuration is the same request; after any change of the group it is a new one. */
function requestToken({ cluster }: EksCapacityOptions, nodegroup: Nodegroup, nodes: number): string {
  const { minSize, maxSize, desiredSize } = nodegroup.scalingConfig ?? {};
  const basis = [
    cluster.name,
    cluster.nodePool,
    nodegroup.modifiedAt?.toISOString(),
    minSize,
    maxSize,
    desiredSize,
    nodes,
  ];
  return createHash('sha256').update(JSON.stringify(basis)).digest('hex').slice(0, 64);
}

async function ask<T>(
  what: string,
  options: EksCapacityOptions,
  send: (signal: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  try {
    return await callAws(what, options.timeoutSeconds, send);
  } catch (cause) {
    if (cause instanceof AwsUnknown) {
      throw new CapacityUnavailable(`${cause.message}. It may have been done: observe before trying again`, { cause });
    }
    if (cause instanceof AwsRefused && cause.code === 'ResourceInUseException') {
      throw new CapacityUnavailable(`${cause.message}. Another update is under way: try again when it is done`, {
        cause,
      });
    }
    throw cause;
  }
}
