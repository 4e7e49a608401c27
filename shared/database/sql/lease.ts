// The lease's own functions, called by the keeper only: state, beat, renew, open, arm, break_glass.
import { IS_OPEN, SERVER_START } from './guard.ts';
import { DORMANT } from './schema.ts';

const KEEPER = `set search_path = pg_catalog, pg_temp`;

/**
 * A clock reading is `server:microseconds`. It is only good on the server that it was read from, and not from the future: a renewal
 * that was carried over a restart or a Multi-AZ failover would count from another machine's clock.
 */
const CLOCK_PROBLEM = `
create or replace function causeway.clock_problem(p_clock text, p_ttl_seconds double precision) returns text
language plpgsql ${KEEPER} as $$
begin
  if not (p_ttl_seconds > 0 and p_ttl_seconds <= 3600) then
    return format('a lease lasts more than 0 and at most 3600 seconds, not %s', p_ttl_seconds);
  elsif split_part(p_clock, ':', 1) <> (${SERVER_START})::text then
    return 'the server has restarted since that clock was read: beat again';
  elsif split_part(p_clock, ':', 2)::bigint > extract(epoch from clock_timestamp()) * 1000000 then
    return 'the server''s clock was set back since it was read: beat again';
  end if;
  return null;
end $$;`;

// Shut, name the server, then open: in between a reader finds the guard shut, never a stale expiry under the new server's name.
const SET_EXPIRY = `
create or replace function causeway.set_expiry(p_from_ms bigint, p_until_ms bigint) returns void
language plpgsql ${KEEPER} as $$
begin
  if pg_sequence_last_value('causeway.lease_server') is distinct from ${SERVER_START} then
    perform setval('causeway.lease_until', 0);
    perform setval('causeway.lease_server', ${SERVER_START});
  end if;
  perform setval('causeway.lease_from', p_from_ms);
  perform setval('causeway.lease_until', p_until_ms);
end $$;`;

const GRANT_LEASE = `
create or replace function causeway.grant_lease(
  p_epoch bigint, p_renewal bigint, p_clock text, p_ttl_seconds double precision
) returns jsonb language plpgsql ${KEEPER} as $$
declare
  from_us bigint := split_part(p_clock, ':', 2)::bigint;
  until_ms bigint := from_us / 1000 + floor(p_ttl_seconds * 1000)::bigint;
begin
  update causeway.lease set epoch = p_epoch, renewal = p_renewal, clock = p_clock;
  perform causeway.set_expiry(from_us / 1000, until_ms);
  return jsonb_build_object('kind', 'set', 'remainingSeconds',
    greatest(0, until_ms / 1000.0 - extract(epoch from clock_timestamp())));
end $$;`;

const RENEW = `
create or replace function causeway.renew(
  p_epoch bigint, p_renewal bigint, p_clock text, p_ttl_seconds double precision
) returns jsonb language plpgsql ${KEEPER} as $$
declare
  lease causeway.lease;
  problem text;
begin
  select * into lease from causeway.lease for update;
  problem := case
    when p_epoch <= lease.fenced_epoch then format('epoch %s is fenced here', p_epoch)
    when p_epoch < lease.epoch then format('epoch %s is over here, this database is at %s', p_epoch, lease.epoch)
    when p_epoch > lease.epoch then format('epoch %s is not open here, this database is at %s', p_epoch, lease.epoch)
    -- The same renewal with the same clock is the same call again, after a lost answer.
    when p_renewal < lease.renewal or (p_renewal = lease.renewal and p_clock <> lease.clock)
      then format('renewal %s does not rise, this database has had %s', p_renewal, lease.renewal)
    else causeway.clock_problem(p_clock, p_ttl_seconds) end;
  if problem is not null then
    return jsonb_build_object('kind', 'refused', 'because', problem);
  end if;
  return causeway.grant_lease(p_epoch, p_renewal, p_clock, p_ttl_seconds);
end $$;`;

const OPEN = `
create or replace function causeway.open(
  p_epoch bigint, p_renewal bigint, p_clock text, p_ttl_seconds double precision
) returns jsonb language plpgsql ${KEEPER} as $$
declare
  lease causeway.lease;
  problem text;
begin
  select * into lease from causeway.lease for update;
  problem := case
    when p_epoch < 1 then format('an epoch is 1 or more, not %s', p_epoch)
    when p_epoch <= lease.fenced_epoch then format('epoch %s is fenced here, up to %s', p_epoch, lease.fenced_epoch)
    when p_epoch < lease.epoch then format('epoch %s is over here, this database is at %s', p_epoch, lease.epoch)
    when p_epoch = lease.epoch
      and (p_renewal < lease.renewal or (p_renewal = lease.renewal and p_clock <> lease.clock))
      then format('renewal %s of epoch %s does not rise, this database has had %s', p_renewal, p_epoch, lease.renewal)
    else causeway.clock_problem(p_clock, p_ttl_seconds) end;
  if problem is not null then
    return jsonb_build_object('kind', 'refused', 'because', problem);
  end if;
  insert into causeway.heartbeat (epoch, origin, number, written_at, lsn, sequences)
    values (p_epoch, lease.origin, 0, clock_timestamp(), pg_current_wal_insert_lsn(), causeway.sequence_values(null))
    on conflict do nothing;
  return causeway.grant_lease(p_epoch, p_renewal, p_clock, p_ttl_seconds);
end $$;`;

