// Which tables there are, which of them the guard stands on, and putting it there with short locks.
import * as z from 'zod';
import type { Clock } from '../ports/clock.ts';
import { type Session, sentence, sqlState } from './session.ts';
import { tableTriggerSql } from './sql/guard.ts';

const UserTable = z.object({
  name: z.string(),
  owner: z.string(),
  /** `guarded`: our trigger, whole and enabled. `disabled`: there, but off, changed, or fired for replication too. */
  guard: z.enum(['guarded', 'disabled', 'missing']),
  /** The role that asks may put a trigger on it. */
  may: z.boolean(),
  identified: z.boolean(),
});
export type UserTable = z.infer<typeof UserTable>;

// tgtype 62: BEFORE, for each statement, on INSERT, UPDATE, DELETE and TRUNCATE. tgenabled O: for clients, not for replication.
const USER_TABLES = `
select c.oid::regclass::text as name, pg_get_userbyid(c.relowner) as owner,
  case when t.oid is null then 'missing'
    when t.tgenabled = 'O' and t.tgtype = 62 and t.tgqual is null and t.tgfoid = 'causeway.guard'::regproc then 'guarded'
    else 'disabled' end as guard,
  has_table_privilege(c.oid, 'trigger') as may,
  c.relreplident = 'f' or exists (select from pg_index i where i.indrelid = c.oid and i.indisvalid
    and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end) as identified
from pg_class c join pg_namespace n on n.oid = c.relnamespace
  left join pg_trigger t on t.tgrelid = c.oid and t.tgname = 'causeway_guard'
where c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname not in ('information_schema', 'causeway')
  and n.nspname !~ '^pg_'
order by 1`;

/** Every table of every user schema, temporary ones and our own left out. Names are qualified and quoted. */
export async function readTables(session: Session): Promise<UserTable[]> {
  // Names come out qualified whatever the role's search path is.
  await session.rows("set search_path = ''");
  return z.array(UserTable).parse(await session.rows(USER_TABLES));
}

export type Guarding = { table: string; outcome: 'guarded' | 'not-allowed' | 'locked'; detail: string };

const ATTEMPTS = 10;
const RETRY_SECONDS = 0.3;

/**
 * Puts the guard on one table. CREATE TRIGGER waits for running writers and holds up the ones behind it, so it waits half a second
 * at a time, ten times.
 */
export async function guardTable(session: Session, clock: Clock, table: UserTable): Promise<Guarding> {
  return withShortLock(session, clock, table.name, tableTriggerSql(table.name));
}

/** Runs one command that needs a lock on a table that clients use. */
export async function withShortLock(session: Session, clock: Clock, table: string, sql: string): Promise<Guarding> {
  await session.rows("set lock_timeout = '500ms'");
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await session.rows(sql);
        return { table, outcome: 'guarded', detail: '' };
      } catch (error) {
        const state = sqlState(error);
        if (state === DUPLICATE) return { table, outcome: 'guarded', detail: 'somebody else was first' };
        if (state === NOT_ALLOWED) return { table, outcome: 'not-allowed', detail: sentence(error) };
        if (state !== LOCKED) throw error;
        if (attempt === ATTEMPTS) {
          return { table, outcome: 'locked', detail: `its writers never left it for 0.5 s, in ${ATTEMPTS} attempts` };
        }
        await clock.sleep(RETRY_SECONDS);
      }
    }
  } finally {
    await session.rows('reset lock_timeout');
  }
}

const DUPLICATE = '42710';
const NOT_ALLOWED = '42501';
const LOCKED = '55P03';
