// The tables of one side, as rejoining needs to know them: sizes, columns, what is published, and who references whom.
import * as z from 'zod';
import type { Session } from '../session.ts';

const ReplicatedTable = z.object({
  /** Qualified, and not quoted: how the two sides' tables are matched. */
  name: z.string(),
  /** Quoted, for SQL. */
  sql: z.string(),
  /** Of a schema that is replicated, and of a kind that can be. */
  replicable: z.boolean(),
  published: z.boolean(),
  bytes: z.number(),
  columns: z.array(z.string()),
  /** Tables that its foreign keys point at. */
  references: z.array(z.string()),
});
export type ReplicatedTable = z.infer<typeof ReplicatedTable>;

// Partitions travel with their root, and are emptied with it.
const TABLES = `
select n.nspname || '.' || c.relname as name, format('%I.%I', n.nspname, c.relname) as sql,
  c.relpersistence = 'p' and n.nspname = any ($1) as replicable,
  exists (select from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
    where p.pubname = $2 and r.prrelid = c.oid) as published,
  (select coalesce(sum(pg_total_relation_size(part.oid)), 0)::float8
    from (select relid::oid as oid from pg_partition_tree(c.oid) union select c.oid) part) as bytes,
  (select coalesce(jsonb_agg(a.attname order by a.attnum), '[]') from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
  (select coalesce(jsonb_agg(distinct rn.nspname || '.' || rc.relname), '[]') from pg_constraint k
    join pg_class rc on rc.oid = coalesce(pg_partition_root(k.confrelid), k.confrelid) join pg_namespace rn on rn.oid = rc.relnamespace
    where k.contype = 'f' and coalesce(pg_partition_root(k.conrelid), k.conrelid) = c.oid) as "references"
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence <> 't' and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'causeway')
order by 1`;

export async function readReplicatedTables(
  session: Session,
  { schemas, publication }: { schemas: string[]; publication: string },
): Promise<ReplicatedTable[]> {
  return z.array(ReplicatedTable).parse(await session.rows(TABLES, [schemas, publication]));
}
