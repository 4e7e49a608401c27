// Two real databases after an unplanned failover: what the old writer had accepted and the new one never got, made by the test.

import type { PostgresDatabase } from '../../shared/database/postgres-database.ts';
import { awaitSubscription, setUpPublication, setUpSubscription } from '../../shared/database/replication.ts';
import { type Session, withSession } from '../../shared/database/session.ts';
import { replicationNames } from '../../shared/engine/surround.ts';
import { databaseOf } from './postgres-world.ts';
import { createGuardedShop, eventually, realClock, type TestDatabase, type TestPostgres } from './test-postgres.ts';

const LIMITS = { statementSeconds: 20 };

export type ComingBackWorld = {
  /** The old writer's database (site aws) and the new writer's (site gcp), with their keepers' ports. */
  old: { database: TestDatabase; keeper: PostgresDatabase };
  new: { database: TestDatabase; keeper: PostgresDatabase };
  /** Runs SQL as the application, on a connection of its own. */
  atOld(...statements: string[]): Promise<void>;
  atNew(...statements: string[]): Promise<void>;
  /** Waits until all that was written at the old side so far is applied at the new one. */
  caughtUp(): Promise<void>;
  /** The cable is cut: what the old side accepts from now on is stranded. */
  cut(): Promise<void>;
  /** The lease lapses, the new side takes the role at epoch 2, and the old one comes back and is fenced. */
  failOver(): Promise<void>;
  onOld<T>(work: (session: Session) => Promise<T>): Promise<T>;
  onNew<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

/** `schema`: SQL that makes more tables, run as their owner at both sides before replication begins. */
export async function comingBackWorld(
  servers: { old: TestPostgres; new: TestPostgres },
  name: string,
  { schema = '' }: { schema?: string } = {},
): Promise<ComingBackWorld> {
  const [there, here] = await Promise.all([createGuardedShop(servers.old, name), createGuardedShop(servers.new, name)]);
  for (const side of [there, here]) await run(side, 'owner', [schema]);
  const [a, b] = [databaseOf(there), databaseOf(here)];
  await open(a, 1);
  await begin(there, here);
  const { subscription } = replicationNames;
  return {
    old: { database: there, keeper: a },
    new: { database: here, keeper: b },
    atOld: (...statements) => run(there, 'app', statements),
    atNew: (...statements) => run(here, 'app', statements),
    caughtUp: async () => {
      const { heartbeat } = await a.guard.beat(1);
      await eventually(
        'the new side has caught up',
        async () => (await b.health.standby()).applied?.number === heartbeat.number,
      );
    },
    cut: () => run(here, 'keeper', [`alter subscription ${subscription} disable`]),
    failOver: async () => {
      await b.promotion.detach();
      await b.promotion.advanceSequences();
      await b.promotion.prepareReverse(2);
      await open(b, 2);
      await a.fencing.fence(1, 10);
    },
    onOld: (work) => withSession(there.connect, 'look', LIMITS, work),
    onNew: (work) => withSession(here.connect, 'look', LIMITS, work),
    close: async () => {
      for (const side of [there, here]) await leaveNothing(side);
      for (const side of [there, here]) await dropSlots(side);
      await Promise.all([a.close(), b.close()]);
    },
  };
}

async function open({ guard }: PostgresDatabase, epoch: number): Promise<void> {
  const { clock } = await guard.beat(epoch);
  const answer = await guard.open(epoch, 1, clock, 3000);
  if (answer.kind === 'refused') throw new Error(answer.because);
}

async function begin(there: TestDatabase, here: TestDatabase): Promise<void> {
  const { publication, subscription, slot } = replicationNames;
  await withSession(there.connect, 'publish', LIMITS, (session) =>
    setUpPublication(session, { name: publication, schemas: ['shop'] }),
  );
  await withSession(here.connect, 'subscribe', LIMITS, async (session) => {
    const connection = there.connection('keeper');
    await setUpSubscription(session, { name: subscription, publication, slotName: slot, connection, start: 'copy' });
    await awaitSubscription(session, realClock, { name: subscription, deadlineSeconds: 20 });
  });
}

async function run(database: TestDatabase, role: 'app' | 'keeper' | 'owner', statements: string[]): Promise<void> {
  const client = await database.client(role);
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Names of slots are one for a whole server: what a world leaves behind would be the next one's. */
async function leaveNothing(database: TestDatabase): Promise<void> {
  const client = await database.client('keeper');
  try {
    const { rows } = await client.query(
      'select subname from pg_subscription where subdbid = (select oid from pg_database where datname = current_database())',
    );
    for (const { subname } of rows) {
      await client.query(`alter subscription ${subname} disable`);
      await client.query(`alter subscription ${subname} set (slot_name = none)`);
      await client.query(`drop subscription ${subname}`);
    }
  } finally {
    await client.end();
  }
}

async function dropSlots(database: TestDatabase): Promise<void> {
  const client = await database.client('keeper');
  try {
    await eventually('no slot is left', async () => {
      await client.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active');
      const { rows } = await client.query('select from pg_replication_slots');
      return rows.length === 0;
    });
  } finally {
    await client.end();
  }
}

/** Every row of every table of the shop, as text, in order. */
export async function contentOf(database: TestDatabase): Promise<Record<string, string[]>> {
  const client = await database.client('owner');
  try {
    const { rows: tables } = await client.query(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'shop' order by 1",
    );
    const content: Record<string, string[]> = {};
    for (const { name } of tables) {
      const { rows } = await client.query(`select t::text as row from ${name} t order by 1`);
      content[name] = rows.map(({ row }) => row);
    }
    return content;
  } finally {
    await client.end();
  }
}
