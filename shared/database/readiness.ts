// The port `DatabaseReadiness` over PostgreSQL: slots and what they hold back, what travels, shapes, sequences, and the inspections.
import * as z from 'zod';
import { SequenceFacts, SlotFacts, SubscriptionFacts } from '../model/readiness.ts';
import type { DatabaseReadiness } from '../ports/database-readiness.ts';
import { inspectReach, inspectSettings, inspectTables } from './inspect.ts';
import { inspectRights } from './inspect-rights.ts';
import type { PromotionOptions } from './promotion.ts';
import { SUBSCRIPTION } from './replication.ts';
import { oneValue } from './rows.ts';
import { type PgConnect, type Session, withSession } from './session.ts';
import { readParts, readShapes } from './shape.ts';
import { readTables } from './tables.ts';

const Said = z.object({
  version: z.int(),
  guard: z.object({ mode: z.enum(['enforce', 'observe']), dormant: z.boolean() }),
  slotLimitBytes: z.number().nullable(),
  slots: z.array(SlotFacts),
  publication: z.object({ all: z.boolean() }).nullable(),
  subscription: SubscriptionFacts.nullable(),
  unlogged: z.array(z.string()),
});

// Before version 17 a slot does not say since when nobody has read it.
const SAID = `
select jsonb_build_object(
  'version', current_setting('server_version_num')::int,
  'guard', causeway.state(),
  'slotLimitBytes', (select nullif(setting::numeric, -1) * 1024 * 1024 from pg_settings where name = 'max_slot_wal_keep_size'),
  'slots', (select coalesce(jsonb_agg(jsonb_build_object('name', s.slot_name, 'ours', s.database is not distinct from current_database(),
      'active', s.active, 'walStatus', s.wal_status, 'catalogAge', age(s.catalog_xmin),
      'inactiveSeconds', case when not s.active then greatest(0, round(extract(epoch from
        clock_timestamp() - (to_jsonb(s) ->> 'inactive_since')::timestamptz))) end,
      'retainedBytes', greatest(0, pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
        else pg_current_wal_insert_lsn() end, s.restart_lsn))) order by s.slot_name), '[]')
    from pg_replication_slots s where not s.temporary),
  'publication', (select jsonb_build_object('all', puballtables) from pg_publication where pubname = $2),
  'subscription', (select jsonb_build_object('enabled', subenabled, 'slot', subslotname,
      'working', exists (select from pg_stat_subscription w where w.subid = s.oid and w.pid is not null))
    from pg_subscription s where s.oid = ${SUBSCRIPTION}),
  'unlogged', (select coalesce(jsonb_agg(name), '[]') from (select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence = 'u' and n.nspname = any ($3) order by 1 limit 20) listed)
) as value`;

const Sequences = z.object({ sequences: z.array(SequenceFacts), untold: z.array(z.string()) });

// Where promotion would move a sequence to is computed as promotion does it; an integer column ends before its bigint sequence does.
const SEQUENCES = `
with told as (select h.sequences from causeway.heartbeat h where h.origin <> (select origin from causeway.lease)
    order by h.epoch desc, h.number desc limit 1),
  each as (select format('%I.%I', n.nspname, c.relname) as name, s.seqincrement, s.seqcache, s.seqmin::numeric, s.seqmax::numeric,
      coalesce(pg_sequence_last_value(s.seqrelid), s.seqstart - s.seqincrement)::numeric as value,
      (select min(case t.typname when 'int2' then 32767 when 'int4' then 2147483647 end)::numeric from pg_depend d
        join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid join pg_type t on t.oid = a.atttypid
        where d.classid = 'pg_class'::regclass and d.objid = s.seqrelid and d.deptype in ('a', 'i')) as fits,
      (select t.sequences -> format('%I.%I', n.nspname, c.relname) from told t) as told
    from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
    where c.relpersistence <> 't' and n.nspname <> 'causeway' and n.nspname !~ '^pg_'),
  seen as (select e.*, least(e.seqmax, e.fits) as last,
    causeway.sequence_target(e.told, e.seqcache, e.seqincrement, $1) as target from each e),
  judged as (select name, told,
    greatest(0, round(100 * case when seqincrement > 0
      then (greatest(value, (told ->> 'value')::numeric) - seqmin) / greatest(1, last - seqmin)
      else (last - least(value, (told ->> 'value')::numeric)) / greatest(1, last - seqmin) end, 1)) as used,
    coalesce(case when seqincrement > 0 then target > last else target < seqmin end, false) as would_end from seen)
select jsonb_build_object(
  'sequences', (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'usedPercent', used, 'wouldEnd', would_end) order by used desc), '[]')
    from (select * from judged where used >= 75 or would_end order by used desc limit 20) listed),
  'untold', (select coalesce(jsonb_agg(name order by name), '[]') from (select name from judged
    where told is null and exists (select from told) order by name limit 20) listed)) as value`;

/** On a session of its own: nothing of it waits for the beat, nor the beat for it. */
export function createPostgresReadiness(connect: PgConnect, options: PromotionOptions): DatabaseReadiness {
  const { subscription, publication, schemas, unseenSeconds } = options;
  return {
    look: (partsOf) =>
      withSession(connect, 'look at the readiness of the database', { statementSeconds: 10 }, async (session) => {
        const inspected = await inspect(session);
        const said = Said.parse(oneValue(await session.rows(SAID, [subscription, publication, schemas])));
        return {
          ...said,
          inspected,
          tables: await readShapes(session, { schemas, subscription, publication }),
          parts: await readParts(session, schemas, partsOf),
          ...Sequences.parse(oneValue(await session.rows(SEQUENCES, [unseenSeconds]))),
        };
      }),
  };
}

async function inspect(session: Session) {
  const all = [
    ...inspectTables(await readTables(session)),
    ...(await inspectReach(session)),
    ...(await inspectSettings(session)),
    ...(await inspectRights(session)),
  ];
  return all.filter(({ status }) => status !== 'ok');
}
