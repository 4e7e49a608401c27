// What the keeper's own role may do: everything that a fence, a promotion and a way back need of it.
import * as z from 'zod';
import { type Finding, ok } from './findings.ts';
import { oneValue } from './rows.ts';
import type { Session } from './session.ts';
import { originRightSql } from './sql/coming-back.ts';

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

export async function inspectRights(session: Session): Promise<Finding[]> {
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
