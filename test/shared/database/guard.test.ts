// What clients meet on a guarded PostgreSQL: every way to write, every isolation, late commits, fences in between.
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PostgresDatabase } from '../../../shared/database/postgres-database.ts';
import { begun, databaseOf } from '../../support/postgres-world.ts';
import {
  createGuardedShop,
  eventually,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../../support/test-postgres.ts';

let postgres: TestPostgres;
let database: TestDatabase;
let keeper: PostgresDatabase;
let app: pg.Client;
let owner: pg.Client;
let epoch = 0;

const REFUSED = { code: '25006', message: expect.stringMatching(/^causeway: .* refused, /) };

beforeAll(async () => {
  postgres = await startTestPostgres({ max_prepared_transactions: '5' });
  database = await createGuardedShop(postgres, 'guarded');
  keeper = databaseOf(database);
  [app, owner] = await Promise.all([database.client('app'), database.client('owner')]);
});
afterAll(async () => {
  await keeper?.close();
  await postgres?.close();
});

async function open(ttlSeconds: number): Promise<void> {
  epoch += 1;
  const { clock } = await keeper.guard.beat(epoch);
  expect(await keeper.guard.open(epoch, 1, clock, ttlSeconds)).toMatchObject({ kind: 'set' });
}
const shut = () => keeper.fencing.fence(epoch, 10);
const untilShut = () => eventually('the guard is shut', async () => !(await keeper.guard.state()).open);

describe('without the lease', () => {
  beforeAll(async () => {
    await open(60);
    await owner.query(`
      insert into shop.orders (note) values ('one'), ('two');
      insert into shop.items (order_id) select id from shop.orders;
      create function shop.sneak() returns void language sql security definer as $$ insert into shop.orders (note) values ('s') $$;
      create function shop.sneak_block() returns void language plpgsql as $$ begin
        insert into shop.orders (note) values ('b'); exception when others then raise; end $$;
      create view shop.titles as select id, note from shop.orders;
      grant all on shop.titles to app;
    `);
    await shut();
  });

  it.each([
    ['INSERT', `insert into shop.orders (note) values ('x')`],
    ['INSERT of no row', `insert into shop.orders (note) select 'x' where false`],
    ['UPDATE', `update shop.orders set note = 'x'`],
    ['DELETE with a cascade', `delete from shop.orders`],
    ['DELETE of no row', `delete from shop.orders where false`],
    ['TRUNCATE', `truncate shop.items`],
    ['upsert', `insert into shop.visits values ('2026-02-02', 1) on conflict do nothing`],
    [
      'MERGE',
      `merge into shop.orders o using (select 1 as n) s on o.id = s.n when not matched then insert (note) values ('x')`,
    ],
    ['a writable CTE', `with w as (insert into shop.orders (note) values ('x') returning id) select * from w`],
    ['a partition, directly', `insert into shop.visits_now values ('2026-02-02', 1)`],
    ['a SECURITY DEFINER function', 'select shop.sneak()'],
    ['a block that catches', 'select shop.sneak_block()'],
    ['an updatable view', `update shop.titles set note = 'x'`],
    ['a DO block', `do $$ begin insert into shop.orders (note) values ('x'); end $$`],
    ['COPY', `copy shop.orders (note) from program 'true'`],
    [
      'an explicit lock and then a write',
      `begin; select * from shop.orders for update; update shop.orders set note = 'x'; commit`,
    ],
  ])('refuses %s', async (what, sql) => {
    // Only a superuser may COPY from a program; he is stopped like everybody.
    const client = what === 'COPY' ? await database.client('bootstrap') : app;
    await expect(client.query(sql)).rejects.toMatchObject(REFUSED);
    await client.query('rollback');
  });

  it('reads, and works with temporary tables', async () => {
    await app.query('create temp table mine as select * from shop.orders');
    await app.query(
      'create index on mine (id); alter table mine add column more text; insert into mine (note) values (1)',
    );
    await app.query('drop table mine; select nextval(pg_get_serial_sequence($$shop.orders$$, $$id$$))');
    expect((await app.query('select count(*)::int as n from shop.orders')).rows).toEqual([{ n: 2 }]);
  });

  it.each([
    ['CREATE TABLE', 'create table shop.later (id int primary key)'],
    ['CREATE TABLE AS', 'create table shop.later as select 1 as id'],
    ['SELECT INTO', 'select 1 as id into shop.later'],
    ['CREATE SCHEMA with a table', 'create schema later create table inside (id int)'],
    ['ALTER TABLE', 'alter table shop.orders add column more text'],
    ['DROP TABLE', 'drop table shop.items'],
    ['CREATE INDEX', 'create index on shop.orders (note)'],
    ['CREATE FUNCTION', 'create function shop.f() returns int language sql as $$ select 1 $$'],
    ['GRANT', 'grant select on shop.orders to app'],
  ])('refuses the owner %s', async (_what, sql) => {
    await expect(owner.query(sql)).rejects.toMatchObject(REFUSED);
  });

  it('lets an operator migrate a standby by name, and guards what he makes', async () => {
    const operator = await database.client('owner');
    await operator.query(`set causeway.allow_ddl = 'on'`);
    await operator.query('create table shop.migrated (id int primary key)');
    await expect(operator.query('insert into shop.migrated values (1)')).rejects.toMatchObject(REFUSED);
    await operator.query('drop table shop.migrated');
    await operator.end();
  });

  it('costs a refused write no transaction id', async () => {
    const client = await database.client('app');
    await client.query('begin');
    await client.query('savepoint here');
    await expect(client.query(`insert into shop.orders (note) values ('x')`)).rejects.toMatchObject(REFUSED);
    await client.query('rollback to here');
    const { rows } = await client.query('select pg_current_xact_id_if_assigned() as id');
    expect(rows).toEqual([{ id: null }]);
    await client.end();
  });
});

describe('with the lease', () => {
  beforeEach(() => open(60));

  it('guards tables that are made later, however they are made', async () => {
    await owner.query(`
      create table shop.plain (id int primary key);
      create table shop.from_query as select 1 as id;
      select 1 as id into shop.selected;
      create schema made create table inside (id int primary key);
      create table shop.visits_next partition of shop.visits for values from ('2027-01-01') to ('2028-01-01');
      create unlogged table shop.quick (id int);
    `);
    const { rows } = await owner.query(
      `select tgrelid::regclass::text as name from pg_trigger where tgname = 'causeway_guard'`,
    );
    const guarded = rows.map(({ name }) => name);
    for (const name of ['plain', 'from_query', 'selected', 'visits_next', 'quick'])
      expect(guarded).toContain(`shop.${name}`);
    expect(guarded).toContain('made.inside');
    await shut();
    await expect(owner.query('insert into made.inside values (1)')).rejects.toMatchObject(REFUSED);
  });

  it('lets indexes be built concurrently, and extensions come', async () => {
    await owner.query('create index concurrently if not exists orders_note on shop.orders (note)');
    await owner.query('reindex index concurrently shop.orders_note');
    await owner.query('drop index concurrently shop.orders_note');
    await owner.query('vacuum shop.orders');
  });

  it.each(['read committed', 'repeatable read', 'serializable'])('sees a fence at once under %s', async (isolation) => {
    const client = await begun(database, isolation);
    await client.query('select count(*) from shop.orders');
    // Not ended, as a fence would: shut alone must be enough for who has not written yet.
    await (await database.client('keeper')).query('select causeway.shut($1)', [epoch]);
    await expect(client.query(`insert into shop.orders (note) values ('x')`)).rejects.toMatchObject(REFUSED);
    await client.end();
  });

  it.each(['read committed', 'repeatable read', 'serializable'])(
    'refuses a late COMMIT under %s',
    async (isolation) => {
      const client = await begun(database, isolation);
      await client.query(`insert into shop.orders (note) values ('late')`);
      await (await database.client('keeper')).query('select causeway.shut($1)', [epoch]);
      await expect(client.query('commit')).rejects.toMatchObject({
        code: '25006',
        message: expect.stringContaining('COMMIT refused'),
      });
      expect((await owner.query(`select from shop.orders where note = 'late'`)).rowCount).toBe(0);
      await client.end();
    },
  );

  it('refuses PREPARE TRANSACTION after the lease', async () => {
    const client = await begun(database, 'read committed');
    await client.query(`insert into shop.orders (note) values ('late')`);
    await (await database.client('keeper')).query('select causeway.shut($1)', [epoch]);
    await expect(client.query(`prepare transaction 'late'`)).rejects.toMatchObject({ code: '25006' });
    await client.end();
  });

  it('checks again what a deferred trigger of the application writes after the check', async () => {
    await owner.query(`
      create table shop.audit (id bigint generated always as identity primary key);
      create function shop.audit() returns trigger language plpgsql as $$ begin
        insert into shop.audit default values; perform pg_sleep(0.2); return null; end $$;
      create constraint trigger audit after insert on shop.orders deferrable initially deferred
        for each row execute function shop.audit();
    `);
    const client = await begun(database, 'read committed');
    // The guard's own check is queued first by the guard's statement trigger, so it runs before the slow one.
    await client.query(`insert into shop.orders (note) values ('slow')`);
    const committing = client.query('commit').catch((error: unknown) => error);
    await wait(50);
    await (await database.client('keeper')).query('select causeway.shut($1)', [epoch]);
    expect(await committing).toMatchObject({ code: '25006' });
    await open(60);
    await owner.query('drop trigger audit on shop.orders');
    await client.end();
  });

  it('lets a long REPEATABLE READ transaction commit over renewals, and not after them', async () => {
    epoch += 1;
    const first = await keeper.guard.beat(epoch);
    await keeper.guard.open(epoch, 1, first.clock, 1.5);
    const client = await begun(database, 'repeatable read');
    await client.query(`insert into shop.orders (note) values ('long')`);
    for (let renewal = 2; renewal <= 4; renewal += 1) {
      const { clock } = await keeper.guard.beat(epoch);
      expect(await keeper.guard.renew(epoch, renewal, clock, 1.5)).toMatchObject({ kind: 'set' });
      await wait(700);
      await client.query(`insert into shop.orders (note) values ('longer')`);
    }
    await client.query('commit');
    const last = await keeper.guard.beat(epoch);
    await client.query('begin isolation level repeatable read');
    await keeper.guard.renew(epoch, 5, last.clock, 1.5);
    await client.query(`insert into shop.orders (note) values ('too long')`);
    await untilShut();
    await expect(client.query('commit')).rejects.toMatchObject({ code: '25006' });
    expect((await owner.query(`select from shop.orders where note = 'too long'`)).rowCount).toBe(0);
    await client.end();
  });

  it('shuts when the clock is set back to before the lease began', async () => {
    const client = await database.client('keeper');
    await client.query(`select setval('causeway.lease_from', (extract(epoch from clock_timestamp()) * 1000 + 60000)::bigint),
      setval('causeway.lease_until', (extract(epoch from clock_timestamp()) * 1000 + 90000)::bigint)`);
    await expect(app.query(`insert into shop.orders (note) values ('x')`)).rejects.toMatchObject({
      message: expect.stringContaining('clock was set back'),
    });
    const { clock } = await keeper.guard.beat(epoch);
    const [server, at] = clock.split(':');
    expect(await keeper.guard.renew(epoch, 9, `${server}:${Number(at) + 60_000_000}`, 20)).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('set back'),
    });
  });

  it('queues one check for a transaction, however many statements it has', async () => {
    const client = await begun(database, 'read committed');
    for (let n = 0; n < 5; n += 1) await client.query(`insert into shop.orders (note) values ('many')`);
    const { rows } = await (await database.client('keeper')).query(`select count(*)::int as locks from pg_locks
      where relation = 'causeway.writing'::regclass and pid = ${(await client.query('select pg_backend_pid() as pid')).rows[0].pid}`);
    expect(rows).toEqual([{ locks: 1 }]);
    await client.query('commit');
    await client.end();
  });

  it('keeps clients from its own tables and functions', async () => {
    const denied = { code: '42501' };
    await expect(app.query('select causeway.open(9, 1, $$x$$, 20)')).rejects.toMatchObject(denied);
    await expect(app.query('select causeway.break_glass(9, 20, $$because I can$$)')).rejects.toMatchObject(denied);
    await expect(app.query(`select setval('causeway.lease_until', 1)`)).rejects.toMatchObject(denied);
    await expect(owner.query('update causeway.lease set epoch = 9')).rejects.toMatchObject(denied);
    await expect(owner.query('delete from causeway.writing')).rejects.toMatchObject(denied);
    await app.query(
      `insert into causeway.probe (prober) values ('app') on conflict (prober) do update set number = probe.number + 1`,
    );
  });

  it('is opened by hand at an epoch that is not fenced, and says so in the audit', async () => {
    await shut();
    const client = await database.client('keeper');
    const glass = (at: number, reason: string) => client.query('select causeway.break_glass($1, 60, $2)', [at, reason]);
    await expect(glass(epoch, 'the register is lost')).rejects.toThrow('fenced or over');
    await expect(glass(epoch + 1, 'no')).rejects.toThrow('say why');
    epoch += 1;
    await glass(epoch, 'the register is lost');
    await app.query(`insert into shop.orders (note) values ('by hand')`);
    const { rows } = await client.query('select by, what, reason from causeway.audit');
    expect(rows).toEqual([
      { by: 'keeper', what: `guard opened by hand at epoch ${epoch} for 60 s`, reason: 'the register is lost' },
    ]);
  });
});
