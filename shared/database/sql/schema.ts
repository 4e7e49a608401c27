// The schema `causeway`: its tables and the sequences that hold the lease, as idempotent SQL.

/** `lease_until` at this value: no keeper has ever opened an epoch here, and nothing is refused. */
export const DORMANT = '9223372036854775807';

/**
 * The lease is three sequences and not a row: sequences ignore snapshots and transactions, so that every session sees
 * a renewal or a fence at once, also under REPEATABLE READ. Milliseconds since 1970 by this server's clock:
 * `lease_from` (the clock reading that the lease was counted from), `lease_until`, and `lease_server`, which holds the
 * postmaster's start in microseconds: after a restart it differs, and the guard is shut until renewed.
 * What must only ever rise (epoch, renewal, fenced epoch) is a row, changed under its lock.
 */
export const SCHEMA_SQL = `
create schema if not exists causeway;
grant usage on schema causeway to public;

create table if not exists causeway.lease (
  only_row boolean primary key default true check (only_row),
  origin uuid not null default gen_random_uuid(),
  mode text not null default 'enforce' check (mode in ('enforce', 'observe')),
  epoch bigint not null default 0,
  renewal bigint not null default 0,
  clock text not null default '',
  fenced_epoch bigint not null default 0,
  fence jsonb
);
insert into causeway.lease default values on conflict do nothing;

create sequence if not exists causeway.lease_server minvalue 0 start 0;
create sequence if not exists causeway.lease_from minvalue 0 start 0;
create sequence if not exists causeway.lease_until minvalue 0 start 0;
select setval('causeway.lease_until', ${DORMANT}) where pg_sequence_last_value('causeway.lease_until') is null;

-- One row for each writing transaction, until the sweep: only what it carries matters, a lock that lasts as long as the
-- transaction and a trigger at its commit. Insert only: an updated row would grow a chain of versions under a long snapshot.
create unlogged table if not exists causeway.writing (backend integer not null default pg_backend_pid())
  with (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_insert_threshold = -1,
    vacuum_truncate = off);

-- The key holds the database's own origin, so that no two sites can ever insert the same row.
create table if not exists causeway.heartbeat (
  epoch bigint not null,
  origin uuid not null,
  number bigint not null,
  written_at timestamptz not null,
  lsn pg_lsn not null,
  sequences jsonb not null default '{}',
  primary key (epoch, origin)
);

create table if not exists causeway.probe (
  prober text primary key default current_user,
  number bigint not null default 1,
  written_at timestamptz not null default clock_timestamp()
);
grant select, insert, update on causeway.probe to public;

create table if not exists causeway.audit (
  at timestamptz not null default clock_timestamp(),
  by text not null default session_user,
  what text not null,
  reason text not null
);
`;
