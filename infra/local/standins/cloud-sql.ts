// A stand-in for the Cloud SQL Admin API: one instance, its operations, and promotion of a replica.
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

export type CloudSqlStandinOptions = {
  host: string;
  port: number;
  project: string;
  instance: string;
  role: 'replica' | 'primary';
  promoteSeconds: number;
  /** How long starting and stopping takes. */
  updateSeconds: number;
  elapsedSeconds(): number;
  /** Called when a promotion has been accepted, once for each. */
  onPromote(instance: string): void;
  faults: Faults;
};

export type CloudSqlStandin = HttpServer & {
  /** As the owner's `activationPolicy` says: the setting shows at once, the instance follows. */
  setActivationPolicy(policy: 'ALWAYS' | 'NEVER'): void;
  /** The state that the API shows: RUNNABLE, MAINTENANCE, FAILED, ... */
  setState(state: string): void;
  /** From now on a promotion ends DONE with an error, and the replica stays one. */
  spoilPromotions(): void;
};

type Operation = {
  name: string;
  type: 'PROMOTE_REPLICA' | 'UPDATE';
  doneAt: number;
  failed: boolean;
  settled: boolean;
};
type State = { role: 'replica' | 'primary'; state: string; policy: string; operations: Operation[]; spoiled: boolean };

/** Speaks the REST wire of sqladmin.googleapis.com v1: instances.get, instances.promoteReplica, operations.get, operations.list. */
export async function startCloudSqlStandin(options: CloudSqlStandinOptions): Promise<CloudSqlStandin> {
  const state: State = { role: options.role, state: 'RUNNABLE', policy: 'ALWAYS', operations: [], spoiled: false };
  const begin = (type: Operation['type'], seconds: number): Operation => {
    const name = `operation-${state.operations.length + 1}`;
    const doneAt = options.elapsedSeconds() + seconds;
    const operation = { name, type, doneAt, failed: type === 'PROMOTE_REPLICA' && state.spoiled, settled: false };
    state.operations.unshift(operation);
    return operation;
  };
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    settle(state, options);
    const project = `/v1/projects/${options.project}`;
    const instance = `${project}/instances/${options.instance}`;
    if (request.path === instance) return jsonAnswer(200, view(options, state));
    if (request.path === `${instance}/promoteReplica` && request.method === 'POST') {
      const refusal = refusalOf(options, state);
      if (refusal) return refusal;
      options.onPromote(options.instance);
      return jsonAnswer(200, operationView(options, begin('PROMOTE_REPLICA', options.promoteSeconds)));
    }
    if (request.path === `${project}/operations`) {
      const items = state.operations.map((each) => operationView(options, each));
      return jsonAnswer(200, { kind: 'sql#operationsList', items });
    }
    const operation = state.operations.find((each) => request.path === `${project}/operations/${each.name}`);
    if (operation) return jsonAnswer(200, operationView(options, operation));
    return googleFailure(404, 'NOT_FOUND', `The Cloud SQL resource does not exist: ${request.path}`);
  };
  const refuse = (status: number, code: string) => googleFailure(status, code, `injected: ${code}`);
  const server = await startHttp(withFaults(handle, options.faults, refuse), options);
  return {
    ...server,
    setActivationPolicy: (policy) => {
      state.policy = policy;
      begin('UPDATE', options.updateSeconds);
    },
    setState: (next) => {
      state.state = next;
    },
    spoilPromotions: () => {
      state.spoiled = true;
    },
  };
}

function settle(state: State, options: CloudSqlStandinOptions): void {
  for (const operation of state.operations) {
    if (operation.settled || options.elapsedSeconds() < operation.doneAt) continue;
    operation.settled = true;
    if (operation.type === 'PROMOTE_REPLICA' && !operation.failed) state.role = 'primary';
  }
}

function refusalOf(options: CloudSqlStandinOptions, state: State): HttpAnswer | null {
  if (state.operations.some((each) => !each.settled)) {
    const message = 'Operation failed because another operation was already in progress.';
    // The service names no google.rpc status here, only a reason.
    return jsonAnswer(409, {
      error: { code: 409, message, errors: [{ domain: 'global', reason: 'operationInProgress' }] },
    });
  }
  if (state.role === 'replica') return null;
  return googleFailure(400, 'INVALID_ARGUMENT', `The instance ${options.instance} is not a read replica.`);
}

function view(options: CloudSqlStandinOptions, state: State): Record<string, unknown> {
  return {
    kind: 'sql#instance',
    project: options.project,
    name: options.instance,
    state: state.state,
    databaseVersion: 'POSTGRES_17',
    instanceType: state.role === 'replica' ? 'READ_REPLICA_INSTANCE' : 'CLOUD_SQL_INSTANCE',
    ...(state.role === 'replica' ? { masterInstanceName: `${options.project}:primary` } : {}),
    settings: { activationPolicy: state.policy, settingsVersion: '1' },
  };
}

function operationView(options: CloudSqlStandinOptions, operation: Operation): Record<string, unknown> {
  const failed = operation.settled && operation.failed;
  const errors = [{ kind: 'sql#operationError', code: 'INTERNAL_ERROR', message: 'the replica could not be detached' }];
  return {
    kind: 'sql#operation',
    name: operation.name,
    operationType: operation.type,
    status: operation.settled ? 'DONE' : 'RUNNING',
    targetId: options.instance,
    targetProject: options.project,
    ...(failed ? { error: { kind: 'sql#operationErrors', errors } } : {}),
  };
}
