// The sweep on real PostgreSQL: finds what escaped the guard, mends what it may, and tells the rest.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { databaseOf } from '../../support/postgres-world.ts';
import {
  createGuardedShop,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../../support/test-postgres.ts';

let postgres: TestPostgres;
let database: TestDatabase;
let made = 0;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres?.close());
beforeEach(async () => {
  made += 1;
  // Without event triggers, as where the role may not make them: the sweep is then what guards new tables.
  database = await createGuardedShop(postgres, `swept_${made}`, { eventTriggers: false, arm: true });
});

it('guards a table that was made without the event triggers', async () => {
  const owner = await database.client('owner');
  await owner.query('create table shop.later (id int primary key); insert into shop.later values (1)');
  const { sweep, close } = databaseOf(database);
  expect((await sweep.sweep()).mended).toEqual(['shop.later']);
  await expect(owner.query('insert into shop.later values (2)')).rejects.toMatchObject({ code: '25006' });
  expect((await sweep.sweep()).mended).toEqual([]);
  await close();
});

it('clears what finished transactions left, and leaves what open ones need', async () => {
  const { guard, sweep, close } = databaseOf(database);
  const { clock } = await guard.beat(1);
  await guard.open(1, 1, clock, 600);
  const [app, keeper] = await Promise.all([database.client('app'), database.client('keeper')]);
  for (let n = 0; n < 20; n += 1) await app.query(`insert into shop.orders (note) values ('x')`);
  const left = async () => (await keeper.query('select count(*)::int as n from causeway.writing')).rows[0].n;
  expect(await left()).toBe(20);
  await app.query(`begin; insert into shop.orders (note) values ('open')`);
  await sweep.sweep();
  expect(await left()).toBe(0);
  expect((await keeper.query('select causeway.prove_quiet() as quiet')).rows).toEqual([{ quiet: false }]);
  await keeper.query('select causeway.shut(1)');
  await expect(app.query('commit')).rejects.toMatchObject({ code: '25006' });
  await close();
});
