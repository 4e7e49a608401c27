// Replication between two real servers: what travels, what must not, sequences, and the way back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresDatabase } from '../../../shared/database/postgres-database.ts';
import { setUpPublication, setUpSubscription } from '../../../shared/database/replication.ts';
import { withSession } from '../../../shared/database/session.ts';
import { databaseOf, replicate } from '../../support/postgres-world.ts';
import {
  createGuardedShop,
  eventually,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
} from '../../support/test-postgres.ts';

const LIMITS = { statementSeconds: 10 };
let servers: TestPostgres[] = [];

beforeAll(async () => {
  servers = await Promise.all([startTestPostgres(), startTestPostgres()]);
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

async function pair(
  name: string,
): Promise<{ there: TestDatabase; here: TestDatabase; a: PostgresDatabase; b: PostgresDatabase }> {
  const [there, here] = await Promise.all([createGuardedShop(servers[0]!, name), createGuardedShop(servers[1]!, name)]);
  const [a, b] = [databaseOf(there), databaseOf(here)];
  const { clock } = await a.guard.beat(1);
  await a.guard.open(1, 1, clock, 600);
  return { there, here, a, b };
}

const notes = async (database: TestDatabase): Promise<string[]> => {
  const client = await database.client('owner');
  const { rows } = await client.query('select note from shop.orders order by id');
  await client.end();
  return rows.map(({ note }) => note);
};
const write = async (database: TestDatabase, note: string): Promise<number> => {
  const client = await database.client('app');
  const { rows } = await client.query('insert into shop.orders (note) values ($1) returning id', [note]);
  await client.end();
  return Number(rows[0].id);
};

describe('publication', () => {
  it('lists the tables and the heartbeat, never the lease, and follows new tables', async () => {
    const { there } = await pair('published');
    const publish = () =>
      withSession(there.connect, 'publish', LIMITS, (session) =>
        setUpPublication(session, { name: 'causeway', schemas: ['shop'] }),
      );
    const tables = ['causeway.heartbeat', 'shop.items', 'shop.orders', 'shop.visits'];
    expect(await publish()).toEqual(tables);
    const owner = await there.client('owner');
    await owner.query('create table shop.later (id int primary key)');
    expect(await publish()).toContain('shop.later');
    const { rows } = await owner.query(
      `select format('%s.%s', schemaname, tablename) as name from pg_publication_tables where pubname = 'causeway' order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'causeway.heartbeat',
      'shop.items',
      'shop.later',
      'shop.orders',
      'shop.visits',
    ]);
    await owner.query('create table shop.keyless (note text)');
    await expect(publish()).rejects.toThrow('cannot publish shop.keyless: no primary key');
  });
});

describe('a standby', () => {
  it('applies every kind of change while its clients are refused', async () => {
    const { there, here, a, b } = await pair('applied');
    await write(there, 'copied');
    await replicate(there, here, 'applied');
    const app = await there.client('app');
    await app.query(`insert into shop.orders (note) values ('two'), ('three'); update shop.orders set note = 'TWO' where note = 'two';
      delete from shop.orders where note = 'three'; insert into shop.visits values ('2026-02-02', 1); insert into shop.items (order_id) values (1)`);
    await eventually('all is applied', async () => (await notes(here)).join() === 'copied,TWO');
    await app.query('truncate shop.items, shop.orders');
    await eventually('the truncation is applied', async () => (await notes(here)).length === 0);
    await expect(write(here, 'no')).rejects.toMatchObject({ code: '25006' });
    expect((await b.guard.state()).open).toBe(false);
    // The lease did not travel: the standby knows of no epoch.
    expect((await b.guard.state()).epoch).toBe(0);
    await Promise.all([a.close(), b.close()]);
  });

  it('is armed by subscribing, before the first row arrives', async () => {
    const { there, here, a, b } = await pair('armed');
    await withSession(there.connect, 'publish', LIMITS, (session) =>
      setUpPublication(session, { name: 'causeway', schemas: ['shop'] }),
    );
    await expect(
      withSession(here.connect, 'subscribe', LIMITS, (session) =>
        setUpSubscription(session, {
          name: 'causeway',
          publication: 'causeway',
          slotName: 'nowhere',
          connection: 'host=127.0.0.1 port=1 user=keeper password=x dbname=x',
          start: 'resume',
        }),
      ),
    ).rejects.toThrow('could not connect to the publisher');
    await expect(write(here, 'no')).rejects.toMatchObject({ code: '25006' });
    await Promise.all([a.close(), b.close()]);
  });
});

describe('sequences', () => {
  it('end up past what the writer told, what was used since, and what it may have given out unseen', async () => {
    const { there, here, a, b } = await pair('sequences');
    const owner = await there.client('owner');
    const schema = `create sequence shop.tickets cache 50; create sequence shop.down increment -1;
      create table shop.marks (id int primary key default nextval('shop.tickets'));
      create table shop.lonely (id bigint generated by default as identity primary key)`;
    await owner.query(schema);
    await (await here.client('owner')).query(`set causeway.allow_ddl = 'on'; ${schema}`);
    await replicate(there, here, 'sequences');
    await owner.query(`select nextval('shop.tickets'), nextval('shop.down'), nextval('shop.down')`);
    await write(there, 'told');
    await a.guard.beat(1);
    // After the last heartbeat: used, and replicated, but never told.
    await owner.query(`insert into shop.lonely (id) values (5000); insert into shop.marks (id) values (90000)`);
    await eventually('all is applied', async () => {
      const { rows } = await (await here.client('owner')).query('select count(*)::int as n from shop.marks');
      return rows[0].n === 1 && (await b.health.standby()).applied?.number === 1;
    });
    expect(await b.promotion.advanceSequences()).toBeGreaterThanOrEqual(4);
    expect(await b.promotion.advanceSequences()).toBe(0);
    const { rows } = await (await here.client('keeper')).query(`select
      (select last_value from shop.tickets)::int as tickets, (select last_value from shop.down)::int as down,
      (select last_value from shop.lonely_id_seq)::int as lonely, (select last_value from shop.orders_id_seq)::int as orders,
      (select last_value from shop.items_id_seq)::int as items`);
    // tickets: 50 told (its cache), then 100 caches of headroom; 90000 was used by hand and wins, with a step of 1000.
    expect(rows).toEqual([{ tickets: 91_000, down: -1002, lonely: 6000, orders: expect.any(Number), items: 1000 }]);
    expect(rows[0].orders).toBeGreaterThanOrEqual(1001);
    await Promise.all([a.close(), b.close()]);
  });

  it('leave more room the faster the writer went', async () => {
    const { there, here, a, b } = await pair('rates');
    await replicate(there, here, 'rates');
    await a.guard.beat(1);
    const owner = await there.client('owner');
    await owner.query(`select count(nextval('shop.orders_id_seq')) from generate_series(1, 50000)`);
    await a.guard.beat(1);
    await eventually('the heartbeat is applied', async () => (await b.health.standby()).applied?.number === 2);
    await b.promotion.advanceSequences();
    const { rows } = await (await here.client('keeper')).query(
      'select last_value::int as value from shop.orders_id_seq',
    );
    // Told 50,000 at thousands a second: a minute of that, twice, is far more than the least step.
    expect(rows[0].value).toBeGreaterThan(100_000);
    await Promise.all([a.close(), b.close()]);
  });
});

describe('the way back', () => {
  it('resumes from the reverse slot without a copy, and echoes nothing', async () => {
    const { there, here, a, b } = await pair('back');
    await replicate(there, here, 'back');
    await write(there, 'one');
    await eventually('all is applied', async () => (await notes(here)).length === 1);
    // A planned move: the writer is fenced, the standby has its last heartbeat, nothing is lost.
    const { heartbeat } = await a.fencing.fence(1, 10);
    await eventually(
      'the last heartbeat is applied',
      async () => (await b.health.standby()).applied?.number === heartbeat?.number,
    );
    await b.promotion.drain(8, heartbeat);
    await b.promotion.detach();
    await b.promotion.advanceSequences();
    const slotName = await b.promotion.prepareReverse(2);
    const { clock } = await b.guard.beat(2);
    expect(await b.guard.open(2, 1, clock, 600)).toMatchObject({ kind: 'set' });
    expect(await write(here, 'two')).toBeGreaterThan(1000);
    await withSession(there.connect, 'subscribe back', LIMITS, (session) =>
      setUpSubscription(session, {
        name: 'causeway',
        publication: 'causeway',
        slotName,
        connection: here.connection('keeper'),
        start: 'resume',
      }),
    );
    await eventually('the old writer follows', async () => (await notes(there)).join() === 'one,two');
    await expect(write(there, 'no')).rejects.toMatchObject({ code: '25006' });
    const { applied } = await a.health.standby();
    expect(applied).toMatchObject({ epoch: 2 });
    expect(await notes(here)).toEqual(['one', 'two']);
    await Promise.all([a.close(), b.close()]);
  });
});