const HEARTBEAT_JSON = `
create or replace function causeway.heartbeat_json(h causeway.heartbeat) returns jsonb
language sql ${KEEPER} as $$
  select case when h.epoch is null then null else jsonb_build_object('epoch', h.epoch, 'number', h.number, 'lsn', h.lsn,
    'writtenAt', to_char(h.written_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) end
$$;`;

/** Writes the next row of an epoch that is open here. The second update is there because the row carries the position after itself. */
const WRITE_HEARTBEAT = `
create or replace function causeway.write_heartbeat(p_epoch bigint, p_at timestamptz) returns jsonb
language plpgsql ${KEEPER} as $$
declare
  own uuid := (select origin from causeway.lease);
  before causeway.heartbeat;
  after causeway.heartbeat;
begin
  select * into before from causeway.heartbeat where epoch = p_epoch and origin = own for update;
  insert into causeway.heartbeat (epoch, origin, number, written_at, lsn, sequences)
    values (p_epoch, own, 1, p_at, pg_current_wal_insert_lsn(), causeway.sequence_values(before))
    on conflict (epoch, origin) do update set number = heartbeat.number + 1, written_at = excluded.written_at,
      sequences = excluded.sequences;
  update causeway.heartbeat set lsn = pg_current_wal_insert_lsn() where epoch = p_epoch and origin = own returning * into after;
  return causeway.heartbeat_json(after);
end $$;`;

/** The clock is read first: nothing of this beat is visible to anyone before it. */
const BEAT = `
create or replace function causeway.beat(p_epoch bigint) returns jsonb language plpgsql ${KEEPER} as $$
declare
  at timestamptz := clock_timestamp();
  reading text := format('%s:%s', ${SERVER_START}, (extract(epoch from at) * 1000000)::bigint);
  lease causeway.lease;
  heartbeat jsonb;
begin
  select * into lease from causeway.lease for update;
  if p_epoch < lease.epoch or p_epoch <= lease.fenced_epoch then
    return jsonb_build_object('kind', 'over', 'because', case
      when p_epoch <= lease.fenced_epoch then format('epoch %s is fenced here', p_epoch)
      else format('epoch %s is over here, this database is at %s', p_epoch, lease.epoch) end);
  end if;
  -- Before an epoch is open here no row of it may travel: another site may yet win it. Its row 0 is written by open().
  heartbeat := case when p_epoch > lease.epoch
    then causeway.heartbeat_json(row(p_epoch, lease.origin, 0, at, pg_current_wal_insert_lsn(), '{}')::causeway.heartbeat)
    else causeway.write_heartbeat(p_epoch, at) end;
  return jsonb_build_object('kind', 'beaten', 'clock', reading, 'heartbeat', heartbeat);
end $$;`;

const STATE = `
create or replace function causeway.state() returns jsonb language sql ${KEEPER} as $$
  select jsonb_build_object('epoch', lease.epoch, 'renewal', lease.renewal, 'fencedEpoch', lease.fenced_epoch,
    'mode', lease.mode, 'dormant', pg_sequence_last_value('causeway.lease_until') = ${DORMANT},
    'open', ${IS_OPEN},
    'remainingSeconds', case when ${IS_OPEN} and pg_sequence_last_value('causeway.lease_until') <> ${DORMANT}
      then greatest(0, pg_sequence_last_value('causeway.lease_until') / 1000.0 - extract(epoch from clock_timestamp()))
      else 0 end)
  from causeway.lease
$$;`;

const ARM = `
create or replace function causeway.arm() returns boolean language plpgsql ${KEEPER} as $$
begin
  perform from causeway.lease for update;
  if pg_sequence_last_value('causeway.lease_until') <> ${DORMANT} then
    return false;
  end if;
  perform setval('causeway.lease_until', 0);
  return true;
end $$;`;

/** For the day when the register is lost: opens by hand, by name, for a while, and says so in causeway.audit. */
const BREAK_GLASS = `
create or replace function causeway.break_glass(p_epoch bigint, p_seconds integer, p_reason text) returns text
language plpgsql ${KEEPER} as $$
declare
  lease causeway.lease;
  now_ms bigint := floor(extract(epoch from clock_timestamp()) * 1000);
begin
  select * into lease from causeway.lease for update;
  if p_epoch <= lease.fenced_epoch or p_epoch < lease.epoch then
    raise exception 'epoch % is fenced or over here (fenced up to %, at %): name the epoch that you take',
      p_epoch, lease.fenced_epoch, lease.epoch;
  elsif length(trim(p_reason)) < 10 then
    raise exception 'say why, in at least 10 characters: it is kept in causeway.audit';
  elsif p_seconds not between 1 and 86400 then
    raise exception 'between 1 and 86400 seconds, not %', p_seconds;
  end if;
  insert into causeway.audit (what, reason)
    values (format('guard opened by hand at epoch %s for %s s', p_epoch, p_seconds), p_reason);
  update causeway.lease set epoch = p_epoch, renewal = case when epoch = p_epoch then renewal else 0 end;
  perform causeway.set_expiry(now_ms, now_ms + p_seconds * 1000::bigint);
  return format('open at epoch %s until %s', p_epoch, to_timestamp(now_ms / 1000.0 + p_seconds));
end $$;`;

export const LEASE_SQL = [
  CLOCK_PROBLEM,
  SET_EXPIRY,
  GRANT_LEASE,
  HEARTBEAT_JSON,
  WRITE_HEARTBEAT,
  RENEW,
  OPEN,
  BEAT,
  STATE,
  ARM,
  BREAK_GLASS,
].join('\n');
