// `db check`: everything an operator should know about one database, with the way out of each finding.
import * as z from 'zod';
import { type Finding, ok } from './findings.ts';
import { inspectReach, inspectSettings, inspectTables } from './inspect.ts';
import { isInstalled } from './install.ts';
import { oneValue } from './rows.ts';
import type { Session } from './session.ts';
import { originRightSql } from './sql/coming-back.ts';
import { readTables } from './tables.ts';

/** What no setting mends: told with every check, so that nobody learns of it in an incident. */
const BY_DESIGN: Finding[] = [
  {
    about: 'SET CONSTRAINTS by the client',
    status: 'escape',
    found: 'a client that makes constraints immediate is checked at its statements only, not again at its commit',
    wayOut:
      'a fence ends such a transaction all the same; do not use SET CONSTRAINTS ALL IMMEDIATE in long transactions',
  },
  {
    about: 'a COMMIT stalled in progress',
    status: 'escape',
    found: 'a server frozen between the check at commit and the commit itself can finish later than the lease',
    wayOut: 'the margin of the lease covers short stalls, and a fence waits for it',
  },
  {
    about: 'who owns a table',
    status: 'escape',
    found: 'its owner may drop or disable the guard on it',
    wayOut: 'let clients connect as roles that own nothing; the sweep finds it within a minute',
  },
];

/** Reads only. Findings of status `fail` mean that two sites could write, or that a failover would lose data. */
export async function checkDatabase(session: Session): Promise<Finding[]> {
  if (!(await isInstalled(session))) {
    const settings = await inspectSettings(session);
    const finding: Finding = {
      about: 'the guard',
      status: 'fail',
      found: 'not installed',
      wayOut: 'run causeway db install',
    };
    return [finding, ...settings];
  }
  return [
    await guardFinding(session),
    ...inspectTables(await readTables(session)),
    ...(await inspectReach(session)),
    ...(await inspectSettings(session)),
    ...(await inspectRights(session)),
    ...BY_DESIGN,
  ];
}

const State = z.object({
  epoch: z.int(),
  open: z.boolean(),
  dormant: z.boolean(),
  mode: z.string(),
  remainingSeconds: z.number(),
});

async function guardFinding(session: Session): Promise<Finding> {
  const state = State.parse(oneValue(await session.rows('select causeway.state() as value')));
  const about = 'the guard';
  if (state.mode === 'observe') {
    return {
      about,
      status: 'warn',
      found: 'observes, refuses nothing',
      wayOut: 'run causeway db install --mode enforce',
    };
  }
  if (state.dormant) {
    const wayOut = 'start the keeper of this site if it is the writer; on a standby run causeway db install --arm';
    return { about, status: 'warn', found: 'no epoch has been opened here, so nothing is refused yet', wayOut };
  }
  const shown = state.open ? `open for ${state.remainingSeconds.toFixed(1)} s` : 'shut';
  return ok(about, `enforces; epoch ${state.epoch}, ${shown}`);
}

const Rights = z.object({
  role: z.string(),
  superuser: z.boolean(),
  signals: z.boolean(),
  replicates: z.boolean(),
  subscribes: z.boolean(),
  readsOrigins: z.boolean(),
  strangers: z.array(z.string()),
});

// On RDS replication comes with membership of rds_replication, on Cloud SQL with the attribute.
const RIGHTS = `
select jsonb_build_object('role', current_user, 'superuser', r.rolsuper,
  'signals', pg_has_role('pg_signal_backend', 'usage'),
  'replicates', r.rolreplication
    or exists (select from pg_roles p where p.rolname = 'rds_replication' and pg_has_role(p.oid, 'usage')),
  'subscribes', pg_has_role('pg_create_subscription', 'usage')
    or exists (select from pg_roles p where p.rolname in ('rds_superuser', 'cloudsqlsuperuser') and pg_has_role(p.oid, 'usage')),
  'readsOrigins', has_function_privilege('pg_show_replication_origin_status()', 'execute'),
  'strangers', (select coalesce(jsonb_agg(distinct pg_get_userbyid(relowner)), '[]') from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and not pg_has_role(relowner, 'usage'))) as value
from pg_roles r where r.rolname = current_user`;

async function inspectRights(session: Session): Promise<Finding[]> {
  const rights = Rights.parse(oneValue(await session.rows(RIGHTS)));
  const right = (about: string, has: boolean, status: 'warn' | 'fail', wayOut: string): Finding =>
    has ? ok(about, 'yes') : { about, status, found: 'no', wayOut };
  const { role } = rights;
  return [
    right(`${role} is an ordinary role`, !rights.superuser, 'fail', 'connect as the role that installed the guard'),
    right(
      `${role} is a member of every table's owner`,
      rights.strangers.length === 0,
      'fail',
      rights.strangers.map((owner) => `GRANT ${owner} TO ${role}`).join('; '),
    ),
    right(
      `${role} may end other sessions`,
      rights.signals,
      'fail',
      `GRANT pg_signal_backend TO ${role}: a fence ends writers`,
    ),
    right(
      `${role} may make replication slots`,
      rights.replicates,
      'warn',
      `ALTER ROLE ${role} REPLICATION, or on RDS GRANT rds_replication TO ${role}`,
    ),
    right(`${role} may make subscriptions`, rights.subscribes, 'warn', `GRANT pg_create_subscription TO ${role}`),
    right(
      `${role} may read how far replication has come`,
      rights.readsOrigins,
      'warn',
      `as an administrator: ${originRightSql(role)} (coming back tells by it what was lost)`,
    ),
  ];
}
