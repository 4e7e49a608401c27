// A managed database on Cloud SQL: what state its API shows, and promotion of a replica with its long-running operation.
import type { protos, SqlInstancesServiceClient, SqlOperationsServiceClient } from '@google-cloud/sql';
import {
  type InstanceState,
  type ManagedDatabase,
  ManagedDatabaseUnavailable,
  type Operation,
} from '../../shared/ports/managed-database.ts';
import { callGoogle, GoogleCallFailed, type GoogleEndpoint, once, restClientOptions } from './google-call.ts';

export type CloudSqlClients = {
  instances: SqlInstancesServiceClient;
  operations: SqlOperationsServiceClient;
};

export type CloudSqlDatabaseOptions = {
  /** Opens the clients when first needed: they are far too heavy to load up front. `openCloudSqlClients` makes them. */
  connect(): Promise<CloudSqlClients>;
  /** `project/instance`. */
  instance: string;
  /** For each call. */
  timeoutSeconds: number;
};

/** Loads @google-cloud/sql (a third of a second) and makes REST clients of it. */
export async function openCloudSqlClients(endpoint: GoogleEndpoint): Promise<CloudSqlClients> {
  const sql = await import('@google-cloud/sql');
  // Bundled, a CommonJS package shows only its default export.
  const { SqlInstancesServiceClient: Instances, SqlOperationsServiceClient: Operations } = sql.default ?? sql;
  const options = restClientOptions(endpoint);
  return { instances: new Instances(options), operations: new Operations(options) };
}

type Row = protos.google.cloud.sql.v1.IOperation;
type Ask = <T>(what: string, run: (clients: CloudSqlClients) => Promise<T>) => Promise<T>;
type Place = { project: string; instance: string };

/** The id of a promotion that had ended before it was asked for. */
const alreadyPromoted = 'already-promoted';

/**
 * Promotes without `failover`, so that the old primary is not touched: keeping it from writing is the business of the lease. Throws
 * `ManagedDatabaseUnavailable` when the answer is not known, and a plain error when the API refuses for good.
 */
export function createCloudSqlDatabase(options: CloudSqlDatabaseOptions): ManagedDatabase {
  const place = placeOf(options.instance);
  const connected = once(options.connect);
  const ask: Ask = async (what, run) => {
    // Loading the clients is outside the deadline: a cold start is not an unanswered call.
    const clients = await connected();
    return translate(() => callGoogle(what, options.timeoutSeconds, () => run(clients)));
  };
  return {
    state: () => readState(ask, place),
    promote: () => promote(ask, place),
    operation: async (id) => {
      if (id === alreadyPromoted) return promotedOr(await readState(ask, place), place);
      const [row] = await ask(`get Cloud SQL operation ${id}`, ({ operations }) =>
        operations.get({ project: place.project, operation: id }),
      );
      return operationOf(row);
    },
  };
}

function placeOf(name: string): Place {
  const [project, instance, ...rest] = name.split('/');
  if (!project || !instance || rest.length > 0) {
    throw new Error(`"${name}" does not name a Cloud SQL instance; write project/instance`);
  }
  return { project, instance };
}

/**
 * A stopped instance still shows RUNNABLE; its activation policy NEVER is the owner's wish, true only when no operation is left that
 * has yet to carry it out.
 */
async function readState(ask: Ask, place: Place): Promise<InstanceState> {
  const [found] = await ask(`get Cloud SQL instance ${place.instance}`, ({ instances }) => instances.get(place));
  const word = String(found.state);
  const role = roles[String(found.instanceType)] ?? 'unknown';
  if (word !== 'RUNNABLE') return { status: statuses[word] ?? 'changing', providerStatus: word, role };
  if (String(found.settings?.activationPolicy) !== 'NEVER') return { status: 'running', providerStatus: word, role };
  const busy = (await unfinished(ask, place)).length > 0;
  const providerStatus = `RUNNABLE, activationPolicy NEVER${busy ? ', operation under way' : ''}`;
  return { status: busy ? 'changing' : 'stopped', providerStatus, role };
}

const roles: Record<string, InstanceState['role']> = {
  CLOUD_SQL_INSTANCE: 'primary',
  READ_REPLICA_INSTANCE: 'replica',
};

const statuses: Record<string, InstanceState['status']> = {
  SUSPENDED: 'failed',
  FAILED: 'failed',
  PENDING_DELETE: 'failed',
};

async function promote(ask: Ask, place: Place): Promise<Operation> {
  const state = await readState(ask, place);
  if (state.role !== 'replica') return promotedOr(state, place);
  const before = await underWay(ask, place);
  if (before) return before;
  try {
    const [row] = await ask(`promote Cloud SQL replica ${place.instance}`, ({ instances }) =>
      instances.promoteReplica(place),
    );
    return operationOf(row);
  } catch (error) {
    // Another keeper may have begun the same promotion between our look and our call.
    const other = error instanceof ManagedDatabaseUnavailable ? await underWay(ask, place) : null;
    if (other) return other;
    throw error;
  }
}

function promotedOr(state: InstanceState, place: Place): Operation {
  const shown = `Cloud SQL shows ${place.instance} as ${state.providerStatus} and a ${state.role}`;
  return { id: alreadyPromoted, state: state.role === 'primary' ? 'done' : 'failed', message: shown };
}

async function underWay(ask: Ask, place: Place): Promise<Operation | null> {
  const rows = await unfinished(ask, place);
  const promotion = rows.find((row) => String(row.operationType) === 'PROMOTE_REPLICA');
  return promotion ? operationOf(promotion) : null;
}

/** The newest come first, and an instance carries out one at a time, so the first page holds all that are not done. */
async function unfinished(ask: Ask, place: Place): Promise<Row[]> {
  const [answer] = await ask(`list Cloud SQL operations of ${place.instance}`, ({ operations }) =>
    operations.list({ ...place, maxResults: 50 }),
  );
  return (answer.items ?? []).filter((row) => String(row.status) !== 'DONE');
}

function operationOf(row: Row): Operation {
  const id = row.name ?? '';
  const errors = (row.error?.errors ?? []).map((each) => `${each.code}: ${each.message}`);
  if (String(row.status) !== 'DONE') return { id, state: 'running', message: `Cloud SQL says ${String(row.status)}` };
  if (errors.length > 0) return { id, state: 'failed', message: `Cloud SQL ended it with ${errors.join('; ')}` };
  return { id, state: 'done', message: null };
}

async function translate<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (!(cause instanceof GoogleCallFailed) || cause.final) throw cause;
    throw new ManagedDatabaseUnavailable(`${cause.message}. It may have been done: look before trying again`, {
      cause,
    });
  }
}
