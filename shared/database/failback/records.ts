// What a coming back has kept in the new writer's database: what became of each stranded change, and how far the plan has come.
import * as z from 'zod';
import type { Session } from '../session.ts';
import { COMING_BACK_SQL } from '../sql/coming-back.ts';
import { type Change, instantText, type Row, type SourceTransaction } from './change.ts';
import { Outcome } from './decide-row.ts';
import { tableName } from './divergence.ts';

/** Between whom, and by which run it is written. */
export type Between = { oldSite: string; oldEpoch: number; newSite: string; newEpoch: number; run: string };

/** The tables, where an older installation has not made them. */
export async function makeRecords(session: Session): Promise<void> {
  await session.rows(COMING_BACK_SQL);
}

export async function hasRecords(session: Session): Promise<boolean> {
  const rows = await session.rows("select 1 as there where to_regclass('causeway.coming_back') is not null");
  return rows.length > 0;
}

const Decided = z.array(z.object({ ordinal: z.int(), outcome: Outcome }));

/** The changes of one stranded transaction that were decided before, by their ordinals. */
export async function readDecided(
  session: Session,
  oldEpoch: number,
  { commitLsn }: SourceTransaction,
): Promise<Map<number, Outcome>> {
  const rows = Decided.parse(
    await session.rows('select ordinal, outcome from causeway.reconciled where old_epoch = $1 and commit_lsn = $2', [
      oldEpoch,
      commitLsn,
    ]),
  );
  return new Map(rows.map(({ ordinal, outcome }) => [ordinal, outcome]));
}

export type Earlier = { outcome: Outcome; rowXmin: string | null };
const Earliers = z.array(z.object({ outcome: Outcome, rowXmin: z.string().nullable() }));

/** What became of the last stranded change of that row. */
export async function readEarlier(
  session: Session,
  oldEpoch: number,
  table: string,
  key: Row,
): Promise<Earlier | null> {
  const rows = Earliers.parse(
    await session.rows(
      `select outcome, row_xmin as "rowXmin" from causeway.reconciled
        where old_epoch = $1 and table_name = $2 and (key = $3 or key_after = $3) order by commit_lsn desc, ordinal desc limit 1`,
      [oldEpoch, table, JSON.stringify(key)],
    ),
  );
  return rows[0] ?? null;
}

export type Entry = {
  transaction: SourceTransaction;
  change: Change;
  key: Row | null;
  keyAfter: Row | null;
  outcome: Outcome;
  rule: string;
  because: string;
  newVersion: Row | null;
  newAtUs: bigint | null;
  rowXmin: string | null;
};

const RECORD = `
insert into causeway.reconciled (old_epoch, commit_lsn, ordinal, old_site, new_site, new_epoch, table_name, key, key_after, kind,
  outcome, rule, because, old_version, new_version, old_at, new_at, row_xmin, run)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`;

/** Within the transaction that carries the change out: both happen, or neither. */
export async function writeRecord(session: Session, between: Between, record: Entry): Promise<void> {
  const { transaction, change } = record;
  await session.rows(RECORD, [
    between.oldEpoch,
    transaction.commitLsn,
    change.ordinal,
    between.oldSite,
    between.newSite,
    between.newEpoch,
    tableName(change),
    json(record.key),
    json(record.keyAfter),
    change.kind,
    record.outcome,
    record.rule,
    record.because,
    json(oldVersion(change)),
    json(record.newVersion),
    instantText(transaction.committedAtUs),
    record.newAtUs === null ? null : instantText(record.newAtUs),
    record.rowXmin,
    between.run,
  ]);
}

function oldVersion(change: Change): Row | null {
  if (change.kind === 'truncate') return null;
  return change.kind === 'delete' ? change.before : change.row;
}

function json(row: Row | null): string | null {
  return row === null ? null : JSON.stringify(row);
}

const ComingBack = z.object({
  oldSite: z.string(),
  appliedLsn: z.string(),
  /** Tables that the divergence touched: the two sides differ there, whatever was applied. */
  touched: z.array(z.string()),
  changes: z.coerce.number(),
  reconciledAt: z.string(),
  /** The plan of rejoining, once it has begun: it stays the same however often it is interrupted. */
  rejoin: z.object({ slot: z.string(), copied: z.array(z.string()) }).nullable(),
  rejoinedAt: z.string().nullable(),
});
export type ComingBack = z.infer<typeof ComingBack>;

/** How the coming back after that epoch stands; null: nothing was reconciled yet. */
export async function readComingBack(session: Session, oldEpoch: number): Promise<ComingBack | null> {
  if (!(await hasRecords(session))) return null;
  const rows = await session.rows(
    `select old_site as "oldSite", applied_lsn::text as "appliedLsn", touched, changes, reconciled_at::text as "reconciledAt",
      case when rejoin_slot is not null then jsonb_build_object('slot', rejoin_slot, 'copied', copied) end as rejoin,
      rejoined_at::text as "rejoinedAt" from causeway.coming_back where old_epoch = $1`,
    [oldEpoch],
  );
  return z.array(ComingBack).parse(rows)[0] ?? null;
}

/** Every stranded change has its record: said once, and kept up when it is said again. */
export async function writeReconciled(
  session: Session,
  { oldSite, oldEpoch, newSite, newEpoch, run }: Between,
  { appliedLsn, touched, changes }: { appliedLsn: string; touched: string[]; changes: number },
): Promise<void> {
  await session.rows(
    `insert into causeway.coming_back (old_epoch, old_site, new_site, new_epoch, applied_lsn, touched, changes, run)
      values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (old_epoch) do update set touched = excluded.touched, changes = excluded.changes`,
    [oldEpoch, oldSite, newSite, newEpoch, appliedLsn, touched, changes, run],
  );
}

export async function writeRejoinPlan(
  session: Session,
  oldEpoch: number,
  { slot, copied }: { slot: string; copied: string[] },
): Promise<void> {
  await session.rows('update causeway.coming_back set rejoin_slot = $2, copied = $3 where old_epoch = $1', [
    oldEpoch,
    slot,
    copied,
  ]);
}

export async function writeRejoined(session: Session, oldEpoch: number): Promise<void> {
  await session.rows(
    'update causeway.coming_back set rejoined_at = coalesce(rejoined_at, clock_timestamp()) where old_epoch = $1',
    [oldEpoch],
  );
}
const Counts = z.array(z.object({ outcome: Outcome, n: z.int() }));

/** How many stranded changes came to which end. */
export async function countOutcomes(session: Session, oldEpoch: number): Promise<{ [outcome in Outcome]: number }> {
  const rows = Counts.parse(
    await session.rows('select outcome, count(*)::int as n from causeway.reconciled where old_epoch = $1 group by 1', [
      oldEpoch,
    ]),
  );
  const count = (outcome: Outcome) => rows.find((one) => one.outcome === outcome)?.n ?? 0;
  return { applied: count('applied'), same: count('same'), archived: count('archived'), listed: count('listed') };
}
