// What a database says of its readiness, on real PostgreSQL: slots, what travels, shapes, sequences, and the inspections.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DatabaseFacts } from '../../../shared/model/readiness.ts';
import { databaseOf, replicate } from '../../support/postgres-world.ts';
import {
  createGuardedShop,
  eventually,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../../support/test-postgres.ts';

let there: TestPostgres;
let here: TestPostgres;
let made = 0;

beforeAll(async () => {
  const small = { max_slot_wal_keep_size: '2MB', wal_keep_size: '0', max_wal_size: '2MB', min_wal_size: '2MB' };
  [there, here] = await Promise.all([startTestPostgres(small), startTestPostgres()]);
});
afterAll(() => Promise.all([there?.close(), here?.close()]));

type Pair = { writer: TestDatabase; standby: TestDatabase; slot: string };

async function pair(): Promise<Pair> {
  made += 1;
  const name = `ready_${made}`;
  const [writer, standby] = await Promise.all([createGuardedShop(there, name), createGuardedShop(here, name)]);
  await replicate(writer, standby, name);
  return { writer, standby, slot: `causeway_${name}` };
}

async function look(database: TestDatabase, partsOf: string[] = []): Promise<DatabaseFacts> {
  const { readiness, close } = databaseOf(database);
  try {
    return await readiness.look(partsOf);
  } finally {
    await close();
  }
}

async function run(database: TestDatabase, role: 'owner' | 'keeper' | 'app' | 'bootstrap', sql: string): Promise<void> {
  await (await database.client(role)).query(sql);
}

/** Writes until PostgreSQL has let go of what the smallest limit allows to be held back. */
async function writeMuch(database: TestDatabase): Promise<void> {
  const bootstrap = await database.client('bootstrap');
  for (let round = 0; round < 6; round += 1) {
    await bootstrap.query("select pg_logical_emit_message(false, 'filler', repeat('x', 1000000)), pg_switch_wal()");
  }
  await bootstrap.query('checkpoint');
}

const slotOf = (facts: DatabaseFacts, name: string) => facts.slots.find((one) => one.name === name);
const tableOf = (facts: DatabaseFacts, name: string) => facts.tables.find((one) => one.name === name);

it('a pair that replicates: what travels, who reads it, and the same shapes on both sides', async () => {
  const { writer, standby, slot } = await pair();
  const [at, by] = await Promise.all([look(writer), look(standby)]);
  expect(at).toMatchObject({
    version: expect.any(Number),
    guard: { mode: 'enforce', dormant: true },
    inspected: [],
    slotLimitBytes: 2 * 1024 ** 2,
    publication: { all: false },
    subscription: null,
    unlogged: [],
  });
  expect(slotOf(at, slot)).toMatchObject({ ours: true, active: true, inactiveSeconds: null, walStatus: 'reserved' });
  expect(by).toMatchObject({
    guard: { mode: 'enforce', dormant: false },
    publication: null,
    subscription: { enabled: true, slot, working: true },
  });
  // Partitions travel with their root.
  expect(by.tables.map(({ name, subscribed }) => [name, subscribed])).toEqual([
    ['shop.items', 'r'],
    ['shop.orders', 'r'],
    ['shop.visits', 'r'],
    ['shop.visits_now', 'r'],
  ]);
  expect(at.tables.every(({ published }) => published)).toBe(true);
  expect(by.tables.map(({ shape }) => shape)).toEqual(at.tables.map(({ shape }) => shape));
});

it('a slot that nobody reads says since when and what it holds back, and that it is lost when the limit has passed', async () => {
  const { writer, standby, slot } = await pair();
  await run(standby, 'keeper', 'alter subscription causeway disable');
  await eventually('nobody reads the slot', async () => slotOf(await look(writer), slot)?.active === false);
  await run(writer, 'bootstrap', "select pg_logical_emit_message(false, 'filler', repeat('x', 500000))");
  const idle = slotOf(await look(writer), slot);
  expect(idle).toMatchObject({ active: false, inactiveSeconds: expect.any(Number) });
  expect(idle?.retainedBytes).toBeGreaterThan(500_000);
  await writeMuch(writer);
  expect(slotOf(await look(writer), slot)).toMatchObject({ active: false, walStatus: 'lost' });
});

it('says that there is no limit, and shows slots of other databases of the server for what they are', async () => {
  const unlimited = await startTestPostgres({ max_slot_wal_keep_size: '-1' });
  try {
    const [one, other] = [await createGuardedShop(unlimited, 'one'), await createGuardedShop(unlimited, 'other')];
    await run(other, 'keeper', "select pg_create_logical_replication_slot('theirs', 'pgoutput')");
    const facts = await look(one);
    expect(facts.slotLimitBytes).toBeNull();
    expect(slotOf(facts, 'theirs')).toMatchObject({ ours: false, active: false });
  } finally {
    await unlimited.close();
  }
});

it('a schema that has drifted differs in its shape, and tells the parts that differ when it is asked', async () => {
  const { writer, standby } = await pair();
  await run(
    writer,
    'owner',
    `alter table shop.items add column gift boolean not null default false;
    create index on shop.orders (note); alter table shop.visits add check (id > 0)`,
  );
  const [at, by] = await Promise.all([look(writer, ['shop.items', 'shop.gone']), look(standby, ['shop.items'])]);
  const shapes = (name: string) => [tableOf(at, name)?.shape, tableOf(by, name)?.shape];
  for (const name of ['shop.items', 'shop.orders', 'shop.visits']) expect(new Set(shapes(name)).size).toBe(2);
  expect(Object.keys(at.parts)).toEqual(['shop.items']);
  const only = at.parts['shop.items']!.filter((part) => !by.parts['shop.items']!.includes(part));
  expect(only).toEqual(['column gift boolean not null default false']);
});

it('the same table made in another order, with constraints of other names, is of the same shape', async () => {
  const { writer, standby } = await pair();
  await run(
    writer,
    'owner',
    `create type shop.mood as enum ('glad', 'sad');
    create table shop.twin (a int primary key, b text, c shop.mood, constraint one unique (b)); create index two on shop.twin (b)`,
  );
  await run(
    standby,
    'owner',
    `set causeway.allow_ddl = 'on'; create type shop.mood as enum ('glad', 'sad');
    create table shop.twin (c shop.mood, b text, a int, constraint uno unique (b), constraint other primary key (a)); create index dos on shop.twin (b)`,
  );
  const both = async () => [
    tableOf(await look(writer), 'shop.twin')?.shape,
    tableOf(await look(standby), 'shop.twin')?.shape,
  ];
  const [at, by] = await both();
  expect(at).toBe(by);
  await run(writer, 'owner', "alter type shop.mood add value 'proud'");
  expect(new Set(await both()).size).toBe(2);
});

it('a table that came later is in no publication, an unlogged one never travels, and both are told', async () => {
  const { writer } = await pair();
  await run(
    writer,
    'owner',
    'create table shop.late (id int primary key); create unlogged table shop.cache (id int primary key)',
  );
  const facts = await look(writer);
  expect(tableOf(facts, 'shop.late')).toMatchObject({ published: false });
  expect(tableOf(facts, 'shop.cache')).toBeUndefined();
  expect(facts.unlogged).toEqual(['shop.cache']);
});

it('a sequence is told when its column, not only itself, is almost used up', async () => {
  const { writer } = await pair();
  await run(
    writer,
    'owner',
    `alter sequence shop.items_id_seq as bigint; select setval('shop.items_id_seq', 2000000000)`,
  );
  expect((await look(writer)).sequences).toEqual([{ name: 'shop.items_id_seq', usedPercent: 93.1, wouldEnd: false }]);
});

it('a standby says which sequences a promotion would move past their end, and of which it was told nothing', async () => {
  const { writer, standby } = await pair();
  const opened = databaseOf(writer);
  const { clock } = await opened.guard.beat(1);
  await opened.guard.open(1, 1, clock, 600);
  await run(writer, 'owner', `select setval('shop.items_id_seq', 2147483600)`);
  await run(standby, 'owner', `set causeway.allow_ddl = 'on'; create sequence shop.own`);
  await opened.guard.beat(1);
  await eventually('the heartbeat has arrived', async () => (await look(standby)).untold.length > 0);
  await eventually('its values have', async () => (await look(standby)).sequences.length > 0);
  expect(await look(standby)).toMatchObject({
    sequences: [{ name: 'shop.items_id_seq', usedPercent: 100, wouldEnd: true }],
    untold: ['shop.own'],
  });
  expect((await look(writer)).untold).toEqual([]);
  await opened.close();
});

it('tells what an inspection finds: guards that are off, keyless tables, large objects, publications of everything, settings', async () => {
  const { writer } = await pair();
  await run(
    writer,
    'owner',
    `alter table shop.items disable trigger causeway_guard;
    alter table shop.orders enable always trigger causeway_guard; create table shop.keyless (note text); select lo_create(0)`,
  );
  await run(writer, 'bootstrap', 'create publication everything for all tables');
  const { inspected } = await look(writer);
  const found = Object.fromEntries(inspected.map((finding) => [finding.about, `${finding.status}: ${finding.found}`]));
  expect(found).toMatchObject({
    // One that always fires would stop replication from being applied.
    'guards that are off or changed': 'fail: shop.items, shop.orders',
    'tables without a primary key or replica identity': 'fail: shop.keyless',
    'publications FOR ALL TABLES': 'fail: everything',
    'large objects': 'escape: there are some',
  });
  expect(inspected.every(({ wayOut }) => wayOut)).toBe(true);
});

it('tells a server that has no room for the slot of a way back', async () => {
  const full = await startTestPostgres({ max_replication_slots: '1', max_logical_replication_workers: '1' });
  try {
    const database = await createGuardedShop(full, 'shop_full');
    await run(database, 'keeper', "select pg_create_logical_replication_slot('only', 'pgoutput')");
    expect((await look(database)).inspected).toMatchObject([
      {
        about: 'max_replication_slots',
        status: 'fail',
        found: '1 of 1 in use',
        wayOut: 'raise it: a promotion makes a slot, by which the other site comes back',
      },
      { about: 'max_logical_replication_workers', status: 'fail', found: '1' },
    ]);
  } finally {
    await full.close();
  }
});
