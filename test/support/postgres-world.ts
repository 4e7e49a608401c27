// Real PostgreSQL as the worlds that the contract suites of the database's ports ask for.
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import { createLogicalFollowing } from '../../shared/database/following.ts';
import { createPostgresDatabase, type PostgresDatabase } from '../../shared/database/postgres-database.ts';
import { awaitSubscription, setUpPublication, setUpSubscription } from '../../shared/database/replication.ts';
import { withSession } from '../../shared/database/session.ts';
import type { PairWorld } from '../contract/following.ts';
import type { ClientTransaction, GuardedWorld } from '../contract/guarded-world.ts';
import type { ReplicatedWorld } from '../contract/promotion.ts';
import { createGuardedShop, eventually, realClock, type TestDatabase, type TestPostgres } from './test-postgres.ts';

const LIMITS = { statementSeconds: 10 };

export function databaseOf({ connect }: TestDatabase, { statementSeconds = 4 } = {}): PostgresDatabase {
  const names = { subscription: 'causeway', publication: 'causeway' };
  return createPostgresDatabase(connect, realClock, {
    ...names,
    schemas: ['shop'],
    statementSeconds,
    unseenSeconds: 60,
  });
}

export async function guardedPostgresWorld(postgres: TestPostgres, name: string): Promise<GuardedWorld> {
  const database = await createGuardedShop(postgres, name);
  const { guard, fencing, close } = databaseOf(database);
  const notes = async (): Promise<string[]> => {
    const { rows } = await (await database.client('owner')).query('select note from shop.orders order by id');
    return rows.map(({ note }) => String(note));
  };
  return {
    guard,
    fencing,
    begin: async () => transactionOf(await begun(database, 'read committed')),
    commitPrepared: async (id) => {
      await (await database.client('app')).query(`commit prepared '${id}'`);
    },
    read: async () => {
      const client = await begun(database, 'repeatable read');
      const again = async () => {
        await client.query('select count(*) from shop.orders');
      };
      await again();
      return { again };
    },
    committed: notes,
    arm: async () => {
      await withSession(database.connect, 'arm', LIMITS, (session) => session.rows('select causeway.arm()'));
    },
    restart: async () => {
      await postgres.server().stop();
      await postgres.restart();
    },
    pass: (seconds) => wait(seconds * 1000),
    untilShut: () => eventually('the guard is shut', async () => !(await guard.state()).open),
    close,
  };
}

export async function begun(database: TestDatabase, isolation: string): Promise<pg.Client> {
  const client = await database.client('app');
  await client.query(`begin isolation level ${isolation}`);
  return client;
}

function transactionOf(client: pg.Client): ClientTransaction {
  const run = (sql: string) => async () => {
    await client.query(sql);
  };
  return {
    write: async (text) => {
      await client.query('insert into shop.orders (note) values ($1)', [text]);
    },
    savepoint: run('savepoint here'),
    rollBackToSavepoint: run('rollback to savepoint here'),
    commit: run('commit'),
    prepare: (id) => run(`prepare transaction '${id}'`)(),
  };
}

/** A writer and a standby on two servers, replicating; the writer's server is lost by killing it. */
export async function replicatedPostgresWorld(
  servers: { writer: TestPostgres; standby: TestPostgres },
  name: string,
): Promise<ReplicatedWorld> {
  const [there, here] = await Promise.all([
    createGuardedShop(servers.writer, name),
    createGuardedShop(servers.standby, name),
  ]);
  await replicate(there, here, name);
  const [writer, standby] = [databaseOf(there), databaseOf(here)];
  return {
    writer: {
      guard: writer.guard,
      health: writer.health,
      readiness: writer.readiness,
      insert: (text) => insert(there, text),
    },
    standby: { ...standby, insert: (text) => insert(here, text) },
    caughtUp: async () => {
      const target = await latest(there);
      await eventually('the standby has caught up', async () => (await latest(here)) === target);
    },
    standbyRows: () => notesOf(here),
    loseWriter: () => servers.writer.server().kill(),
    close: async () => {
      await Promise.all([writer.close(), standby.close()]);
      // Slots belong to the server: the next world of it finds none of ours.
      const mine = 'from pg_replication_slots where not active and database = current_database()';
      await (await here.client('bootstrap')).query(`select pg_drop_replication_slot(slot_name) ${mine}`);
    },
  };
}

