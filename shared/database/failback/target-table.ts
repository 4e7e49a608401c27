// A table of the new writer, as stranded changes are brought to it: finding the row, and writing it, value by value as text.
import * as z from 'zod';
import { quoteIdentifier } from '../quote.ts';
import type { Session } from '../session.ts';
import type { Change, Relation, Row } from './change.ts';

export type Target = {
  /** Quoted and qualified, for SQL. */
  sql: string;
  columns: string[];
  keyColumns: string[];
  /** False: a row is told by its whole content only. */
  keyed: boolean;
};

/** The row, where it stands, and when it was written, as far as the server knows. */
export type FoundRow = {
  place: { ctid: string; tableoid: string };
  row: Row;
  xmin: string;
  /** Written before the last heartbeat that the old writer's replication brought. */
  before: boolean;
  /** Null: commit times are not kept, or not that far back. */
  committed: { us: bigint; byReplication: boolean } | null;
};

const Columns = z.array(z.object({ name: z.string(), primary: z.boolean() }));

const COLUMNS = `
select a.attname::text as name, coalesce(a.attnum = any (i.indkey), false) as primary
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
  left join pg_index i on i.indrelid = c.oid and i.indisprimary
where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
order by a.attnum`;

/** Where a relation's changes belong, or in what the two sides' schemas differ. */
export async function readTarget(session: Session, relation: Relation): Promise<Target | { drift: string }> {
  const { schema, table } = relation;
  const columns = Columns.parse(await session.rows(COLUMNS, [schema, table]));
  const names = columns.map(({ name }) => name);
  const missing = relation.columns.filter((name) => !names.includes(name));
  if (columns.length === 0) return { drift: `there is no table ${schema}.${table} at the new writer any more` };
  if (missing.length > 0) return { drift: `${schema}.${table} has no column ${missing.join(', ')} at the new writer` };
  const primary = columns.filter((one) => one.primary).map(({ name }) => name);
  const told = relation.identity === 'default' || relation.identity === 'index' ? relation.keyColumns : primary;
  const keyed = told.length > 0 && told.every((name) => relation.columns.includes(name));
  const sql = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
  return { sql, columns: relation.columns, keyColumns: keyed ? told : relation.columns, keyed };
}

/** As its type prints it: what the log holds, too. `num_nulls`, because a composite of nulls is not NULL. */
const printed = (name: string): string => {
  const column = `t.${quoteIdentifier(name)}`;
  return `case num_nulls(${column}) when 1 then null else format('%s', ${column}) end`;
};

/** Parameters from $1 on, in the order of the key's columns. */
function matching({ keyColumns, keyed }: Target): string {
  const one = (name: string, index: number) =>
    keyed
      ? `t.${quoteIdentifier(name)} = $${index + 1}`
      : `(${printed(name)}) is not distinct from $${index + 1}::text`;
  return keyColumns.map(one).join(' and ');
}

const keyValues = (key: Row, { keyColumns }: Target): (string | null)[] => keyColumns.map((name) => key[name] ?? null);

const Found = z.array(
  z.object({
    ctid: z.string(),
    tableoid: z.string(),
    xmin: z.string(),
    before: z.boolean().nullable(),
    committed: z.object({ us: z.string(), origin: z.string() }).nullable(),
    row: z.record(z.string(), z.string().nullable()),
  }),
);

export type Looking = {
  /** The old writer's last heartbeat here: what is older than it was not written since. */
  oldOrigin: string;
  oldEpoch: number;
  tracksCommits: boolean;
  /** Hold the row until the transaction ends, so that what is decided stays true. */
  lock: boolean;
};

/** The row of that key; null when there is none. */
export async function findRow(
  session: Session,
  target: Target,
  key: Row,
  { oldOrigin, oldEpoch, tracksCommits, lock }: Looking,
): Promise<FoundRow | null> {
  const next = target.keyColumns.length + 1;
  const committed = tracksCommits
    ? `(select jsonb_build_object('us', (extract(epoch from o.timestamp) * 1000000)::bigint::text, 'origin', o.roident::text)
        from pg_xact_commit_timestamp_origin(t.xmin) o where o.timestamp is not null)`
    : 'null::jsonb';
  const rows = Found.parse(
    await session.rows(
      `select t.ctid::text, t.tableoid::text, t.xmin::text, ${committed} as committed,
        age(t.xmin) >= age((select h.xmin from causeway.heartbeat h where h.origin = $${next} and h.epoch = $${next + 1})) as before,
        jsonb_object($${next + 2}::text[], array[${target.columns.map(printed).join(', ')}]::text[]) as row
      from ${target.sql} t where ${matching(target)} limit 1 ${lock ? 'for update' : ''}`,
      [...keyValues(key, target), oldOrigin, oldEpoch, target.columns],
    ),
  );
  const [found] = rows;
  if (!found) return null;
  const { ctid, tableoid, xmin, row } = found;
  return {
    place: { ctid, tableoid },
    row,
    xmin,
    before: found.before ?? false,
    committed: found.committed && {
      us: BigInt(found.committed.us),
      byReplication: found.committed.origin !== '0',
    },
  };
}

/** Carries the change out on the row that was found. Throws what the server refuses it with. */
export async function writeChange(
  session: Session,
  target: Target,
  change: Change,
  at: FoundRow | null,
): Promise<void> {
  const { sql } = target;
  if (change.kind === 'insert') {
    const names = Object.keys(change.row);
    const values = names.map((_, index) => `$${index + 1}`);
    await session.rows(
      `insert into ${sql} (${names.map(quoteIdentifier).join(', ')}) overriding system value values (${values.join(', ')})`,
      Object.values(change.row),
    );
    return;
  }
  if (change.kind === 'truncate' || !at) throw new Error(`a ${change.kind} has no row to be carried out on`);
  const where = 't.ctid = $1::tid and t.tableoid = $2::oid';
  const place = [at.place.ctid, at.place.tableoid];
  const done =
    change.kind === 'delete'
      ? await session.rows(`delete from ${sql} t where ${where} returning 1 as done`, place)
      : await updateRow(session, sql, where, place, differing(change.row, at.row));
  if (done.length !== 1) throw new Error(`the row was locked, and yet ${done.length} rows of ${sql} were changed`);
}

function differing(row: Row, there: Row): [string, string | null][] {
  return Object.entries(row).filter(([name, value]) => there[name] !== value);
}

async function updateRow(
  session: Session,
  sql: string,
  where: string,
  place: string[],
  values: [string, string | null][],
): Promise<unknown[]> {
  if (values.length === 0) return [{ done: 1 }];
  const set = values.map(([name], index) => `${quoteIdentifier(name)} = $${index + 3}`);
  return session.rows(`update ${sql} t set ${set.join(', ')} where ${where} returning 1 as done`, [
    ...place,
    ...values.map(([, value]) => value),
  ]);
}

/** The transaction that wrote the row of that key: by it a later look knows whether somebody else has written it since. */
export async function writerOf(session: Session, target: Target, key: Row): Promise<string | null> {
  if (!target.keyed) return null;
  const rows = z
    .array(z.object({ xmin: z.string() }))
    .parse(
      await session.rows(`select t.xmin::text from ${target.sql} t where ${matching(target)}`, keyValues(key, target)),
    );
  return rows[0]?.xmin ?? null;
}
