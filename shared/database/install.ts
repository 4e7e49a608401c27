// `db install`: puts the schema, the guard and its triggers into one database, again and again with the same result.
import * as z from 'zod';
import type { Clock } from '../ports/clock.ts';
import { DatabaseUnavailable } from '../ports/database.ts';
import { type Session, sentence, sqlState } from './session.ts';
import { BREAK_GLASS_SQL } from './sql/break-glass.ts';
import { COMING_BACK_SQL } from './sql/coming-back.ts';
import { DDL_FUNCTIONS_SQL, EVENT_TRIGGER_NAMES, EVENT_TRIGGERS_SQL } from './sql/ddl.ts';
import { FENCE_SQL } from './sql/fence.ts';
import { guardSql, tableTriggerSql } from './sql/guard.ts';
import { LEASE_SQL } from './sql/lease.ts';
import { SCHEMA_SQL } from './sql/schema.ts';
import { SEQUENCE_SQL } from './sql/sequences.ts';
import { guardTable, readTables } from './tables.ts';

export type GuardMode = 'enforce' | 'observe';

export type InstallOptions = {
  /** Null: as it is, or `enforce` the first time. */
  mode: GuardMode | null;
  /** Refuse writes from now on, before any keeper has opened an epoch here: right for a standby, an outage for a live writer. */
  arm: boolean;
};

/** One thing that was done, was done already, or could not be done (and then why, and what would help). */
export type Deed = { what: string; outcome: 'done' | 'already' | 'problem'; detail: string };

// Everybody may be stopped by the guard and put it on a table of their own; all else is the keeper's.
const RIGHTS_SQL = `
revoke execute on all functions in schema causeway from public;
grant execute on function causeway.guard(), causeway.require_lease(text), causeway.ddl_is_free(),
  causeway.on_ddl_start(), causeway.on_ddl_end(), causeway.on_drop() to public;
`;

/** All that goes into the schema `causeway`, in order, for one transaction. */
const schemaSql = (mode: GuardMode): string =>
  [
    SCHEMA_SQL,
    guardSql(mode),
    SEQUENCE_SQL,
    LEASE_SQL,
    BREAK_GLASS_SQL,
    COMING_BACK_SQL,
    FENCE_SQL,
    DDL_FUNCTIONS_SQL,
    RIGHTS_SQL,
  ].join('\n');

const Role = z.tuple([z.object({ name: z.string(), superuser: z.boolean(), owner: z.string().nullable() })]);
const ROLE = `
select current_user as name, (select rolsuper from pg_roles where rolname = current_user) as superuser,
  (select pg_get_userbyid(nspowner) from pg_namespace where nspname = 'causeway') as owner`;

/**
 * Installs, or brings up to date. Safe on a live database: nothing is refused until a keeper opens the first epoch here (or `arm`), and
 * no lock is waited for longer than half a second at a time. Throws when run as a superuser, or as another role than the first time.
 */
export async function installGuard(session: Session, clock: Clock, options: InstallOptions): Promise<Deed[]> {
  await mustBeKeeper(session);
  const mode = options.mode ?? (await currentMode(session)) ?? 'enforce';
  const deeds: Deed[] = [await installSchema(session, mode)];
  if (options.arm) deeds.push(await arm(session));
  for (const table of await readTables(session)) {
    if (table.guard === 'missing') {
      const { outcome, detail } = await guardTable(session, clock, table);
      deeds.push({ what: `guard ${table.name}`, outcome: outcome === 'guarded' ? 'done' : 'problem', detail });
    } else {
      const intact = table.guard === 'guarded';
      const detail = intact
        ? ''
        : `its guard is off or changed: ALTER TABLE ${table.name} ENABLE TRIGGER causeway_guard`;
      deeds.push({ what: `guard ${table.name}`, outcome: intact ? 'already' : 'problem', detail });
    }
  }
  deeds.push(await installEventTriggers(session));
  return deeds;
}

/** What `installGuard` would run now, as SQL that a person can read, and changes nothing. */
export async function planInstall(session: Session, options: InstallOptions): Promise<string> {
  await mustBeKeeper(session);
  const installed = await isInstalled(session);
  const mode = options.mode ?? (await currentMode(session)) ?? 'enforce';
  const missing = installed ? (await readTables(session)).filter(({ guard }) => guard === 'missing') : null;
  const tables = missing?.map(({ name }) => `${tableTriggerSql(name)};`) ?? [
    `-- then, for each user table:\n${tableTriggerSql('<table>')};`,
  ];
  const armed = options.arm ? 'select causeway.arm();' : '';
  return [`begin;${schemaSql(mode)}commit;`, armed, ...tables, EVENT_TRIGGERS_SQL].filter((part) => part).join('\n\n');
}

export async function isInstalled(session: Session): Promise<boolean> {
  const [row] = await session.rows("select to_regclass('causeway.lease') is not null as value");
  return z.object({ value: z.boolean() }).parse(row).value;
}

async function mustBeKeeper(session: Session): Promise<void> {
  const [role] = Role.parse(await session.rows(ROLE));
  if (role.superuser) {
    throw new DatabaseUnavailable(
      `${role.name} is a superuser: install as the keeper's own role, an ordinary member of every table's owner`,
    );
  }
  if (role.owner !== null && role.owner !== role.name) {
    throw new DatabaseUnavailable(
      `the schema causeway belongs to ${role.owner}: connect as ${role.owner}, not as ${role.name}`,
    );
  }
}

async function currentMode(session: Session): Promise<GuardMode | null> {
  if (!(await isInstalled(session))) return null;
  const [row] = await session.rows('select mode from causeway.lease');
  return z.object({ mode: z.enum(['enforce', 'observe']) }).parse(row).mode;
}

async function installSchema(session: Session, mode: GuardMode): Promise<Deed> {
  const already = await isInstalled(session);
  // One at a time: two CREATE OR REPLACE of the same function at once fail.
  await session.rows(`begin; select pg_advisory_xact_lock(hashtext('causeway install')); ${schemaSql(mode)} commit;`);
  const detail = already ? `brought up to date, mode ${mode}` : `mode ${mode}`;
  return { what: 'the schema causeway', outcome: 'done', detail };
}

async function arm(session: Session): Promise<Deed> {
  const [row] = await session.rows('select causeway.arm() as value');
  const armed = z.object({ value: z.boolean() }).parse(row).value;
  return { what: 'arm the guard', outcome: armed ? 'done' : 'already', detail: '' };
}

async function installEventTriggers(session: Session): Promise<Deed> {
  const what = 'event triggers for new tables and data definition';
  const [row] = await session.rows('select count(*)::int as value from pg_event_trigger where evtname = any ($1)', [
    EVENT_TRIGGER_NAMES,
  ]);
  if (z.object({ value: z.int() }).parse(row).value === EVENT_TRIGGER_NAMES.length) {
    return { what, outcome: 'already', detail: '' };
  }
  try {
    await session.rows(EVENT_TRIGGERS_SQL);
    return { what, outcome: 'done', detail: '' };
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    const detail =
      `${sentence(error)}: this role may not. Until an administrator runs the SQL at the end of "db install --dry-run", ` +
      'the sweep guards new tables within a minute, and data definition is not refused.';
    return { what, outcome: 'problem', detail };
  }
}
