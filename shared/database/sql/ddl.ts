// Data definition: refused without the lease, and new tables get their guard. Event triggers need more rights than the rest.

// Temporary objects may have these tags, and whether they are is known only afterwards: judged at the end of the command.
const JUDGED_LATER = `array['CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE INDEX', 'CREATE VIEW', 'ALTER TABLE',
    'DROP TABLE', 'DROP INDEX', 'DROP VIEW']`;

/** SECURITY INVOKER, all of them: whoever issues the command owns what it makes, and may put a trigger on it. */
export const DDL_FUNCTIONS_SQL = `
-- The keeper (not who made its role and may only administer it) detaches and publishes while the guard is shut; an operator migrates a standby's schema, which does not replicate.
create or replace function causeway.ddl_is_free() returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select pg_has_role(session_user, (select nspowner from pg_namespace where nspname = 'causeway'), 'usage')
    or coalesce(current_setting('causeway.allow_ddl', true), '') = 'on'
$$;

create or replace function causeway.on_ddl_start() returns event_trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_tag <> all (${JUDGED_LATER}) and not causeway.ddl_is_free() then
    perform causeway.require_lease(tg_tag);
  end if;
end $$;

create or replace function causeway.on_ddl_end() returns event_trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  made record;
begin
  if tg_tag = any (${JUDGED_LATER}) and not causeway.ddl_is_free()
    and exists (select from pg_catalog.pg_event_trigger_ddl_commands() where schema_name is distinct from 'pg_temp') then
    perform causeway.require_lease(tg_tag);
  end if;
  for made in
    select distinct c.oid, c.oid::regclass::text as name
    from pg_catalog.pg_event_trigger_ddl_commands() d join pg_catalog.pg_class c on c.oid = d.objid
    where d.classid = 'pg_catalog.pg_class'::regclass and c.relkind in ('r', 'p') and c.relpersistence <> 't'
      and c.relnamespace <> 'causeway'::regnamespace
      and not exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid and t.tgname = 'causeway_guard')
  loop
    execute format('create trigger causeway_guard before insert or update or delete or truncate on %s '
      'for each statement execute function causeway.guard()', made.name);
  end loop;
end $$;

create or replace function causeway.on_drop() returns event_trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_tag = any (${JUDGED_LATER}) and not causeway.ddl_is_free()
    and exists (select from pg_catalog.pg_event_trigger_dropped_objects() where not is_temporary) then
    perform causeway.require_lease(tg_tag);
  end if;
end $$;
`;

/** Name of each event trigger, with the event that it waits for and the function that it calls. No tag filter: nothing slips by. */
const EVENT_TRIGGERS = [
  { name: 'causeway_ddl_start', event: 'ddl_command_start', calls: 'on_ddl_start' },
  { name: 'causeway_ddl_end', event: 'ddl_command_end', calls: 'on_ddl_end' },
  { name: 'causeway_drop', event: 'sql_drop', calls: 'on_drop' },
] as const;

export const EVENT_TRIGGER_NAMES: readonly string[] = EVENT_TRIGGERS.map(({ name }) => name);

/**
 * PostgreSQL 17 lets only superusers make event triggers; RDS lets its main user. Where the role may not, this text is what an
 * administrator runs; until then the sweep guards new tables and DDL is not refused.
 */
export const EVENT_TRIGGERS_SQL = EVENT_TRIGGERS.map(
  ({ name, event, calls }) => `
do $$ begin
  if not exists (select from pg_event_trigger where evtname = '${name}') then
    create event trigger ${name} on ${event} execute function causeway.${calls}();
  end if;
end $$;`,
).join('\n');
