// Tables whose own triggers fire when stranded changes are brought to them, as they fire for any client.
import * as z from 'zod';
import type { Session } from '../session.ts';

const TRIGGERED = `
select distinct n.nspname || '.' || c.relname as name
from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
where not t.tgisinternal and t.tgname <> 'causeway_guard' and t.tgenabled in ('O', 'A') and n.nspname || '.' || c.relname = any ($1)
order by 1`;

export async function readTriggered(session: Session, tables: string[]): Promise<string[]> {
  const rows = z.array(z.object({ name: z.string() })).parse(await session.rows(TRIGGERED, [tables]));
  return rows.map(({ name }) => name);
}
