// One stranded change, with all that its verdict rests on: where it belongs, what stands there, and what became of the one before.
import type { Session } from '../session.ts';
import { type Change, keyAfter, keyOf, type Relation, type Row, type SourceTransaction } from './change.ts';
import { decideRow, type There, type Verdict, type Written } from './decide-row.ts';
import { tableName } from './divergence.ts';
import type { Between, Earlier } from './records.ts';
import { type FoundRow, findRow, type Looking, readTarget, type Target } from './target-table.ts';

export type Judged = {
  change: Change;
  key: Row | null;
  keyAfter: Row | null;
  /** Null: the schemas differ, and there is no place for it. */
  target: Target | null;
  there: There;
  at: FoundRow | null;
  verdict: Verdict;
};

/** What is known of the stranded changes before this one. */
export type History = {
  earlier(table: string, key: Row): Promise<Earlier | null>;
  /** What stands there after them, where they were only foretold; null: the database knows. */
  there(table: string, key: Row): There | null;
};

export type Judge = (transaction: SourceTransaction, change: Change) => Promise<Judged>;

/** Reads only; with `lock`, the row that was judged by stays as it is until the transaction ends. */
export function createJudge(
  session: Session,
  { oldSite, newSite }: Between,
  looking: Looking,
  history: History,
): Judge {
  const targets = new Map<Relation, Target | { drift: string }>();

  async function targetOf(relation: Relation): Promise<Target | { drift: string }> {
    const target = targets.get(relation) ?? (await readTarget(session, relation));
    targets.set(relation, target);
    return target;
  }

  async function look(target: Target, table: string, key: Row, earlier: Earlier | null) {
    const foretold = history.there(table, key);
    if (foretold) return { there: foretold, at: null };
    const at = await findRow(session, target, key, looking);
    const there: There = at
      ? { kind: 'present', row: at.row, written: writtenOf(at, earlier, looking) }
      : { kind: 'absent' };
    return { there, at };
  }

  return async ({ committedAtUs }, change) => {
    const found = await targetOf(change.relation);
    const target = 'drift' in found ? null : found;
    const key = keyOf(change, target?.keyColumns);
    const earlier = key && (await history.earlier(tableName(change), key));
    const nowhere: There = 'drift' in found ? { kind: 'no-place', because: found.drift } : { kind: 'absent' };
    const { there, at } =
      target && key ? await look(target, tableName(change), key, earlier) : { there: nowhere, at: null };
    const verdict = decideRow({
      change,
      committedAtUs,
      oldSite,
      newSite,
      keyed: target?.keyed ?? false,
      there,
      earlier: earlier?.outcome ?? null,
    });
    return { change, key, keyAfter: keyAfter(change, target?.keyColumns), target, there, at, verdict };
  };
}

function writtenOf(
  { xmin, before, committed }: FoundRow,
  earlier: Earlier | null,
  { tracksCommits }: Looking,
): Written {
  if (earlier?.rowXmin === xmin) return { kind: 'by-reconciling' };
  if (before || committed?.byReplication) return { kind: 'before-takeover' };
  if (committed) return { kind: 'at', us: committed.us };
  const because = tracksCommits ? 'its commit time is not kept any more' : 'track_commit_timestamp is off there';
  return { kind: 'unknown', because };
}
