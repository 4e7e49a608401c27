// Waiting until every table is copied and the stream has caught up, with what can be said of it meanwhile.
import * as z from 'zod';
import type { Clock } from '../../ports/clock.ts';
import { DatabaseUnavailable } from '../../ports/database.ts';
import { SUBSCRIPTION } from '../replication.ts';
import { oneValue } from '../rows.ts';
import type { Session } from '../session.ts';

const Progress = z.object({
  left: z.array(z.object({ name: z.string(), rows: z.number().nullable(), bytes: z.number().nullable() })),
  tables: z.int(),
  failures: z.int(),
});
type Progress = z.infer<typeof Progress>;

const PROGRESS = `
select jsonb_build_object(
  'tables', (select count(*) from pg_subscription_rel where srsubid = ${SUBSCRIPTION}),
  'left', (select coalesce(jsonb_agg(jsonb_build_object('name', n.nspname || '.' || c.relname, 'rows', p.tuples_processed, 'bytes', p.bytes_processed)
      order by n.nspname, c.relname), '[]')
    from pg_subscription_rel r join pg_class c on c.oid = r.srrelid join pg_namespace n on n.oid = c.relnamespace
      left join pg_stat_progress_copy p on p.relid = r.srrelid
    where r.srsubid = ${SUBSCRIPTION} and r.srsubstate <> 'r'),
  'failures', (select coalesce(sum(apply_error_count + sync_error_count), 0) from pg_stat_subscription_stats where subid = ${SUBSCRIPTION})
) as value`;

const BEHIND = `
select (case when $2::pg_lsn is null then 0 else greatest(0, pg_wal_lsn_diff($2::pg_lsn, confirmed_flush_lsn)) end)::float8 as value
from pg_replication_slots where slot_name = $1`;

export type Awaiting = {
  subscription: string;
  slot: string;
  /** What the plan knew of the tables' sizes, by name. */
  sizes: Map<string, number>;
  clock: Clock;
  stop: AbortSignal;
  say: (sentence: string) => void;
};

const POLL_SECONDS = 0.5;
/** A worker that failed so often since we look will not do it by itself. */
const FAILURES = 5;

/** Throws `DatabaseUnavailable` when the workers keep failing, or when it is told to stop: what was begun goes on by itself. */
export async function awaitCopies(old: Session, fresh: Session, awaiting: Awaiting): Promise<void> {
  const first = await readProgress(old, awaiting);
  await until(awaiting, async () => {
    const now = await readProgress(old, awaiting);
    if (now.failures - first.failures >= FAILURES) {
      throw new DatabaseUnavailable(
        `replication to the old side has failed ${now.failures - first.failures} times while it was watched: its server's log says why (a row that is in the way, a column that differs, a password)`,
      );
    }
    return now.left.length === 0 ? null : copyingText(now, awaiting.sizes);
  });
  const target = z.string().parse(oneValue(await fresh.rows('select pg_current_wal_lsn()::text as value')));
  await until(awaiting, async () => {
    const bytes = z.number().parse(oneValue(await fresh.rows(BEHIND, [awaiting.slot, target])));
    return bytes === 0 ? null : `all tables are copied; ${sizeText(bytes)} of the log are yet to be read`;
  });
}

async function readProgress(old: Session, { subscription }: Awaiting): Promise<Progress> {
  return Progress.parse(oneValue(await old.rows(PROGRESS, [subscription])));
}

/** Says each sentence once, and looks again until there is none. */
async function until({ clock, stop, say }: Awaiting, look: () => Promise<string | null>): Promise<void> {
  let said = '';
  for (let text = await look(); text !== null; text = await look()) {
    if (text !== said) say(text);
    said = text;
    if (stop.aborted) {
      throw new DatabaseUnavailable(
        'stopped waiting: what was begun goes on by itself; give the same command again to see its end',
      );
    }
    await clock.sleep(POLL_SECONDS, stop);
  }
}

function copyingText({ left, tables }: Progress, sizes: Map<string, number>): string {
  const each = left.map(({ name, rows, bytes }) => {
    const size = sizes.get(name);
    const of = size === undefined ? '' : ` of about ${sizeText(size)}`;
    return rows === null || bytes === null ? `${name} waits${of}` : `${name} ${rows} rows, ${sizeText(bytes)}${of}`;
  });
  return `${tables - left.length} of ${tables} tables are there; copying ${each.join('; ')}`;
}

/** `640 kB`, `3.4 GB`. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let size = bytes;
  for (; size >= 1000 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${size >= 10 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}
