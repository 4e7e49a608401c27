// What is in the final writer's database after a run: the keys that acknowledged writes are looked up among.
import { type DatabaseTarget, openPool, runQuery } from '../app/query.ts';
import { orderKey, type Table } from './measure.ts';

/** Throws when the database cannot be read: what could not be read is not lost. */
export async function readPresent(
  database: DatabaseTarget,
  timeoutSeconds: number,
): Promise<Record<Table, Set<string>>> {
  const pool = openPool(database, 1, timeoutSeconds);
  const rows = async (text: string): Promise<Record<string, unknown>[]> => {
    const answer = await runQuery(pool, text, []);
    if (answer.kind === 'rows') return answer.rows;
    throw new Error(
      `${database.host}:${database.port} could not be read within ${timeoutSeconds} s: ${answer.because}`,
    );
  };
  try {
    const orders = await rows('SELECT client, sequence FROM shop.orders');
    const direct = await rows('SELECT marker FROM shop.direct_writes');
    return {
      orders: new Set(orders.map((row) => orderKey(String(row.client), String(row.sequence)))),
      direct_writes: new Set(direct.map((row) => String(row.marker))),
    };
  } finally {
    await pool.end();
  }
}
