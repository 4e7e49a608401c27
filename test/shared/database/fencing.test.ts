// Fencing real PostgreSQL under load, against sessions that cannot be ended, and with a server that does not answer.
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresDatabase } from '../../../shared/database/postgres-database.ts';
import { DatabaseUnavailable } from '../../../shared/ports/database.ts';
import { begun, databaseOf } from '../../support/postgres-world.ts';
import {
  createGuardedShop,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../../support/test-postgres.ts';

let postgres: TestPostgres;
let database: TestDatabase;
let keeper: PostgresDatabase;
let made = 0;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres?.close());
beforeEach(async () => {
  made += 1;
  database = await createGuardedShop(postgres, `fenced_${made}`);
  keeper = databaseOf(database);
  const { clock } = await keeper.guard.beat(1);
  await keeper.guard.open(1, 1, clock, 600);
});
afterEach(() => keeper.close());

const count = async (client: pg.Client): Promise<number> =>
  (await client.query('select count(*)::int as n from shop.orders')).rows[0].n;

/** Writes until it is refused or ended; answers how many commits were acknowledged, and how many after the fence had answered. */
async function writeUntilStopped(client: pg.Client, fenced: () => boolean): Promise<{ commits: number; late: number }> {
  let [commits, late] = [0, 0];
  try {
    for (;;) {
      await client.query('begin');
      await client.query(`insert into shop.orders (note) values ('load')`);
      // Read before COMMIT is sent: an acknowledgement of one sent after the fence had answered is a second writer.
      const after = fenced();
      await client.query('commit');
      commits += 1;
      if (after) late += 1;
    }
  } catch {
    return { commits, late };
  }
}

describe('a fence', () => {
  it('stops every one of many writers, and loses nothing that was acknowledged', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => database.client('app')));
    const owner = await database.client('owner');
    let fenced = false;
    const writing = clients.map((client) => writeUntilStopped(client, () => fenced));
    while ((await count(owner)) < 50);
    await keeper.fencing.fence(1, 10);
    fenced = true;
    const atFence = await count(owner);
    const results = await Promise.all(writing);
    expect(results.map(({ late }) => late)).toEqual(results.map(() => 0));
    const acknowledged = results.reduce((sum, { commits }) => sum + commits, 0);
    expect(await count(owner)).toBe(atFence);
    // One commit for each writer may have happened with its acknowledgement lost.
    expect(atFence - acknowledged).toBeGreaterThanOrEqual(0);
    expect(atFence - acknowledged).toBeLessThanOrEqual(clients.length);
  });

  it('says who cannot be ended, keeps the guard shut, and stands once he is gone', async () => {
    const superuser = await database.client('bootstrap');
    await superuser.query('begin');
    await superuser.query(`insert into shop.orders (note) values ('super')`);
    const failed = await keeper.fencing.fence(1, 0.3).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(DatabaseUnavailable);
    expect(String(failed)).toMatch(
      /after 0\.3 s .* backend \d+ of role bootstrap: not allowed to end it, grant pg_signal_backend/,
    );
    await expect(superuser.query('commit')).rejects.toMatchObject({ code: '25006' });
    expect(await keeper.fencing.fence(1, 10)).toMatchObject({ heartbeat: { epoch: 1 } });
    expect(await count(superuser)).toBe(0);
  });

  it('does not trust the list of sessions alone: a lock proves that nobody is left', async () => {
    const client = await database.client('keeper');
    const quiet = async () => (await client.query('select causeway.prove_quiet() as quiet')).rows[0].quiet;
    expect(await quiet()).toBe(true);
    const writer = await begun(database, 'read committed');
    await writer.query(`insert into shop.orders (note) values ('open')`);
    expect(await quiet()).toBe(false);
    await writer.query('savepoint here');
    expect(await quiet()).toBe(false);
    await writer.query('rollback');
    expect(await quiet()).toBe(true);
  });

  it('ends sessions whose role hides what it does from the keeper', async () => {
    const writer = await begun(database, 'repeatable read');
    await writer.query(`insert into shop.orders (note) values ('hidden')`);
    const seen = await (await database.client('keeper')).query(
      `select state from pg_stat_activity where usename = 'app' and datname = current_database()`,
    );
    expect(seen.rows).toEqual([{ state: null }]);
    expect(await keeper.fencing.fence(1, 10)).toMatchObject({ endedBackends: 1 });
  });

  it('leaves idle sessions and the replication of others alone', async () => {
    const idle = await database.client('app');
    await idle.query('select 1');
    expect(await keeper.fencing.fence(1, 10)).toMatchObject({ endedBackends: 0 });
    await idle.query('select 1');
  });

  it('is not claimed where the guard only observes', async () => {
    await (await database.client('keeper')).query(`update causeway.lease set mode = 'observe'`);
    await expect(keeper.fencing.fence(1, 1)).rejects.toThrow('the guard here only observes');
  });
});

describe('a server that does not answer', () => {
  it('is unavailable within the limits, and reached again afterwards', async () => {
    await keeper.guard.state();
    const impatient = databaseOf(database, { statementSeconds: 0.5 });
    await impatient.guard.state();
    postgres.server().pause();
    try {
      const failed = await impatient.guard.state().catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(DatabaseUnavailable);
      expect(String(failed)).toContain('could not read the guard');
      await expect(impatient.fencing.fence(1, 1)).rejects.toThrow(
        /could not connect to 127\.0\.0\.1:\d+\/fenced_\d+ within 3 s/,
      );
    } finally {
      postgres.server().resume();
    }
    expect(await impatient.guard.state()).toMatchObject({ epoch: 1, open: true });
    await impatient.close();
  });

  it('is unavailable when it is gone', async () => {
    await postgres.server().kill();
    await expect(keeper.guard.beat(1)).rejects.toThrow(DatabaseUnavailable);
    await expect(keeper.health.probe()).rejects.toThrow(/could not connect/);
    await postgres.restart();
    expect(await keeper.guard.state()).toMatchObject({ epoch: 1, open: false });
  });
});
