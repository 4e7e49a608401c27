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

const Settings = z.array(z.object({ name: z.string(), setting: z.string() }));

/** Server settings that replication and the guard need. */
export async function inspectSettings(session: Session): Promise<Finding[]> {
  const names = ['wal_level', 'track_commit_timestamp', 'max_prepared_transactions', 'max_slot_wal_keep_size'];
  const rows = Settings.parse(
    await session.rows('select name, setting from pg_settings where name = any ($1)', [names]),
  );
  const setting = new Map(rows.map((row) => [row.name, row.setting]));
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
    rule(
      'max_slot_wal_keep_size',
      (value) => value !== '-1',
      'warn',
      'set a limit: the slot of a standby that never returns fills the disk',
    ),
  ];
}

const Reach = z.object({
  eventTriggers: z.int(),
  allTables: z.array(z.string()),
  leasePublished: z.array(z.string()),
  largeObjects: z.boolean(),
  mayEscape: z.array(z.string()),
  escaping: z.array(z.string()),
  idleSlots: z.array(z.string()),
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
      select from unnest(s.setconfig) c where c like 'session_replication_role=%' and c not like '%=origin')),
  'idleSlots', (select coalesce(jsonb_agg(slot_name), '[]') from pg_replication_slots
    where not active and database = current_database())
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
    listed('slots that nobody reads', reach.idleSlots, {
      status: 'warn',
      none: 'none',
      wayOut: 'they hold back write-ahead log: start their reader, or pg_drop_replication_slot',
    }),
  ];
}
