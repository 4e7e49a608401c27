// A stand-in for the EKS API: one cluster with one managed node group, over a simulated cluster.
import type { SimulatedCluster } from './cluster.ts';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  jsonAnswer,
  startHttp,
  withFaults,
} from './http.ts';

export type EksStandinOptions = {
  host: string;
  port: number;
  cluster: SimulatedCluster;
  clusterName: string;
  nodegroupName: string;
  /** Where the cluster's Kubernetes API is, and its certificate authority (base64 of PEM). */
  kubernetes: { url: string; certificateAuthority: string };
  /** How long an accepted update stays in progress. */
  updateSeconds: number;
  elapsedSeconds(): number;
  faults: Faults;
};

type Update = { id: string; doneAt: number };
type Scaling = { minSize?: number; maxSize?: number; desiredSize?: number };
type State = { revision: number; latest: Update | null; byToken: Map<string, Update> };

/**
 * Speaks the REST JSON wire of EKS: DescribeCluster, DescribeNodegroup, UpdateNodegroupConfig, DescribeUpdate. As the service does, it
 * refuses a minimum above the desired size, and a second update while one is in progress.
 */
export async function startEksStandin(options: EksStandinOptions): Promise<HttpServer> {
  const state: State = { revision: 0, latest: null, byToken: new Map() };
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    const cluster = `/clusters/${options.clusterName}`;
    const nodegroup = `${cluster}/node-groups/${options.nodegroupName}`;
    if (request.path === cluster) return describeCluster(options);
    if (request.path === nodegroup) return describeNodegroup(options, state);
    if (request.path === `${nodegroup}/update-config` && request.method === 'POST') {
      return update(options, state, request);
    }
    if (request.path.startsWith(`${cluster}/updates/`)) return describeUpdate(options, state, request);
    return failure(404, 'ResourceNotFoundException', `No such resource: ${request.path}`);
  };
  const refuse = (status: number, code: string) => failure(status, code, `injected: ${code}`);
  return startHttp(withFaults(handle, options.faults, refuse), options);
}

function describeCluster(options: EksStandinOptions): HttpAnswer {
  const { url, certificateAuthority } = options.kubernetes;
  return jsonAnswer(200, {
    cluster: {
      name: options.clusterName,
      arn: `arn:aws:eks:us-east-1:123456789012:cluster/${options.clusterName}`,
      endpoint: url,
      certificateAuthority: { data: certificateAuthority },
      status: 'ACTIVE',
      version: '1.33',
    },
  });
}

function describeNodegroup(options: EksStandinOptions, state: State): HttpAnswer {
  const { minimum, maximum, desired } = options.cluster.nodes();
  return jsonAnswer(200, {
    nodegroup: {
      nodegroupName: options.nodegroupName,
      clusterName: options.clusterName,
      status: inProgress(options, state) ? 'UPDATING' : 'ACTIVE',
      // The real field is a time; it serves here as there to tell one configuration from the next.
      modifiedAt: 1_700_000_000 + state.revision,
      scalingConfig: { minSize: minimum, maxSize: maximum, desiredSize: desired },
    },
  });
}

function update(options: EksStandinOptions, state: State, request: HttpRequest): HttpAnswer {
  const body: { scalingConfig?: Scaling; clientRequestToken?: string } = JSON.parse(request.body.toString());
  const known = body.clientRequestToken === undefined ? undefined : state.byToken.get(body.clientRequestToken);
  if (known !== undefined) return updateAnswer(options, known);
  if (inProgress(options, state)) {
    return failure(409, 'ResourceInUseException', 'Nodegroup cannot be updated as it is currently not in Active State');
  }
  const range = { ...options.cluster.nodes() };
  const minimum = body.scalingConfig?.minSize ?? range.minimum;
  const maximum = body.scalingConfig?.maxSize ?? range.maximum;
  const desired = body.scalingConfig?.desiredSize ?? range.desired;
  if (minimum > desired) {
    return invalid(`Minimum capacity ${minimum} can't be greater than desired size ${desired}`);
  }
  if (desired > maximum) return invalid(`desired capacity ${desired} can't be greater than max size ${maximum}`);
  options.cluster.resizeNodes({ minimum, maximum, desired });
  state.revision += 1;
  state.latest = { id: `update-${state.revision}`, doneAt: options.elapsedSeconds() + options.updateSeconds };
  if (body.clientRequestToken !== undefined) state.byToken.set(body.clientRequestToken, state.latest);
  return updateAnswer(options, state.latest);
}

function describeUpdate(options: EksStandinOptions, state: State, request: HttpRequest): HttpAnswer {
  const id = request.path.split('/').at(-1);
  const found = [...state.byToken.values(), state.latest].find((entry) => entry?.id === id);
  return found ? updateAnswer(options, found) : failure(404, 'ResourceNotFoundException', `No update found: ${id}`);
}

function updateAnswer(options: EksStandinOptions, entry: Update): HttpAnswer {
  const status = options.elapsedSeconds() >= entry.doneAt ? 'Successful' : 'InProgress';
  return jsonAnswer(200, { update: { id: entry.id, status, type: 'ConfigUpdate', params: [], errors: [] } });
}

function inProgress(options: EksStandinOptions, state: State): boolean {
  return state.latest !== null && options.elapsedSeconds() < state.latest.doneAt;
}

function invalid(message: string): HttpAnswer {
  return failure(400, 'InvalidParameterException', message);
}

function failure(status: number, code: string, message: string): HttpAnswer {
  return jsonAnswer(status, { message }, { 'x-amzn-errortype': code });
}
