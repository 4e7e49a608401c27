// The two databases of a coming back, as they stand: the old writer's, which was lost and is back, and the new writer's.
import * as z from 'zod';
import { SUBSCRIPTION } from '../replication.ts';
import { oneValue } from '../rows.ts';
import { type Session, sqlState } from '../session.ts';

const Slot = z.object({
  name: z.string(),
  active: z.boolean(),
  /** `lost`: its log is gone, it can never be read again. */
  walStatus: z.string().nullable(),
  retainedBytes: z.number().nullable(),
});
export type Slot = z.infer<typeof Slot>;

const SubscribedTable = z.object({
  name: z.string(),
  /** As PostgreSQL has it: i(nit), d(ata is copied), f(inished copying), s(ynchronised), r(eady). */
  state: z.enum(['i', 'd', 'f', 's', 'r']),
  /** It was copied by this subscription; false: it only streams. */
  copied: z.boolean(),
});

const Subscription = z.object({
  enabled: z.boolean(),
  slot: z.string().nullable(),
  tables: z.array(SubscribedTable),
});
export type Subscription = z.infer<typeof Subscription>;

export const Side = z.object({
  /** The database's own name for itself, made when the guard was installed. */
  origin: z.string(),
  epoch: z.int(),
  fencedEpoch: z.int(),
  mode: z.enum(['enforce', 'observe']),
  dormant: z.boolean(),
  open: z.boolean(),
  /** Commit times are kept, so that it can be told when a row was written. */
  tracksCommits: z.boolean(),
  slots: z.array(Slot),
  subscription: Subscription.nullable(),
  /** Databases whose heartbeats are here, by origin. */
  heard: z.array(z.string()),
});
export type Side = z.infer<typeof Side>;

const SIDE = `
select jsonb_build_object('origin', l.origin, 'fencedEpoch', l.fenced_epoch,
  'tracksCommits', current_setting('track_commit_timestamp') = 'on',
  'slots', (select coalesce(jsonb_agg(jsonb_build_object('name', slot_name, 'active', active, 'walStatus', wal_status,
      'retainedBytes', pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) order by slot_name), '[]')
    from pg_replication_slots where database = current_database() and plugin = 'pgoutput' and not temporary),
  'subscription', (select jsonb_build_object('enabled', s.subenabled, 'slot', s.subslotname,
      'tables', (select coalesce(jsonb_agg(jsonb_build_object('name', n.nspname || '.' || c.relname, 'state', r.srsubstate,
          'copied', r.srsublsn is not null) order by n.nspname, c.relname), '[]')
        from pg_subscription_rel r join pg_class c on c.oid = r.srrelid join pg_namespace n on n.oid = c.relnamespace
        where r.srsubid = s.oid))
    from pg_subscription s where s.oid = ${SUBSCRIPTION}),
  'heard', (select coalesce(jsonb_agg(distinct h.origin), '[]') from causeway.heartbeat h)
) || causeway.state() as value from causeway.lease l`;

export async function readSide(session: Session, subscription: string): Promise<Side> {
  return Side.parse(oneValue(await session.rows(SIDE, [subscription])));
}

/** How far the new writer had applied what the old one sent, before it became the writer. */
export type Applied =
  | { kind: 'known'; lsn: string }
  /** Its subscription was dropped, and what it had applied went with it. */
  | { kind: 'gone' }
  | { kind: 'not-allowed'; role: string };

const Positions = z.array(z.object({ lsn: z.string().nullable() }));

// An origin that never applied anything has no position yet: everything in the slot is then still to come.
const APPLIED = `
select coalesce((select o.remote_lsn::text from pg_show_replication_origin_status() o where o.external_id = 'pg_' || s.oid), '0/0') as lsn
from pg_subscription s where s.oid = ${SUBSCRIPTION}`;

/** The end of the last transaction that was applied: exact, whatever the old writer's slot has been told of it. */
export async function readApplied(session: Session, subscription: string): Promise<Applied> {
  try {
    const [found] = Positions.parse(await session.rows(APPLIED, [subscription]));
    return found?.lsn ? { kind: 'known', lsn: found.lsn } : { kind: 'gone' };
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    return {
      kind: 'not-allowed',
      role: z.string().parse(oneValue(await session.rows('select current_user as value'))),
    };
  }
}
