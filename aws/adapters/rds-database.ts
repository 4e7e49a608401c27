// A managed database on RDS: what state its API shows, and promotion of a read replica.
import {
  type DBInstance,
  DescribeDBInstancesCommand,
  PromoteReadReplicaCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import {
  type InstanceState,
  type ManagedDatabase,
  ManagedDatabaseUnavailable,
  type Operation,
} from '../../shared/ports/managed-database.ts';
import { AwsRefused, AwsUnknown, callAws } from './aws-call.ts';
import { statusOf } from './rds-status.ts';

export type RdsDatabaseOptions = {
  client: RDSClient;
  /** The DB instance identifier. */
  instance: string;
  /** For each call. */
  timeoutSeconds: number;
  /**
   * RDS has no operation to ask about, only the instance's state, which may lag behind. An instance that still shows as an available
   * replica this long after its promotion was accepted was not promoted.
   */
  settleSeconds: number;
  now(): Date;
};

/**
 * PromoteReadReplica is for DB instances, not for Aurora clusters. Throws `ManagedDatabaseUnavailable` when the answer is not known,
 * and a plain error when the API refuses for good (no such instance, not allowed).
 */
export function createRdsDatabase(options: RdsDatabaseOptions): ManagedDatabase {
  return {
    state: async () => stateOf(await describe(options)),
    promote: () => promote(options),
    operation: async (id) => progress(options, await describe(options), startOf(id)),
  };
}

async function promote(options: RdsDatabaseOptions): Promise<Operation> {
  const { client, instance, now } = options;
  const startedAt = now();
  const before = await describe(options);
  if (stateOf(before).role === 'primary') return progress(options, before, startedAt);
  try {
    await ask(`promote read replica ${instance}`, options, (signal) =>
      client.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: instance }), signal),
    );
    return {
      id: idOf(instance, startedAt),
      state: 'running',
      message: `RDS has accepted the promotion of ${instance}`,
    };
  } catch (error) {
    if (!(error instanceof AwsRefused) || error.code !== 'InvalidDBInstanceStateFault') throw error;
    return afterRefusal(options, startedAt, error);
  }
}

/** Refused because of the state: somebody else's promotion is under way or done, or the instance is busy with something else. */
async function afterRefusal(options: RdsDatabaseOptions, startedAt: Date, refused: AwsRefused): Promise<Operation> {
  const instance = await describe(options);
  const { status, role, providerStatus } = stateOf(instance);
  if (role === 'primary' || status === 'changing') return progress(options, instance, startedAt);
  return {
    id: idOf(options.instance, startedAt),
    state: 'failed',
    message: `RDS does not promote ${options.instance} while it is ${providerStatus} (${refused.message}); try again when it is available`,
  };
}

function progress(options: RdsDatabaseOptions, instance: DBInstance, startedAt: Date): Operation {
  const id = idOf(options.instance, startedAt);
  const { status, role, providerStatus } = stateOf(instance);
  const shown = `RDS shows ${options.instance} as ${providerStatus} and a ${role}`;
  if (status === 'failed' || status === 'stopped') return { id, state: 'failed', message: shown };
  if (status === 'changing') return { id, state: 'running', message: shown };
  if (role === 'primary') return { id, state: 'done', message: shown };
  const waitedSeconds = (options.now().getTime() - startedAt.getTime()) / 1000;
  if (waitedSeconds <= options.settleSeconds) return { id, state: 'running', message: shown };
  const late = `${Math.round(waitedSeconds)} s after it was to be promoted (limit ${options.settleSeconds} s): promote it again`;
  return { id, state: 'failed', message: `${shown} ${late}` };
}

function stateOf(instance: DBInstance): InstanceState {
  const providerStatus = instance.DBInstanceStatus ?? '(no status)';
  const isReplica = instance.ReadReplicaSourceDBInstanceIdentifier || instance.ReadReplicaSourceDBClusterIdentifier;
  return { status: statusOf(providerStatus), providerStatus, role: isReplica ? 'replica' : 'primary' };
}

/** An operation's id holds all that is needed to ask about it, because the process that began it may be gone. */
function idOf(instance: string, startedAt: Date): string {
  return `promote-read-replica/${instance}/${startedAt.toISOString()}`;
}

function startOf(id: string): Date {
  const startedAt = new Date(id.split('/')[2] ?? '');
  if (!id.startsWith('promote-read-replica/') || Number.isNaN(startedAt.getTime())) {
    throw new Error(`"${id}" is not the id of an RDS promotion; they look like promote-read-replica/<instance>/<time>`);
  }
  return startedAt;
}

async function describe(options: RdsDatabaseOptions): Promise<DBInstance> {
  const { client, instance } = options;
  const answer = await ask(`describe DB instance ${instance}`, options, (signal) =>
    client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }), signal),
  );
  const found = answer.DBInstances?.[0];
  if (!found) throw new ManagedDatabaseUnavailable(`RDS answered without DB instance ${instance}; ask again`);
  return found;
}

async function ask<T>(
  what: string,
  options: RdsDatabaseOptions,
  send: (signal: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  try {
    return await callAws(what, options.timeoutSeconds, send);
  } catch (cause) {
    if (!(cause instanceof AwsUnknown)) throw cause;
    throw new ManagedDatabaseUnavailable(`${cause.message}. It may have been done: look before trying again`, {
      cause,
    });
  }
}
