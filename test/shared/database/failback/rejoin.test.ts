// Rejoining on two real servers: what the divergence touched is copied, the rest goes on, and the old side never lets a client in.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeRecords } from '../../../../shared/database/failback/records.ts';
import type { Session } from '../../../../shared/database/session.ts';
import { planned, reconciled, rejoined } from '../../../support/coming-back-phases.ts';
import { type ComingBackWorld, comingBackWorld, contentOf } from '../../../support/coming-back-world.ts';
import { eventually, startTestPostgres, type TestPostgres } from '../../../support/test-postgres.ts';

let servers: { old: TestPostgres; new: TestPostgres };
let world: ComingBackWorld;
let made = 0;

beforeAll(async () => {
  const settings = { wal_receiver_status_interval: '1' };
  // Little log is kept for a slot at the new side, so that one can be lost.
  const [old, fresh] = await Promise.all([
    startTestPostgres(settings),
    startTestPostgres({ ...settings, max_slot_wal_keep_size: '16MB' }),
  ]);
  servers = { old, new: fresh };
});
afterEach(() => world?.close());
afterAll(() => Promise.all([servers?.old.close(), servers?.new.close()]));

const SCHEMA = `
create table shop.accounts (number int primary key, owner text);
create table shop.notes (id int primary key, account int references shop.accounts);`;

async function begin(): Promise<ComingBackWorld> {
  made += 1;
  world = await comingBackWorld(servers, `rejoin_${made}`, { schema: SCHEMA });
  return world;
}

/** orders and visits go on; accounts was touched by the divergence, and notes refers to it. */
async function diverged(): Promise<ComingBackWorld> {
  const { atOld, atNew, caughtUp, cut, failOver } = await begin();
  await atOld(
    `insert into shop.orders (note) values ('one'), ('two')`,
    `insert into shop.accounts values (1, 'ada'), (2, 'bob')`,
    `insert into shop.notes values (1, 1)`,
    `insert into shop.visits values ('2026-02-02', 1)`,
  );
  await caughtUp();
  await cut();
  await atOld(`update shop.accounts set owner = 'ADA' where number = 1`, `insert into shop.accounts values (3, 'cyd')`);
  await failOver();
  await atNew(
    `update shop.accounts set owner = 'BOB' where number = 2`,
    `insert into shop.orders (note) values ('three')`,
    `update shop.orders set note = 'ONE' where id = 1`,
    `insert into shop.visits values ('2026-03-03', 2)`,
    `insert into shop.notes values (2, 2)`,
  );
  return world;
}

async function expectEqual(): Promise<void> {
  await eventually('both sides are equal', async () => {
    const [old, fresh] = [await contentOf(world.old.database), await contentOf(world.new.database)];
    return JSON.stringify(old) === JSON.stringify(fresh);
  });
}

/** A client that writes at the old side for as long as it lasts: it must be refused every time. */
async function hammered<T>(work: () => Promise<T>): Promise<T> {
  const client = await world.old.database.client('app');
  let over = false;
  const tries: string[] = [];
  const hammering = (async () => {
    while (!over) {
      for (const table of ['shop.accounts (number)', 'shop.orders (note)', 'shop.notes (id)']) {
        await client.query(`insert into ${table} values (99)`).then(
          () => tries.push('written'),
          (error) => tries.push(error.code),
        );
      }
    }
  })();
  try {
    return await work();
  } finally {
    over = true;
    await hammering;
    expect(tries.length).toBeGreaterThan(10);
    expect(new Set(tries)).toEqual(new Set(['25006']));
    await client.end();
  }
}

