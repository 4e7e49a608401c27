// One statement on a pool, with an answer that says whether it can have taken effect.
import pg from 'pg';

export type DatabaseTarget = { host: string; port: number; user: string; password: string; database: string };

export type QueryAnswer =
  | { kind: 'rows'; rows: Record<string, unknown>[] }
  /** Did not take effect. `sqlState` is null when no connection was made. */
  | { kind: 'refused'; sqlState: string | null; because: string }
  /** The connection was lost or the time was over while it ran. */
  | { kind: 'unknown'; because: string };

/** A pool whose every wait ends: for a connection, for a statement at the server, and for its answer here. */
export function openPool(target: DatabaseTarget, size: number, timeoutSeconds: number): pg.Pool {
  const pool = new pg.Pool({
    ...target,
    max: size,
    connectionTimeoutMillis: timeoutSeconds * 1000,
    statement_timeout: timeoutSeconds * 1000,
    query_timeout: timeoutSeconds * 1000 + 250,
    application_name: 'shop',
  });
  // An idle connection that breaks is no request's failure: the next request makes another. One that breaks under a statement fails that
  // statement, and is told a second time by an event, which would end the process if nobody listened.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

/** Never throws for what a database or a network does. */
export async function runQuery(pool: pg.Pool, text: string, values: unknown[]): Promise<QueryAnswer> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    return { kind: 'refused', sqlState: null, because: `no connection: ${messageOf(error)}` };
  }
  try {
    const result = await client.query(text, values);
    client.release();
    return { kind: 'rows', rows: result.rows };
  } catch (error) {
    const answer = failureOf(error);
    client.release(answer.kind === 'unknown');
    return answer;
  }
}

/**
 * An error with an SQLSTATE is the server's own word that the statement was undone. Class 57P is not: the server was
 * ending the connection, which can happen after a commit. Neither is an error without one.
 */
export function failureOf(error: unknown): Exclude<QueryAnswer, { kind: 'rows' }> {
  const because = messageOf(error);
  const sqlState = error instanceof pg.DatabaseError ? (error.code ?? null) : null;
  if (sqlState === null || sqlState.startsWith('57P')) return { kind: 'unknown', because };
  return { kind: 'refused', sqlState, because };
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
