// Emptying tables of a fenced database that are to be copied again: under a lock, and without the guard ever letting a client in.
import * as z from 'zod';
import type { Session } from '../session.ts';

const GUARDED = `
select format('%I.%I', n.nspname, c.relname) as sql
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_trigger t on t.tgrelid = c.oid and t.tgname = 'causeway_guard'
where t.tgenabled <> 'D' and exists (
  select from unnest($1::text[]) named(root)
  where c.oid = named.root::regclass or pg_partition_root(c.oid) = named.root::regclass)`;

/**
 * The guard refuses a TRUNCATE as it should. It is switched off for these tables, partitions included, inside the transaction that holds
 * them locked against everybody, and switched on again before anybody can see them: at no moment is there a table without it.
 */
export async function emptyTables(session: Session, tables: string[]): Promise<void> {
  if (tables.length === 0) return;
  const guarded = z.array(z.object({ sql: z.string() })).parse(await session.rows(GUARDED, [tables]));
  const turn = (word: 'disable' | 'enable') =>
    guarded.map(({ sql }) => `alter table ${sql} ${word} trigger causeway_guard`);
  await session.rows('begin');
  try {
    // Readers of the old side may hold it up for a while.
    await session.rows("set local lock_timeout = '60s'");
    for (const sql of turn('disable')) await session.rows(sql);
    await session.rows(`truncate ${tables.join(', ')}`);
    for (const sql of turn('enable')) await session.rows(sql);
    await session.rows('commit');
  } catch (error) {
    if (session.alive()) await session.rows('rollback');
    throw error;
  }
}
