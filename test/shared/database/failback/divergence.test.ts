// Divergence, read from a real slot of a real old writer: every kind of change, exactly, and nothing but what was stranded.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readDivergence } from '../../../../shared/database/failback/divergence.ts';
import type { StrandedPart } from '../../../../shared/database/failback/read-stranded.ts';
import { PART_CHANGES, readStranded } from '../../../../shared/database/failback/read-stranded.ts';
import { readApplied, readSide } from '../../../../shared/database/failback/sides.ts';
import { type ComingBackWorld, comingBackWorld } from '../../../support/coming-back-world.ts';
import { startTestPostgres, type TestPostgres } from '../../../support/test-postgres.ts';

let servers: { old: TestPostgres; new: TestPostgres };
let world: ComingBackWorld;
let made = 0;

beforeAll(async () => {
  const [old, fresh] = await Promise.all([startTestPostgres(), startTestPostgres()]);
  servers = { old, new: fresh };
});
afterEach(() => world?.close());
afterAll(() => Promise.all([servers?.old.close(), servers?.new.close()]));

const SCHEMA = `
create table shop.kinds (id int, part text, at timestamptz, amount numeric, spans interval, data jsonb, raw bytea, tags text[],
  yes boolean, real double precision, primary key (id, part));
create table shop.whole (a int, b text, long text);
alter table shop.whole replica identity full;
create table shop.long (id int primary key, title text, body text);
alter table shop.long alter body set storage external;
create table shop."Odd ""name""" ("Key" text primary key, "select" text);
create table shop.emptied (id int primary key);
create table shop.emptied_too (id int primary key);`;

async function begin(): Promise<ComingBackWorld> {
  made += 1;
  world = await comingBackWorld(servers, `divergence_${made}`, { schema: SCHEMA });
  return world;
}

async function source() {
  const applied = await world.onNew((session) => readApplied(session, 'causeway'));
  if (applied.kind !== 'known') throw new Error(applied.kind);
  return { slot: 'causeway', publication: 'causeway', appliedLsn: applied.lsn };
}

async function read(): Promise<StrandedPart[]> {
  const from = await source();
  return world.onOld(async (session) => {
    const parts: StrandedPart[] = [];
    for await (const part of readStranded(session, from)) parts.push(part);
    return parts;
  });
}

const changes = (parts: StrandedPart[]) => parts.flatMap((part) => part.changes);

