// Reconciling two real databases: every stranded change is applied, archived or listed, once, and a bad row never blocks the next.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { foretell, reconcile } from '../../../../shared/database/failback/reconcile.ts';
import type { Session } from '../../../../shared/database/session.ts';
import { reconcileWorld } from '../../../support/coming-back-phases.ts';
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
create table shop.accounts (region text, number int, owner text, balance numeric not null default 0, primary key (region, number),
  constraint positive check (balance >= 0));
create table shop.whole (a int, b text);
alter table shop.whole replica identity full;
create table shop.long (id int primary key, title text, body text);
alter table shop.long alter body set storage external;
create table shop.pairs (id int primary key, other int references shop.pairs deferrable initially deferred);
create table shop.drifts (id int primary key, gone text);
create table shop.emptied (id int primary key);`;

async function begin(): Promise<ComingBackWorld> {
  made += 1;
  world = await comingBackWorld(servers, `reconcile_${made}`, { schema: SCHEMA });
  return world;
}

const run = (work = reconcile, spoil?: (fresh: Session) => Session) => reconcileWorld(world, work, spoil);

const ask = async (sql: string) => {
  const client = await world.new.database.client('owner');
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
};
const archive = async () => {
  const client = await world.new.database.client('keeper');
  const { rows } = await client.query(
    `select table_name || ' ' || kind || ' ' || outcome || ' ' || rule as what, old_version as old, new_version as new
      from causeway.reconciled order by commit_lsn, ordinal`,
  );
  await client.end();
  return rows;
};

describe('what only the old side changed', () => {
  it('is applied in the old order, and nothing is applied twice', async () => {
    const { atOld, caughtUp, cut, failOver } = await begin();
    const long = 'x'.repeat(100_000);
    await atOld(
      `insert into shop.accounts values ('eu', 1, 'ada', 10), ('eu', 2, 'bob', 20), ('eu', 3, 'cyd', 30)`,
      `insert into shop.whole values (1, 'one'), (1, 'one'), (2, 'two')`,
      `insert into shop.long values (1, 'title', '${long}')`,
      `insert into shop.visits values ('2026-02-02', 1)`,
    );
    await caughtUp();
    await cut();
    await atOld(
      `update shop.accounts set balance = 11 where number = 1`,
      `begin; update shop.accounts set balance = 12 where number = 1; insert into shop.accounts values ('us', 1, 'dan', 40); commit`,
      `update shop.accounts set number = 22 where number = 2`,
      `update shop.accounts set owner = 'BOB' where number = 22`,
      `delete from shop.accounts where number = 3`,
      `insert into shop.accounts values ('eu', 3, 'eve', null) on conflict do nothing`.replace('null', '5'),
      `update shop.whole set b = 'ONE' where a = 1`,
      `delete from shop.whole where a = 2`,
      `update shop.long set title = 'TITLE'`,
      `update shop.visits set id = 2`,
      `insert into shop.orders (note) values ('new')`,
    );
    await failOver();
    const foretold = await run(foretell);
    expect(foretold).toMatchObject({
      changes: 13,
      outcomes: { applied: 13, same: 0, archived: 0, listed: 0 },
      rows: [],
    });
    expect(await ask('select number from shop.accounts order by number')).toHaveLength(3);
    const done = await run();
    expect(done).toMatchObject({ ...foretold, clockAheadUs: null });
    expect(await ask('select region, number, owner, balance::int from shop.accounts order by 1, 2')).toEqual([
      { region: 'eu', number: 1, owner: 'ada', balance: 12 },
      { region: 'eu', number: 3, owner: 'eve', balance: 5 },
      { region: 'eu', number: 22, owner: 'BOB', balance: 20 },
      { region: 'us', number: 1, owner: 'dan', balance: 40 },
    ]);
    expect(await ask('select a, b from shop.whole')).toEqual([
      { a: 1, b: 'ONE' },
      { a: 1, b: 'ONE' },
    ]);
    expect(await ask('select title, length(body) from shop.long')).toEqual([{ title: 'TITLE', length: 100_000 }]);
    expect(await ask('select id::int from shop.visits')).toEqual([{ id: 2 }]);
    expect(done.touched).toEqual(['shop.accounts', 'shop.long', 'shop.orders', 'shop.visits', 'shop.whole']);
    const before = await archive();
    expect(await run()).toMatchObject({ changes: 13, decidedBefore: 13, outcomes: done.outcomes });
    expect(await archive()).toEqual(before);
    expect(await ask('select count(*)::int as n from shop.orders')).toEqual([{ n: 1 }]);
  });
});

describe('what both sides changed', () => {
  it('is won by the last write; the loser is kept, and two inserts are never merged', async () => {
    const { atOld, atNew, caughtUp, cut, failOver } = await begin();
    await atOld(`insert into shop.accounts select 'eu', n, 'was', 0 from generate_series(1, 8) n`);
    await caughtUp();
    await cut();
    await atOld(
      `update shop.accounts set owner = 'old' where number in (1, 2, 3)`,
      `delete from shop.accounts where number = 4`,
      `delete from shop.accounts where number = 5`,
      `insert into shop.accounts values ('eu', 9, 'old', 0)`,
      `update shop.accounts set owner = 'OLD' where number = 9`,
    );
    await failOver();
    await atNew(
      `update shop.accounts set owner = 'new' where number in (1, 4)`,
      `delete from shop.accounts where number in (2, 5)`,
      `insert into shop.accounts values ('eu', 9, 'new', 0)`,
    );
    const foretold = await run(foretell);
    const done = await run();
    expect(done).toEqual(foretold);
    expect(done.outcomes).toEqual({ applied: 1, same: 1, archived: 3, listed: 2 });
    expect(await ask('select number, owner from shop.accounts order by 1')).toEqual(
      [1, 3, 4, 6, 7, 8, 9].map((number) => ({
        number,
        owner: number === 3 ? 'old' : [1, 4, 9].includes(number) ? 'new' : 'was',
      })),
    );
    const [first, second, , deleted, , inserted, followed] = await archive();
    expect(first).toMatchObject({
      what: 'shop.accounts update archived older',
      old: { owner: 'old' },
      new: { owner: 'new' },
    });
    expect(second).toMatchObject({
      what: 'shop.accounts update archived update-of-deleted',
      old: { owner: 'old' },
      new: null,
    });
    expect(deleted).toMatchObject({
      what: 'shop.accounts delete archived older',
      old: { number: '4' },
      new: { owner: 'new' },
    });
    expect(inserted).toMatchObject({
      what: 'shop.accounts insert listed insert-insert',
      old: { owner: 'old' },
      new: { owner: 'new' },
    });
    expect(followed).toMatchObject({ what: 'shop.accounts update listed after-listed', old: { owner: 'OLD' } });
  });

  it('is listed where the times are not kept, but for rows that were not touched since', async () => {
    const { atOld, atNew, caughtUp, cut, failOver } = await begin();
    await atOld(`insert into shop.accounts values ('eu', 1, 'was', 0), ('eu', 2, 'was', 0)`);
    await caughtUp();
    await cut();
    await atOld(`update shop.accounts set owner = 'old'`);
    await failOver();
    await atNew(`update shop.accounts set owner = 'new' where number = 1`);
    const off: typeof foretell = (old, fresh, options) => foretell(old, fresh, { ...options, tracksCommits: false });
    expect(await run(off)).toMatchObject({
      outcomes: { applied: 1, listed: 1 },
      rows: [{ because: expect.stringContaining('track_commit_timestamp is off there') }],
    });
  });
});

describe('what cannot be applied', () => {
  it('is listed with what the database says, and the rest of its transaction goes on', async () => {
    const { atOld, atNew, caughtUp, cut, failOver } = await begin();
    await atOld(
      `insert into shop.orders (note) values ('parent')`,
      `insert into shop.accounts values ('eu', 1, 'was', 0)`,
      `insert into shop.drifts values (1, 'x')`,
    );
    await caughtUp();
    await cut();
    await atOld(
      `begin; insert into shop.items (order_id) values (1); insert into shop.accounts values ('eu', 2, 'good', 0); commit`,
      `insert into shop.drifts values (2, 'y')`,
      `truncate shop.emptied`,
      `begin; insert into shop.pairs values (1, 2), (2, 1); commit`,
      `begin; insert into shop.pairs values (3, 4), (4, 3); insert into shop.pairs values (5, 6), (6, 5); delete from shop.pairs where id in (5, 6); commit`,
      `insert into shop.accounts values ('eu', 3, 'last', 0)`,
    );
    await failOver();
    await atNew(`delete from shop.orders`);
    const administrator = await world.new.database.client('owner');
    await administrator.query(`alter table shop.drifts drop column gone; alter table shop.accounts drop constraint positive,
      add constraint positive check (owner <> 'last')`);
    const done = await run();
    expect(done.rows.map(({ table, kind, outcome, because }) => [table, kind, outcome, because])).toEqual([
      ['shop.items', 'insert', 'listed', expect.stringContaining('violates foreign key constraint')],
      ['shop.drifts', 'insert', 'listed', 'shop.drifts has no column gone at the new writer'],
      ['shop.emptied', 'truncate', 'listed', expect.stringContaining('a person decides')],
      ['shop.accounts', 'insert', 'listed', expect.stringContaining('violates check constraint "positive" (23514)')],
    ]);
    expect(await ask(`select owner from shop.accounts where number > 1`)).toEqual([{ owner: 'good' }]);
    expect(await ask(`select id from shop.pairs order by 1`)).toEqual([1, 2, 3, 4].map((id) => ({ id })));
    expect(done.outcomes).toEqual({ applied: 9, same: 0, archived: 0, listed: 4 });
  });

  it('asks each row by itself where a deferred constraint refuses the whole at its commit', async () => {
    const { atOld, atNew, cut, failOver } = await begin();
    await atOld(`insert into shop.pairs values (1, 1)`);
    await world.caughtUp();
    await cut();
    await atOld(`begin; insert into shop.pairs values (2, 1), (3, 3); commit`);
    await failOver();
    await atNew(`delete from shop.pairs`);
    const done = await run();
    expect(done.rows).toMatchObject([
      { key: { id: '2' }, outcome: 'listed', because: expect.stringContaining('foreign key') },
    ]);
    expect(await ask('select id from shop.pairs')).toEqual([{ id: 3 }]);
  });
});

describe('an interruption', () => {
  it('at any statement loses nothing and doubles nothing', async () => {
    const { atOld, atNew, caughtUp, cut, failOver } = await begin();
    await atOld(`insert into shop.accounts values ('eu', 1, 'was', 0), ('eu', 2, 'was', 0)`);
    await caughtUp();
    await cut();
    await atOld(
      `begin; update shop.accounts set balance = balance + 1; insert into shop.accounts values ('eu', 3, 'old', 0); commit`,
      `update shop.accounts set balance = balance + 1 where number = 3`,
      `insert into shop.orders (note) values ('one')`,
    );
    await failOver();
    await atNew(`update shop.accounts set owner = 'new' where number = 2`);
    let statements = 0;
    const dyingAfter =
      (count: number) =>
      (fresh: Session): Session => ({
        ...fresh,
        rows: async (sql, values) => {
          statements += 1;
          const rows = await fresh.rows(sql, values);
          if (statements > count) throw new Error('the process was killed');
          return rows;
        },
      });
    let ended = 0;
    for (let count = 1; ; count += 1) {
      statements = 0;
      const done = await run(reconcile, dyingAfter(count)).then(
        (value) => value,
        () => null,
      );
      if (done) {
        expect(done.outcomes).toEqual({ applied: 4, same: 0, archived: 1, listed: 0 });
        break;
      }
      ended += 1;
    }
    expect(ended).toBeGreaterThan(20);
    expect(await ask('select number, owner, balance::int from shop.accounts order by 1')).toEqual([
      { number: 1, owner: 'was', balance: 1 },
      { number: 2, owner: 'new', balance: 0 },
      { number: 3, owner: 'old', balance: 1 },
    ]);
    expect(await ask('select note from shop.orders')).toEqual([{ note: 'one' }]);
  });

  it('is not two at once', async () => {
    const { cut, atOld, failOver } = await begin();
    await cut();
    await atOld(`insert into shop.orders (note) values ('one')`);
    await failOver();
    const keeper = await world.new.database.client('keeper');
    await keeper.query(`select pg_advisory_lock(hashtext('causeway reconcile'))`);
    await expect(run()).rejects.toThrow('somebody else is reconciling at this moment');
  });
});
