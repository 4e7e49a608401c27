// The way back from a guard that was opened by hand: shut by hand, and said so in causeway.audit.

/**
 * Lapses the lease of the epoch that is open here. The epoch itself is neither fenced nor over: its keeper may renew it again. What has
 * not committed by now is refused at its commit. Answers null when nothing was ever opened here, which shutting would turn into an outage.
 */
export const BREAK_GLASS_SQL = `
create or replace function causeway.close_glass(p_reason text) returns text
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  lease causeway.lease;
  now_ms bigint := floor(extract(epoch from clock_timestamp()) * 1000);
begin
  select * into lease from causeway.lease for update;
  if lease.epoch = 0 then
    return null;
  elsif length(trim(p_reason)) < 10 then
    raise exception 'say why, in at least 10 characters: it is kept in causeway.audit';
  end if;
  insert into causeway.audit (what, reason) values (format('guard shut by hand at epoch %s', lease.epoch), p_reason);
  perform causeway.set_expiry(now_ms, now_ms);
  return format('shut at epoch %s since %s', lease.epoch, to_timestamp(now_ms / 1000.0));
end $$;`;