/** Two servers of which the second follows the first, and each can reach the other. */
export async function pairPostgresWorld(
  servers: { one: TestPostgres; other: TestPostgres },
  name: string,
): Promise<PairWorld & { databases: Record<'one' | 'other', TestDatabase> }> {
  const [first, second] = await Promise.all([
    createGuardedShop(servers.one, name),
    createGuardedShop(servers.other, name),
  ]);
  await replicate(first, second, name);
  const databases: Record<string, TestDatabase> = { one: first, other: second };
  const cut = new Set<string>();
  const connectionTo = async (site: string) => {
    const known = databases[site];
    if (!known) throw new Error(`this test has no site ${site}`);
    const reached = known.connection('keeper');
    // Port 1 answers nobody; the last of two spellings counts.
    return cut.has(site) ? `${reached} port=1` : reached;
  };
  const names = { subscription: 'causeway', publication: 'causeway', slot: `causeway_${name}` };
  const side = (at: string, database: TestDatabase) => ({
    ...databaseOf(database),
    following: createLogicalFollowing(database.connect, { ...names, connectionTo }),
    name: at,
    insert: (text: string) => insert(database, text),
    rows: () => notesOf(database),
  });
  const [one, other] = [side('one', first), side('other', second)];
  return {
    one,
    other,
    databases: { one: first, other: second },
    caughtUp: async (replica, writer) => {
      const [here, there] = [databases[replica.name], databases[writer.name]];
      if (!here || !there) throw new Error('this test has no such pair');
      await eventually('the replica has caught up', async () => (await latest(here)) === (await latest(there)));
    },
    setReachable: async ({ name: site }, reachable) => {
      if (reachable) cut.delete(site);
      else cut.add(site);
    },
    close: async () => {
      await Promise.all([one.close(), other.close()]);
      await Promise.all(Object.values(databases).map(unsubscribe));
      await Promise.all(Object.values(databases).map(dropSlots));
    },
  };
}

/** Slots belong to the server: the next pair on it makes some of the same names. */
async function unsubscribe({ connect }: TestDatabase): Promise<void> {
  await withSession(connect, 'unsubscribe', LIMITS, async (session) => {
    const [found] = await session.rows(
      'select from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())',
    );
    if (!found) return;
    await session.rows('alter subscription causeway disable');
    await session.rows('alter subscription causeway set (slot_name = none)');
    await session.rows('drop subscription causeway');
  });
}

async function dropSlots({ connect }: TestDatabase): Promise<void> {
  await eventually('no slot is left', () =>
    withSession(connect, 'drop the slots', LIMITS, async (session) => {
      const mine = 'from pg_replication_slots where database = current_database()';
      await session.rows(`select pg_drop_replication_slot(slot_name) ${mine} and not active`);
      return (await session.rows(`select ${mine}`)).length === 0;
    }),
  );
}

async function notesOf(database: TestDatabase): Promise<string[]> {
  const client = await database.client('owner');
  try {
    const { rows } = await client.query('select note from shop.orders order by id');
    return rows.map(({ note }) => String(note));
  } finally {
    await client.end();
  }
}

/** Publishes the shop there and subscribes to it here. */
export async function replicate(there: TestDatabase, here: TestDatabase, name: string): Promise<void> {
  await withSession(there.connect, 'publish', LIMITS, (session) =>
    setUpPublication(session, { name: 'causeway', schemas: ['shop'] }),
  );
  await withSession(here.connect, 'subscribe', LIMITS, async (session) => {
    const slot = { slotName: `causeway_${name}`, start: 'copy' as const };
    await setUpSubscription(session, {
      name: 'causeway',
      publication: 'causeway',
      connection: there.connection('keeper'),
      ...slot,
    });
    await awaitSubscription(session, realClock, { name: 'causeway', deadlineSeconds: 20 });
  });
}

async function insert(database: TestDatabase, text: string): Promise<number> {
  const client = await database.client('app');
  try {
    const { rows } = await client.query('insert into shop.orders (note) values ($1) returning id', [text]);
    return Number(rows[0].id);
  } finally {
    await client.end();
  }
}

/** The last heartbeat and the number of orders: what a standby must have to have caught up. */
async function latest(database: TestDatabase): Promise<string> {
  const client = await database.client('keeper');
  try {
    const { rows } = await client.query(
      `select (select format('%s.%s', epoch, number) from causeway.heartbeat order by epoch desc, number desc limit 1) as beat,
        (select count(*) from shop.orders) as orders`,
    );
    return `${rows[0].beat}/${rows[0].orders}`;
  } finally {
    await client.end();
  }
}
