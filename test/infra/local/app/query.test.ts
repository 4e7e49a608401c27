// A statement whose database is lost under it: the statement is unknown, and nothing else of the process comes to harm.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool, runQuery } from '../../../../infra/local/app/query.ts';
import { startTestPostgres, type TestPostgres } from '../../../support/test-postgres.ts';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startTestPostgres();
});

afterAll(async () => {
  await postgres.close();
});

describe('a statement', () => {
  it('is unknown when its database is killed under it, and the process lives', async () => {
    const { name } = await postgres.createDatabase('lost');
    const { host, port } = postgres.server();
    const pool = openPool({ host, port, user: 'app', password: 'not-a-secret', database: name }, 2, 10);
    const uncaught: unknown[] = [];
    const note = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', note);
    try {
      expect(await runQuery(pool, 'SELECT 1 AS one', [])).toMatchObject({ kind: 'rows' });
      const hanging = runQuery(pool, 'SELECT pg_sleep(5)', []);
      const running = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
      for (let seen = 0; seen === 0; ) {
        const answer = await runQuery(pool, running, []);
        seen = answer.kind === 'rows' ? answer.rows.length : 0;
      }
      await postgres.server().kill();
      expect((await hanging).kind).toBe('unknown');
      await new Promise((resolve) => setImmediate(resolve));
      expect(uncaught).toEqual([]);
    } finally {
      process.off('uncaughtException', note);
      await pool.end();
      await postgres.restart();
    }
  });
});