describe('rejoining', () => {
  it('copies what was touched and what refers to it, and lets the rest go on', async () => {
    const { atNew } = await diverged();
    await reconciled(world);
    const plan = await planned(world);
    expect(plan).toMatchObject({
      kind: 'plan',
      slot: 'causeway_epoch_2',
      resumes: true,
      copied: [
        { name: 'shop.accounts', because: 'the divergence touched it' },
        { name: 'shop.notes', because: 'it has a foreign key to shop.accounts' },
      ],
      streamed: ['shop.items', 'shop.orders', 'shop.visits'],
    });
    const said = await hammered(() => rejoined(world));
    expect(said[0]).toContain('subscribing to them from the slot causeway_epoch_2');
    expect(said).toContain('emptying shop.accounts, shop.notes at the old side');
    await atNew(`insert into shop.accounts values (4, 'dan')`, `delete from shop.orders where note = 'two'`);
    await expectEqual();
    expect(await contentOf(world.old.database)).toMatchObject({
      'shop.accounts': ['(1,ADA)', '(2,BOB)', '(3,cyd)', '(4,dan)'],
      'shop.orders': ['(1,ONE)', expect.stringMatching(/three/)],
    });
    // Nothing is left that would fill a disk, or be taken for a way back.
    const { rows } = await (await world.old.database.client('keeper')).query(
      'select slot_name from pg_replication_slots',
    );
    expect(rows).toEqual([]);
    const { rows: there } = await (await world.new.database.client('keeper')).query(
      'select slot_name, active, (select count(*)::int from pg_subscription) as subscriptions from pg_replication_slots',
    );
    expect(there).toEqual([{ slot_name: 'causeway_epoch_2', active: true, subscriptions: 0 }]);
    // And again: nothing is to be done.
    expect(await rejoined(world)).toEqual([]);
    await expectEqual();
  });

  it.each(['lost', 'dropped', 'made too late'])(
    'copies everything where the slot is %s, and says so before',
    async (how) => {
      await diverged();
      await reconciled(world);
      const keeper = await world.new.database.client('keeper');
      if (how === 'lost') await loseSlot();
      else await keeper.query(`select pg_drop_replication_slot('causeway_epoch_2')`);
      if (how === 'made too late') {
        await keeper.query(`select pg_create_logical_replication_slot('causeway_epoch_2', 'pgoutput')`);
        await world.atNew(`insert into shop.orders (note) values ('later')`);
      }
      const because =
        how === 'made too late'
          ? 'the slot causeway_epoch_2 of gcp does not begin with the opening of epoch 2'
          : `the slot causeway_epoch_2 of gcp ${how === 'lost' ? 'has lost its log' : 'is not there'}`;
      const plan = await planned(world);
      expect(plan).toMatchObject({ resumes: false, whyAll: because, slot: 'causeway_copy_2', streamed: [] });
      if (plan.kind === 'plan') expect(plan.copied.map(({ name }) => name)).toContain('shop.visits');
      await hammered(() => rejoined(world));
      await world.atNew(`insert into shop.accounts values (4, 'dan')`);
      await expectEqual();
    },
  );

  it('goes on wherever it was interrupted', async () => {
    await diverged();
    await reconciled(world);
    let statements = 0;
    const dyingAfter =
      (count: number) =>
      (session: Session): Session => ({
        ...session,
        rows: async (sql, values) => {
          const rows = await session.rows(sql, values);
          statements += 1;
          if (statements >= count) throw new Error('the process was killed');
          return rows;
        },
      });
    let ended = 0;
    const trouble = async () => {
      for (let count = 1; ; count += 1) {
        statements = 0;
        const spoil = dyingAfter(count);
        const said = await rejoined(world, { spoilOld: spoil, spoilNew: spoil }).catch((error: Error) => {
          expect(error.message).toContain('the process was killed');
          return null;
        });
        if (said) return;
        ended += 1;
      }
    };
    await hammered(trouble);
    expect(ended).toBeGreaterThan(10);
    await world.atNew(`insert into shop.accounts values (4, 'dan')`);
    await expectEqual();
  }, 60_000);

  it('is refused where the old side could not take the new schema, or has keys that would dangle', async () => {
    await diverged();
    await reconciled(world);
    await (await world.new.database.client('owner')).query('alter table shop.orders add column more text');
    expect(await planned(world)).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('shop.orders has no column more. Make them equal'),
    });
    const old = await world.old.database.client('owner');
    await old.query(`set causeway.allow_ddl = 'on'; alter table shop.orders add column more text;
      create schema local; create table local.marks (number int references shop.accounts)`);
    expect(await planned(world)).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('local.marks at aws has foreign keys to tables that must be copied again'),
    });
  });

  it('copies nothing when nothing diverged', async () => {
    const { atOld, atNew, caughtUp, failOver } = await begin();
    await atOld(`insert into shop.orders (note) values ('one')`);
    await caughtUp();
    await failOver();
    await world.onNew(makeRecords);
    await reconciled(world);
    await atNew(`insert into shop.orders (note) values ('two')`);
    expect(await planned(world)).toMatchObject({ resumes: true, copied: [] });
    await hammered(() => rejoined(world));
    await expectEqual();
  });
});

/** More is written than the server keeps for a slot: as a disk limit does it in the night. */
async function loseSlot(): Promise<void> {
  const superuser = await world.new.database.client('bootstrap');
  await superuser.query('create table public.filler (text text)');
  await eventually('the slot is lost', async () => {
    await superuser.query(`insert into public.filler select repeat('x', 1000) from generate_series(1, 10000)`);
    await superuser.query('select pg_switch_wal()');
    await superuser.query('checkpoint');
    const { rows } = await superuser.query(
      `select wal_status as status from pg_replication_slots where slot_name = 'causeway_epoch_2'`,
    );
    return rows[0]?.status === 'lost';
  });
  await superuser.query('drop table public.filler');
}
