// The guard: what refuses a write without the lease, at the statement and again at commit.
import { DORMANT } from './schema.ts';

/** When this server's postmaster started, in microseconds since 1970. Always this expression: its rounding must be equal. */
export const SERVER_START = `round(date_part('epoch', pg_postmaster_start_time()) * 1000000)::bigint`;

const NOW_MS = `date_part('epoch', clock_timestamp()) * 1000`;

/**
 * True while this database may accept writes. The server is compared before the expiry is read, because opening after
 * a restart first shuts, then names the server, then sets the expiry. A clock that was set back to before the lease began shuts too.
 */
export const IS_OPEN = `(case pg_sequence_last_value('causeway.lease_until') when ${DORMANT} then true else coalesce(
    pg_sequence_last_value('causeway.lease_server') = ${SERVER_START}
    and ${NOW_MS} >= pg_sequence_last_value('causeway.lease_from')
    and ${NOW_MS} < pg_sequence_last_value('causeway.lease_until'), false) end)`;

const DEFINER = `security definer set search_path = pg_catalog, pg_temp`;

// First a cheap refusal that takes no transaction id; then the touch, whose lock the fence waits for; then the check that
// counts: whoever passes it holds the lock already, so that a fence that got the lock has outwaited every writer.
const PASS_OR_REFUSE = (what: string) => `
  if not ${IS_OPEN} then
    perform causeway.refuse(${what});
  end if;
  own_transaction := pg_current_xact_id_if_assigned()::text;
  if own_transaction is null or current_setting('causeway.guarded', true) is distinct from own_transaction then
    insert into causeway.writing default values;
    perform set_config('causeway.guarded', pg_current_xact_id()::text, true);
    if not ${IS_OPEN} then
      perform causeway.refuse(${what});
    end if;
  end if;`;

const BODY = {
  enforce: (what: string, end: string) => `
declare
  own_transaction text;
begin${PASS_OR_REFUSE(what)}
  ${end}
end`,
  observe: (_what: string, end: string) => `
begin
  ${end}
end`,
};

/** The guard's functions. With `observe` they let everything pass; the triggers stay where they are. */
export const guardSql = (mode: 'enforce' | 'observe'): string => `
create or replace function causeway.why_shut() returns text language plpgsql stable ${DEFINER} as $$
declare
  lease causeway.lease;
  expiry bigint := pg_sequence_last_value('causeway.lease_until');
  left_ms double precision := expiry - ${NOW_MS};
begin
  select * into lease from causeway.lease;
  if lease.epoch > 0 and lease.fenced_epoch >= lease.epoch then
    return format('epoch %s was fenced here', lease.epoch);
  elsif lease.epoch = 0 then
    return 'no lease has been opened here, this is a standby';
  elsif pg_sequence_last_value('causeway.lease_server') is distinct from ${SERVER_START} then
    return format('the server has restarted since epoch %s was renewed', lease.epoch);
  elsif left_ms > 0 then
    return format('the server''s clock was set back behind the lease of epoch %s', lease.epoch);
  end if;
  return format('the lease of epoch %s lapsed %s s ago', lease.epoch, round((-left_ms / 1000)::numeric, 1));
end $$;

create or replace function causeway.refuse(what text) returns void language plpgsql ${DEFINER} as $$
begin
  raise exception using
    errcode = '25006',
    message = format('causeway: %s refused, %s', what, causeway.why_shut()),
    detail = 'Only the site that holds the lease may write.',
    hint = 'Write to the database behind the writer''s DNS name. If this is the writer, its keeper does not renew: '
      'see "causeway status", and "causeway break-glass" when the register is lost.';
end $$;

create or replace function causeway.guard() returns trigger language plpgsql ${DEFINER} as $$${BODY[mode](
  `format('%s on %I.%I', tg_op, tg_table_schema, tg_table_name)`,
  'return null;',
)} $$;

create or replace function causeway.require_lease(what text) returns void language plpgsql ${DEFINER} as $$${BODY[mode](
  'what',
  'return;',
)} $$;

create or replace function causeway.at_commit() returns trigger language plpgsql ${DEFINER} as $$
begin
  -- A deferred trigger of the application that writes after this one must be checked again.
  perform set_config('causeway.guarded', '', true);
  if not ${IS_OPEN} and (select mode from causeway.lease) = 'enforce' then
    perform causeway.refuse('COMMIT');
  end if;
  return null;
end $$;

do $$ begin
  if not exists (select from pg_trigger where tgrelid = 'causeway.writing'::regclass and tgname = 'at_commit') then
    create constraint trigger at_commit after insert on causeway.writing
      deferrable initially deferred for each row execute function causeway.at_commit();
  end if;
end $$;
update causeway.lease set mode = '${mode}' where mode <> '${mode}';
`;

/** The trigger that each user table gets; `table` is quoted already. */
export const tableTriggerSql = (table: string): string =>
  `create trigger causeway_guard before insert or update or delete or truncate on ${table} ` +
  'for each statement execute function causeway.guard()';
