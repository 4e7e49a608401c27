// What coming back keeps in the new writer's database: each stranded change with what became of it, and how far the plan has come.
import { quoteIdentifier } from '../quote.ts';

/** PostgreSQL lets only superusers see how far a subscription has applied; an administrator lets the keeper see it, in each database. */
export const originRightSql = (role: string): string =>
  `GRANT EXECUTE ON FUNCTION pg_show_replication_origin_status() TO ${quoteIdentifier(role)}`;

/**
 * `reconciled` is the archive: it holds both versions of a row where there were two, so that nothing that a client was told to be
 * committed is lost, whoever won. Its key makes every stranded change be decided once.
 */
export const COMING_BACK_SQL = `
create table if not exists causeway.reconciled (
  old_epoch bigint not null,
  commit_lsn pg_lsn not null,
  ordinal integer not null,
  old_site text not null,
  new_site text not null,
  new_epoch bigint not null,
  table_name text not null,
  key jsonb,
  key_after jsonb,
  kind text not null check (kind in ('insert', 'update', 'delete', 'truncate')),
  outcome text not null check (outcome in ('applied', 'same', 'archived', 'listed')),
  rule text not null,
  because text not null,
  old_version jsonb,
  new_version jsonb,
  old_at timestamptz not null,
  new_at timestamptz,
  row_xmin text,
  run text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (old_epoch, commit_lsn, ordinal)
);
create index if not exists reconciled_key on causeway.reconciled (old_epoch, table_name, key);
create index if not exists reconciled_key_after on causeway.reconciled (old_epoch, table_name, key_after);

create table if not exists causeway.coming_back (
  old_epoch bigint primary key,
  old_site text not null,
  new_site text not null,
  new_epoch bigint not null,
  applied_lsn pg_lsn not null,
  touched text[] not null,
  changes bigint not null,
  run text not null,
  reconciled_at timestamptz not null default clock_timestamp(),
  rejoin_slot text,
  copied text[],
  rejoined_at timestamptz
);
`;
