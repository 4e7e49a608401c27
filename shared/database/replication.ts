// Logical replication between two sites: a publication that lists its tables, and a subscription that takes no echoes.
import * as z from 'zod';
import type { Clock } from '../ports/clock.ts';
import { DatabaseUnavailable } from '../ports/database.ts';
import { quoteIdentifier, quoteLiteral } from './quote.ts';
import { oneValue } from './rows.ts';
import type { Session } from './session.ts';

export type PublicationOptions = { name: string; schemas: string[] };

export type SubscriptionOptions = {
  name: string;
  publication: string;
  slotName: string;
  /** A libpq connection string to the publisher, password included: PostgreSQL asks it of ordinary roles. */
  connection: string;
  /** `copy`: a new slot, and all rows are copied. `resume`: a slot that is there, and only what came since. */
  start: 'copy' | 'resume';
};

/** The oid of the subscription named $1 in this database: the catalogue lists those of the whole server. Null when there is none. */
export const SUBSCRIPTION = `(select oid from pg_subscription
  where subname = $1 and subdbid = (select oid from pg_database where datname = current_database()))`;

const Names = z.array(z.object({ name: z.string(), identified: z.boolean() }));

// Partitions travel with their root; temporary and unlogged tables cannot.
const TABLES = `
select format('%I.%I', n.nspname, c.relname) as name,
  c.relreplident = 'f' or exists (select from pg_index i where i.indrelid = c.oid and i.indisvalid
    and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end) as identified
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence = 'p' and not c.relispartition and n.nspname = any ($1)
order by name`;

/**
 * Makes the publication of every table of the schemas and of the heartbeat, or brings its list up to date. Tables are listed, never
 * all of them: the lease must not travel. Throws when a table has no replica identity, because its updates would fail once published.
 */
export async function setUpPublication(session: Session, { name, schemas }: PublicationOptions): Promise<string[]> {
  const list = ['causeway.heartbeat', ...(await publishableTables(session, schemas))];
  await publishTables(session, name, list);
  return list;
}

async function publishableTables(session: Session, schemas: string[]): Promise<string[]> {
  const tables = Names.parse(await session.rows(TABLES, [schemas]));
  const unidentified = tables.filter(({ identified }) => !identified).map((table) => table.name);
  if (unidentified.length > 0) {
    throw new DatabaseUnavailable(
      `cannot publish ${unidentified.join(', ')}: no primary key; add one, or ALTER TABLE ... REPLICA IDENTITY FULL`,
    );
  }
  return tables.map((table) => table.name);
}

/** Makes the publication of exactly these tables, whose names are qualified and quoted, or changes it to them. */
export async function publishTables(session: Session, name: string, list: string[]): Promise<void> {
  const known = Names.element
    .pick({ name: true })
    .array()
    .parse(
      await session.rows(
        "select format('%I.%I', schemaname, tablename) as name from pg_publication_tables where pubname = $1",
        [name],
      ),
    )
    .map((table) => table.name);
  const exists = z
    .array(z.object({ all: z.boolean() }))
    .parse(await session.rows('select puballtables as all from pg_publication where pubname = $1', [name]));
  if (exists[0]?.all) {
    throw new DatabaseUnavailable(
      `the publication ${name} is FOR ALL TABLES, and the lease would travel: drop it first`,
    );
  }
  if (!exists[0]) {
    await session.rows(
      `create publication ${quoteIdentifier(name)} for table ${list.join(', ')} with (publish_via_partition_root = true)`,
    );
  } else if (list.length !== known.length || list.some((table) => !known.includes(table))) {
    await session.rows(`alter publication ${quoteIdentifier(name)} set table ${list.join(', ')}`);
  }
}

/**
 * Arms the guard here, then makes the subscription, or leaves the one that is attached. One that promotion had detached is made
 * again. `origin = none`: what this site wrote itself and sent does not come back to it.
 */
export async function setUpSubscription(session: Session, options: SubscriptionOptions): Promise<void> {
  await session.rows('select causeway.arm()');
  const name = quoteIdentifier(options.name);
  const found = z
    .array(z.object({ slot: z.string().nullable() }))
    .parse(
      await session.rows(`select subslotname as slot from pg_subscription where oid = ${SUBSCRIPTION}`, [options.name]),
    );
  if (found[0] && found[0].slot !== null) return;
  if (found[0]) await session.rows(`drop subscription ${name}`);
  await createSubscription(session, options, { enabled: true });
}

/** The subscription alone; `enabled: false` leaves time to look at what it would read before it does. */
export async function createSubscription(
  session: Session,
  { name, connection, publication, slotName, start }: SubscriptionOptions,
  { enabled }: { enabled: boolean },
): Promise<void> {
  const copy = start === 'copy';
  await session.rows(
    `create subscription ${quoteIdentifier(name)} connection ${quoteLiteral(connection)} ` +
      `publication ${quoteIdentifier(publication)} with (slot_name = ${quoteLiteral(slotName)}, ` +
      `create_slot = ${copy}, copy_data = ${copy}, enabled = ${enabled}, origin = none)`,
  );
}

/** Waits until every table of the subscription is copied and streams. Throws `DatabaseUnavailable` at the deadline, with what is left. */
export async function awaitSubscription(
  session: Session,
  clock: Clock,
  { name, deadlineSeconds }: { name: string; deadlineSeconds: number },
): Promise<void> {
  const deadline = clock.elapsedSeconds() + deadlineSeconds;
  for (;;) {
    const left = z
      .string()
      .nullable()
      .parse(oneValue(await session.rows(UNREADY, [name])));
    if (left === null) return;
    if (clock.elapsedSeconds() >= deadline) {
      throw new DatabaseUnavailable(`the subscription ${name} is not ready after ${deadlineSeconds} s: ${left}`);
    }
    await clock.sleep(0.1);
  }
}

const UNREADY = `
select case when ${SUBSCRIPTION} is null then 'there is no such subscription'
  else (select string_agg(format('%s is %s', r.srrelid::regclass, r.srsubstate), ', ')
    from pg_subscription_rel r where r.srsubid = ${SUBSCRIPTION} and r.srsubstate <> 'r') end as value`;
