// Every stranded change accounted for: how many came to which end, and those that a person should see.
import type { Change, Row, SourceTransaction } from './change.ts';
import type { Outcome, Verdict } from './decide-row.ts';
import { tableName } from './divergence.ts';
import type { Judged } from './judge.ts';
import type { StrandedPart } from './read-stranded.ts';

export type DecidedChange = {
  table: string;
  kind: Change['kind'];
  commitLsn: string;
  ordinal: number;
  key: Row | null;
  outcome: Outcome;
  because: string;
};

export type Reconciliation = {
  transactions: number;
  changes: number;
  outcomes: { [outcome in Outcome]: number };
  /** Of these, how many an earlier run had decided. */
  decidedBefore: number;
  touched: string[];
  /** Those that were not simply applied, up to the limit. */
  rows: DecidedChange[];
  /** By how much the old writer's clock was ahead, at least, where a stranded change won over a later epoch's; null: none did. */
  clockAheadUs: bigint | null;
};

export type Tally = {
  begin(part: StrandedPart): void;
  /** An earlier run had decided it. */
  before(outcome: Outcome): void;
  decided(transaction: SourceTransaction, judged: Judged, verdict: Verdict): void;
  result(): Reconciliation;
};

export function createTally(rowLimit: number): Tally {
  const touched = new Set<string>();
  const outcomes = { applied: 0, same: 0, archived: 0, listed: 0 };
  const rows: DecidedChange[] = [];
  const seen = { transactions: 0, changes: 0, decidedBefore: 0 };
  let clockAheadUs: bigint | null = null;
  return {
    begin({ first, changes }) {
      if (first) seen.transactions += 1;
      seen.changes += changes.length;
      for (const change of changes) touched.add(tableName(change));
    },
    before(outcome) {
      seen.decidedBefore += 1;
      outcomes[outcome] += 1;
    },
    decided({ commitLsn, committedAtUs }, { change, key, there }, { rule, outcome, because }) {
      outcomes[outcome] += 1;
      if (rule === 'newer' && there.kind === 'present' && there.written.kind === 'at') {
        const ahead = committedAtUs - there.written.us;
        if (clockAheadUs === null || ahead > clockAheadUs) clockAheadUs = ahead;
      }
      if ((outcome === 'applied' && rule !== 'newer') || rows.length >= rowLimit) return;
      const { kind, ordinal } = change;
      rows.push({ table: tableName(change), kind, commitLsn, ordinal, key, outcome, because });
    },
    result: () => ({ ...seen, outcomes, touched: [...touched].sort(), rows, clockAheadUs }),
  };
}
