// One connection to one database over the real protocol, with a limit on everything that can wait.
import { Socket } from 'node:net';
import pg from 'pg';
import { DatabaseUnavailable, EpochOver } from '../ports/database.ts';

/** Rows come back as unknown values: whoever asks parses them. */
export type Session = {
  rows(sql: string, values?: unknown[]): Promise<unknown[]>;
  /** False once the connection is known to be lost. */
  alive(): boolean;
  /** Resolves when the server has the goodbye, or at once when it does not answer any more. */
  close(): Promise<void>;
};

/** How long a statement may take before the server gives up; the client gives up a second later. */
export type Limits = { statementSeconds: number };

export type PgConnect = (limits: Limits) => Promise<Session>;

export type PgTarget = {
  /** Any of pg's own ways to say where: connectionString, or host, port, database, user, password, ssl. */
  config: pg.ClientConfig;
  connectSeconds: number;
  /** Shown in pg_stat_activity, and in what a fence reports. */
  applicationName: string;
};

// What a role's or a database's own settings could turn against us: a fence must be durable when it is answered, see the
// latest row, and be able to write on a database whose default is read-only.
const SETTINGS = [
  'synchronous_commit=on',
  'default_transaction_isolation=read\\ committed',
  'default_transaction_read_only=off',
  'lock_timeout=2s',
  'idle_in_transaction_session_timeout=30s',
];

/** Makes connections to one database. Every failure to connect is `DatabaseUnavailable` and names the host, never the password. */
export function createPgConnect(target: PgTarget): PgConnect {
  return async (limits) => {
    const socket = new Socket();
    const client = new pg.Client({
      ...target.config,
      stream: () => socket,
      application_name: target.applicationName,
      connectionTimeoutMillis: target.connectSeconds * 1000,
      statement_timeout: limits.statementSeconds * 1000,
      query_timeout: (limits.statementSeconds + 1) * 1000,
      keepAlive: true,
      options: SETTINGS.map((setting) => `-c ${setting}`).join(' '),
    });
    // A connection that ends between two queries is found by the next query; without a listener it would end the process.
    client.on('error', () => socket.destroy());
    try {
      await client.connect();
    } catch (cause) {
      socket.destroy();
      throw new DatabaseUnavailable(
        `could not connect to ${client.host}:${client.port}/${client.database} within ${target.connectSeconds} s: ${sentence(cause)}`,
        { cause },
      );
    }
    return sessionOf(client, socket);
  };
}

function sessionOf(client: pg.Client, socket: Socket): Session {
  let ended = false;
  client.once('end', () => {
    ended = true;
  });
  // One query at a time, in the order in which they were asked for: the loops of a keeper share a session.
  let turn: Promise<unknown> = Promise.resolve();
  let broken: { because: unknown } | null = null;
  const query = async (sql: string, values?: unknown[]): Promise<unknown[]> => {
    if (broken) throw broken.because;
    try {
      return (await client.query(sql, values)).rows;
    } catch (error) {
      // Not the server's own error: it may still be at work on this query, and would not take another.
      if (!(error instanceof pg.DatabaseError)) broken = { because: error };
      throw error;
    }
  };
  return {
    alive: () => !ended && !socket.destroyed && broken === null,
    rows: (sql, values) => {
      const mine = turn.then(() => query(sql, values));
      turn = mine.catch(() => undefined);
      return mine;
    },
    close: async () => {
      const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      if (socket.destroyed) return;
      // Not awaited for long: a frozen server would keep us here, and the process alive.
      const timer = setTimeout(() => socket.destroy(), 500);
      await Promise.race([client.end(), gone]);
      clearTimeout(timer);
      socket.destroy();
    },
  };
}

/** Runs work on a session of its own, closed whatever happens. What it throws comes out as `DatabaseUnavailable`. */
export async function withSession<T>(
  connect: PgConnect,
  what: string,
  limits: Limits,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await connect(limits);
  try {
    return await work(session);
  } catch (cause) {
    throw unavailable(what, cause);
  } finally {
    await session.close();
  }
}

/** What was tried and how it ended, as the port's error; our own errors pass as they are. */
export function unavailable(what: string, cause: unknown): Error {
  if (cause instanceof DatabaseUnavailable || cause instanceof EpochOver) return cause;
  return new DatabaseUnavailable(`could not ${what}: ${sentence(cause)}`, { cause });
}

/** The SQLSTATE of a server's error; null when the error is not the server's. */
export function sqlState(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** An error's message with its SQLSTATE or system code. An AggregateError of several addresses has no message of its own. */
export function sentence(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(sentence).join('; ');
  const code = sqlState(error);
  const message = error instanceof Error ? error.message : String(error);
  return code && !message.includes(code) ? `${message} (${code})` : message;
}
