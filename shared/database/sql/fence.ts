// Fencing inside the database: shut for good, find who wrote before, end them, prove that none is left.

const KEEPER = `set search_path = pg_catalog, pg_temp`;

/** Answers `passed` when a later epoch is open here already: its writes are not this fence's business. */
const SHUT = `
create or replace function causeway.shut(p_epoch bigint) returns jsonb language plpgsql ${KEEPER} as $$
declare
  lease causeway.lease;
begin
  select * into lease from causeway.lease for update;
  if lease.mode <> 'enforce' then
    return jsonb_build_object('kind', 'observing');
  end if;
  update causeway.lease set fenced_epoch = greatest(fenced_epoch, p_epoch);
  if lease.epoch > p_epoch then
    return jsonb_build_object('kind', 'passed');
  end if;
  -- Proved quiet before, and nothing re-opens a fenced epoch: who reads here now need not be ended again.
  if (lease.fence ->> 'epoch')::bigint = p_epoch then
    return jsonb_build_object('kind', 'sealed');
  end if;
  -- Visible to every session at once, and durable with this transaction.
  perform setval('causeway.lease_until', 0);
  return jsonb_build_object('kind', 'shut');
end $$;`;

/**
 * The transactions of clients that are open now, by virtual transaction id: each exists from before its first statement, shows
 * whatever the viewer's rights, and is never used again. Read after the guard was shut, the list holds all that began before.
 */
export const OPEN_TRANSACTIONS = `
select l.pid, l.virtualtransaction as id, coalesce(a.usename, '?') as role, coalesce(a.application_name, '') as application
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'virtualxid' and l.granted and l.pid <> pg_backend_pid() and a.usesysid is not null
    and a.datid = (select oid from pg_database where datname = current_database())
    and coalesce(a.backend_type, 'client backend') not in ('walsender', 'autovacuum worker', 'logical replication worker',
      'logical replication apply worker', 'logical replication parallel worker', 'logical replication tablesync worker')
    and l.pid not in (select pid from pg_stat_replication)
    and l.pid not in (select pid from pg_stat_subscription where pid is not null)`;

/** Ends one backend; what came of it is a word, because one superuser's session must not stop the others' ending. */
const END_BACKEND = `
create or replace function causeway.end_backend(p_pid integer) returns text language plpgsql ${KEEPER} as $$
begin
  return case when pg_terminate_backend(p_pid) then 'ended' else 'gone' end;
exception when insufficient_privilege then
  return 'not-allowed';
end $$;`;

/**
 * True when no transaction that has passed the guard is left, prepared ones included: each holds a lock on causeway.writing
 * until its end, and this one conflicts with it. Nobody can pass any more, so the answer stays true. It waits longer than
 * deadlock_timeout, after which an autovacuum in the way gives up.
 */
const PROVE_QUIET = `
create or replace function causeway.prove_quiet() returns boolean language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '1500ms' as $$
begin
  lock table causeway.writing in share mode;
  return true;
exception when lock_not_available then
  return false;
end $$;`;

/** Writes the fenced epoch's last heartbeat, once: who has applied it has everything that was ever committed under that epoch. */
const SEAL = `
create or replace function causeway.seal(p_epoch bigint) returns jsonb language plpgsql ${KEEPER} as $$
declare
  lease causeway.lease;
  last causeway.heartbeat;
  heartbeat jsonb;
  sealed jsonb;
begin
  select * into lease from causeway.lease for update;
  if (lease.fence ->> 'epoch')::bigint = p_epoch then
    return lease.fence;
  end if;
  if lease.epoch = p_epoch and p_epoch > 0 then
    heartbeat := causeway.write_heartbeat(p_epoch, clock_timestamp());
  else
    select * into last from causeway.heartbeat where origin = lease.origin and epoch <= p_epoch order by epoch desc limit 1;
    heartbeat := causeway.heartbeat_json(last);
  end if;
  sealed := jsonb_build_object('epoch', p_epoch, 'heartbeat', heartbeat, 'lsn', pg_current_wal_insert_lsn());
  update causeway.lease set fence = sealed where coalesce((fence ->> 'epoch')::bigint, 0) < p_epoch;
  return sealed;
end $$;`;

export const FENCE_SQL = [SHUT, END_BACKEND, PROVE_QUIET, SEAL].join('\n');
