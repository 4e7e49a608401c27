// Looking a database over: what the guard stands on, what it does not reach, and the settings that it needs.
import * as z from 'zod';
import { type Finding, listed, ok } from './findings.ts';
import { oneValue } from './rows.ts';
import type { Session } from './session.ts';
import { EVENT_TRIGGER_NAMES } from './sql/ddl.ts';
import type { UserTable } from './tables.ts';

/** Tables without a guard, with one that is off, and without a key to replicate by. */
export function inspectTables(tables: readonly UserTable[]): Finding[] {
  const named = (which: (table: UserTable) => boolean) => tables.filter(which).map(({ name }) => name);
  return [
    ok('guarded tables', `${named(({ guard }) => guard === 'guarded').length} of ${tables.length}`),
    listed(
      'tables without the guard',
      named(({ guard, may }) => guard === 'missing' && may),
      {
        status: 'fail',
        none: 'none',
        wayOut: 'run causeway db install',
      },
    ),
    listed(
      'tables that this role cannot guard',
      named(({ guard, may }) => guard === 'missing' && !may),
      {
        status: 'fail',
        none: 'none',
        wayOut: 'make the keeper a member of their owners (GRANT owner TO keeper), then run causeway db install',
      },
    ),
    listed(
      'guards that are off or changed',
      named(({ guard }) => guard === 'disabled'),
      {
        status: 'fail',
        none: 'none',
        wayOut: 'ALTER TABLE ... ENABLE TRIGGER causeway_guard; or drop the trigger and run causeway db install',
      },
    ),
    listed(
      'tables without a primary key or replica identity',
      named(({ identified }) => !identified),
      {
        status: 'fail',
        none: 'none',
        wayOut: 'add a primary key, or ALTER TABLE ... REPLICA IDENTITY FULL: their updates cannot be replicated',
      },
    ),
  ];
}

const Settings = z.object({
  settings: z.record(z.string(), z.string()),
  slotsUsed: z.int(),
  sendersUsed: z.int(),
});

const SETTINGS = `
select jsonb_build_object(
  'settings', (select jsonb_object_agg(name, setting) from pg_settings where name in ('wal_level', 'track_commit_timestamp',
    'max_prepared_transactions', 'max_replication_slots', 'max_wal_senders', 'max_logical_replication_workers')),
  'slotsUsed', (select count(*) from pg_replication_slots),
  'sendersUsed', (select count(*) from pg_stat_get_wal_senders())
) as value`;

/** Server settings that replication, promotion and the guard need. */
export async function inspectSettings(session: Session): Promise<Finding[]> {
  const { settings, slotsUsed, sendersUsed } = Settings.parse(oneValue(await session.rows(SETTINGS)));
  const setting = new Map(Object.entries(settings));
  const left = (name: string, used: number, wayOut: string): Finding => {
    const limit = Number(setting.get(name) ?? 0);
    const found = `${used} of ${limit} in use`;
    return used < limit ? ok(name, found) : { about: name, status: 'fail', found, wayOut: `raise it: ${wayOut}` };
  };
  const rule = (name: string, good: (value: string) => boolean, status: 'warn' | 'fail', wayOut: string): Finding => {
    const found = setting.get(name) ?? 'not known';
    return good(found) ? ok(name, found) : { about: name, status, found, wayOut };
  };
  return [
    rule(
      'wal_level',
      (value) => value === 'logical',
      'fail',
      'rds.logical_replication = 1, or cloudsql.logical_decoding = on',
    ),
    rule('track_commit_timestamp', (value) => value === 'on', 'warn', 'set it on: conflicts are explained by it'),
    rule(
      'max_prepared_transactions',
      (value) => value === '0',
      'warn',
      'set it to 0: COMMIT PREPARED is not checked again, only rolled back by a fence',
    ),
    left('max_replication_slots', slotsUsed, 'a promotion makes a slot, by which the other site comes back'),
    left('max_wal_senders', sendersUsed, 'the other site reads from here when it comes back'),
    rule(
      'max_logical_replication_workers',
      (value) => Number(value) >= 2,
      'fail',
      'set it to 4 or more: one worker applies what the other site writes, others copy tables',
    ),
  ];
}