describe('what is stranded', () => {
  it('is every transaction after the last that was applied, none before it, and none of our own', async () => {
    const { atOld, caughtUp, cut, failOver } = await begin();
    await atOld(`insert into shop.orders (note) values ('applied')`);
    await caughtUp();
    await cut();
    await atOld(
      `insert into shop.orders (note) values ('one')`,
      `begin; insert into shop.orders (note) values ('two'); update shop.orders set note = 'TWO' where note = 'two'; commit`,
      `begin; insert into shop.orders (note) values ('never'); rollback`,
    );
    await world.old.keeper.guard.beat(1);
    await failOver();
    const parts = await read();
    expect(parts.map((part) => part.changes.map(({ kind, ordinal }) => [kind, ordinal]))).toEqual([
      [['insert', 1]],
      [
        ['insert', 1],
        ['update', 2],
      ],
    ]);
    expect(
      changes(parts).map((change) =>
        change.kind === 'truncate' ? null : change.kind === 'delete' ? null : change.row.note,
      ),
    ).toEqual(['one', 'two', 'TWO']);
    // The slot is as it was: the same comes again.
    expect(await read()).toEqual(parts);
    const { rows } = await (await world.old.database.client('keeper')).query(
      `select pg_xact_commit_timestamp(xmin) as at from shop.orders where note = 'one'`,
    );
    expect(new Date(Number(parts[0]!.transaction.committedAtUs / 1000n))).toEqual(rows[0].at);
  });

  it('is nothing when all was applied, however far the slot lags behind', async () => {
    const { atOld, caughtUp, failOver } = await begin();
    await atOld(`insert into shop.orders (note) values ('one')`, `insert into shop.orders (note) values ('two')`);
    await caughtUp();
    // The machine dies with the slot's position as it was last written to disk.
    await servers.old.server().kill();
    await servers.old.restart();
    await world.old.keeper.guard.state().catch(() => undefined);
    await failOver();
    const { rows } = await (await world.old.database.client('keeper')).query(
      `select count(*)::int as n from pg_logical_slot_peek_binary_changes('causeway', null, null, 'proto_version', '1', 'publication_names', 'causeway')`,
    );
    expect(rows[0].n).toBeGreaterThan(0);
    expect(await read()).toEqual([]);
  });

  it('is read value for value: keys, whole old rows, long values that were left alone, nulls, names, and truncations', async () => {
    const { atOld, caughtUp, cut, failOver } = await begin();
    const long = 'x'.repeat(100_000);
    await atOld(
      `insert into shop.kinds (id, part) values (1, 'a'), (2, 'b')`,
      `insert into shop.whole values (1, 'one', '${long}')`,
      `insert into shop.long values (1, 'title', '${long}')`,
    );
    await caughtUp();
    await cut();
    await atOld(
      `insert into shop.kinds values (3, 'c', '2026-02-03 04:05:06.123456+02', 1234567890.123456789000, '1 mon 2 days', '{"b": 1, "a": [9007199254740993]}',
        '\\xdeadbeef', '{a,"b c",null}', true, 0.1)`,
      `update shop.kinds set id = 4 where id = 1`,
      `update shop.kinds set amount = 2 where id = 2`,
      `delete from shop.kinds where id = 2`,
      `update shop.whole set b = 'ONE'`,
      `update shop.long set title = 'TITLE'`,
      `insert into shop."Odd ""name""" values ('__proto__', E'\\ufeffmarked')`,
      `insert into shop."Odd ""name""" values ('plain', E'not at the \\ufeff start')`,
      `truncate shop.emptied, shop.emptied_too`,
    );
    await failOver();
    const found = changes(await read());
    expect(found.map(({ kind, relation }) => `${kind} ${relation.table}`)).toEqual([
      'insert kinds',
      'update kinds',
      'update kinds',
      'delete kinds',
      'update whole',
      'update long',
      'insert Odd "name"',
      'insert Odd "name"',
      'truncate emptied',
      'truncate emptied_too',
    ]);
    expect(found[0]).toMatchObject({
      relation: { keyColumns: ['id', 'part'], identity: 'default' },
      row: {
        id: '3',
        at: '2026-02-03 02:05:06.123456+00',
        amount: '1234567890.123456789000',
        spans: '1 mon 2 days',
        data: '{"a": [9007199254740993], "b": 1}',
        raw: '\\xdeadbeef',
        tags: '{a,"b c",NULL}',
        yes: 't',
        real: '0.1',
      },
    });
    expect(found[1]).toMatchObject({ before: { id: '1', part: 'a' }, row: { id: '4', amount: null } });
    expect(found[2]).toMatchObject({ before: null, row: { id: '2', amount: '2' } });
    expect(found[3]).toMatchObject({ before: { id: '2', part: 'b' } });
    expect(found[4]).toMatchObject({
      before: { a: '1', b: 'one', long },
      row: { a: '1', b: 'ONE', long },
      relation: { identity: 'full', keyColumns: ['a', 'b', 'long'] },
    });
    expect(found[5]).toMatchObject({ row: { id: '1', title: 'TITLE' } });
    expect(found[5]).not.toHaveProperty('row.body');
    // A byte-order mark at the start of a value does not come through: it is said, not passed over.
    expect(found.map(({ exact }) => exact)).toEqual([true, true, true, true, true, true, false, true, true, true]);
    expect(found[7]).toMatchObject({ row: { Key: 'plain', select: 'not at the \ufeff start' } });
  });

  it('comes in parts when a transaction is long', async () => {
    const { atOld, cut, failOver } = await begin();
    await cut();
    await atOld(`insert into shop.orders (note) select 'many' from generate_series(1, ${PART_CHANGES * 2 + 1})`);
    await failOver();
    const parts = await read();
    expect(parts.map(({ changes, first, last }) => [changes.length, first, last])).toEqual([
      [PART_CHANGES, true, false],
      [PART_CHANGES, false, false],
      [1, false, true],
    ]);
    expect(new Set(changes(parts).map(({ ordinal }) => ordinal)).size).toBe(PART_CHANGES * 2 + 1);
  });

  it('is counted per table whatever is shown of it', async () => {
    const { atOld, cut, failOver } = await begin();
    await cut();
    await atOld(
      `insert into shop.orders (note) values ('one'), ('two'), ('three')`,
      `delete from shop.orders where note = 'two'`,
      `insert into shop.visits values ('2026-02-02', 1)`,
    );
    await failOver();
    const from = await source();
    const told: number[] = [];
    const divergence = await world.onOld((session) =>
      readDivergence(session, from, { rowLimit: 2, progress: (seen) => told.push(seen) }),
    );
    expect(divergence).toMatchObject({
      transactions: 3,
      changes: 5,
      tables: [
        { table: 'shop.orders', insert: 3, update: 0, delete: 1, truncate: 0 },
        { table: 'shop.visits', insert: 1, update: 0, delete: 0, truncate: 0 },
      ],
      rows: [
        { table: 'shop.orders', kind: 'insert', key: { id: '1' } },
        { table: 'shop.orders', kind: 'insert', key: { id: '2' } },
      ],
    });
    expect(told).toEqual([3, 4, 5]);
  });
});

describe('the two sides', () => {
  it('are told apart, with what is left of the subscription and the slots', async () => {
    const { failOver } = await begin();
    await failOver();
    const old = await world.onOld((session) => readSide(session, 'causeway'));
    const fresh = await world.onNew((session) => readSide(session, 'causeway'));
    expect(old).toMatchObject({ epoch: 1, fencedEpoch: 1, open: false, subscription: null, tracksCommits: true });
    expect(old.slots).toMatchObject([{ name: 'causeway', active: false, walStatus: 'reserved' }]);
    expect(fresh).toMatchObject({ epoch: 2, open: true, subscription: { enabled: false, slot: null } });
    expect(fresh.slots).toMatchObject([{ name: 'causeway_epoch_2', active: false }]);
    expect(fresh.heard).toContain(old.origin);
  });

  it('say that the position may not be read, or that it went with the subscription', async () => {
    await begin();
    const superuser = await world.new.database.client('bootstrap');
    await superuser.query('revoke execute on function pg_show_replication_origin_status() from keeper');
    const applied = () => world.onNew((session) => readApplied(session, 'causeway'));
    expect(await applied()).toEqual({ kind: 'not-allowed', role: 'keeper' });
    await superuser.query('grant execute on function pg_show_replication_origin_status() to keeper');
    expect(await applied()).toMatchObject({ kind: 'known' });
    expect(await world.onNew((session) => readApplied(session, 'another'))).toEqual({ kind: 'gone' });
  });
});
