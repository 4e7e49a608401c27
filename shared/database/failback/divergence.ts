// The divergence: what is in the old writer's slot and never reached the new one, counted per table and shown per row.
import type { Session } from '../session.ts';
import { type Change, instantText, keyOf, type Row } from './change.ts';
import { readStranded, type StrandedSource } from './read-stranded.ts';

type StrandedTable = { table: string; insert: number; update: number; delete: number; truncate: number };

export type StrandedRow = {
  table: string;
  kind: Change['kind'];
  commitLsn: string;
  ordinal: number;
  committedAt: string;
  /** Null: the table has nothing to tell its rows apart by. */
  key: Row | null;
  before: Row | null;
  row: Row | null;
};

export type Divergence = {
  transactions: number;
  changes: number;
  firstCommittedAt: string | null;
  lastCommittedAt: string | null;
  tables: StrandedTable[];
  /** The first of them, up to the limit. */
  rows: StrandedRow[];
};

/** Reads all of it, whatever the limit: the counts are exact. `progress` is told the changes so far, after each part. */
export async function readDivergence(
  session: Session,
  source: StrandedSource,
  { rowLimit, progress }: { rowLimit: number; progress: (changes: number) => void },
): Promise<Divergence> {
  const tables = new Map<string, StrandedTable>();
  const rows: StrandedRow[] = [];
  const seen = { transactions: 0, changes: 0 };
  let first: bigint | null = null;
  let last: bigint | null = null;
  for await (const { transaction, changes, first: begins } of readStranded(session, source)) {
    if (begins) seen.transactions += 1;
    seen.changes += changes.length;
    const { committedAtUs } = transaction;
    if (first === null || committedAtUs < first) first = committedAtUs;
    if (last === null || committedAtUs > last) last = committedAtUs;
    for (const change of changes) {
      const name = tableName(change);
      const counts = tables.get(name) ?? { table: name, insert: 0, update: 0, delete: 0, truncate: 0 };
      counts[change.kind] += 1;
      tables.set(name, counts);
      if (rows.length < rowLimit) rows.push(shown(change, transaction.commitLsn, committedAtUs));
    }
    progress(seen.changes);
  }
  return {
    ...seen,
    firstCommittedAt: first === null ? null : instantText(first),
    lastCommittedAt: last === null ? null : instantText(last),
    tables: [...tables.values()].sort((a, b) => (a.table < b.table ? -1 : 1)),
    rows,
  };
}

/** Qualified, and not quoted: how tables are told apart, and shown to people. */
export function tableName({ relation }: Change): string {
  return `${relation.schema}.${relation.table}`;
}

function shown(change: Change, commitLsn: string, committedAtUs: bigint): StrandedRow {
  const { kind, ordinal } = change;
  return {
    table: tableName(change),
    kind,
    commitLsn,
    ordinal,
    committedAt: instantText(committedAtUs),
    key: keyOf(change),
    before: change.kind === 'update' || change.kind === 'delete' ? change.before : null,
    row: change.kind === 'insert' || change.kind === 'update' ? change.row : null,
  };
}