const IDLE_SLOTS = `
select coalesce(jsonb_agg(slot_name order by slot_name), '[]') as value from pg_replication_slots
where not active and database = current_database()`;

/** What holds back write-ahead log, as far as one database can tell; who should be reading is the readiness check's to say. */
export async function inspectSlots(session: Session): Promise<Finding[]> {
  const idle = z.array(z.string()).parse(oneValue(await session.rows(IDLE_SLOTS)));
  const limit = z
    .string()
    .parse(oneValue(await session.rows("select current_setting('max_slot_wal_keep_size') as value")));
  return [
    limit === '-1'
      ? {
          about: 'max_slot_wal_keep_size',
          status: 'warn',
          found: limit,
          wayOut: 'set a limit: the slot of a standby that never returns fills the disk',
        }
      : ok('max_slot_wal_keep_size', limit),
    listed('slots that nobody reads', idle, {
      status: 'warn',
      none: 'none',
      wayOut: 'they hold back write-ahead log: start their reader, or pg_drop_replication_slot',
    }),
  ];
}

const Reach = z.object({
  eventTriggers: z.int(),
  allTables: z.array(z.string()),
  leasePublished: z.array(z.string()),
  largeObjects: z.boolean(),
  mayEscape: z.array(z.string()),
  escaping: z.array(z.string()),
});

const REACH = `
select jsonb_build_object(
  'eventTriggers', (select count(*) from pg_event_trigger where evtname = any ($1) and evtenabled = 'O'),
  'allTables', (select coalesce(jsonb_agg(pubname), '[]') from pg_publication where puballtables),
  'leasePublished', (select coalesce(jsonb_agg(pubname || ': ' || tablename), '[]') from pg_publication_tables
    where schemaname = 'causeway' and tablename <> 'heartbeat'),
  'largeObjects', exists (select from pg_largeobject_metadata),
  'mayEscape', (select coalesce(jsonb_agg(rolname), '[]') from pg_roles where not rolsuper and rolname !~ '^pg_'
    and has_parameter_privilege(oid, 'session_replication_role', 'set')),
  'escaping', (select coalesce(jsonb_agg(coalesce(r.rolname, 'every role')), '[]') from pg_db_role_setting s
    left join pg_roles r on r.oid = s.setrole where exists (
      select from unnest(s.setconfig) c where c like 'session_replication_role=%' and c not like '%=origin'))
) as value`;

/** What gets past the guard in this database, and what would carry the lease away. */
export async function inspectReach(session: Session): Promise<Finding[]> {
  const reach = Reach.parse(oneValue(await session.rows(REACH, [EVENT_TRIGGER_NAMES])));
  const all = EVENT_TRIGGER_NAMES.length;
  const eventTriggers: Finding =
    reach.eventTriggers === all
      ? ok('event triggers', `${all} of ${all}: new tables are guarded, data definition needs the lease`)
      : {
          about: 'event triggers',
          status: 'warn',
          found: `${reach.eventTriggers} of ${all}: new tables wait for the sweep, data definition is not refused`,
          wayOut: 'an administrator runs the SQL at the end of "causeway db install --dry-run"',
        };
  return [
    eventTriggers,
    listed('publications FOR ALL TABLES', reach.allTables, {
      status: 'fail',
      none: 'none',
      wayOut: 'drop them and list their tables: the lease must not travel',
    }),
    listed("Causeway's own tables that are published", reach.leasePublished, {
      status: 'fail',
      none: 'only the heartbeat',
      wayOut: 'ALTER PUBLICATION ... DROP TABLE: only causeway.heartbeat travels',
    }),
    listed('roles whose settings pass the guard by', reach.escaping, {
      status: 'fail',
      none: 'none',
      wayOut: 'ALTER ROLE ... RESET session_replication_role',
    }),
    listed('roles that may set session_replication_role', reach.mayEscape, {
      status: 'escape',
      none: 'none',
      wayOut: 'their sessions can switch every trigger off: REVOKE SET ON PARAMETER session_replication_role FROM ...',
    }),
    listed('large objects', reach.largeObjects ? ['there are some'] : [], {
      status: 'escape',
      none: 'none',
      wayOut: 'they have no triggers and are not replicated: keep such data in bytea or in a bucket',
    }),
  ];
}
