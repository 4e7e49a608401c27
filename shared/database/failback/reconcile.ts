// Reconciling: each stranded transaction is brought to the new writer in a transaction of its own, once, row by row as decided.
import { DatabaseUnavailable } from '../../ports/database.ts';
import { oneValue } from '../rows.ts';
import type { Session } from '../session.ts';
import { carryOut } from './carry-out.ts';
import type { Change } from './change.ts';
import { createForecast } from './forecast.ts';
import { createJudge, type History } from './judge.ts';
import { PRINTING, readStranded, type StrandedPart, type StrandedSource } from './read-stranded.ts';
import { type Between, hasRecords, makeRecords, readDecided, readEarlier, writeReconciled } from './records.ts';
import { createTally, type Reconciliation, type Tally } from './tally.ts';
import type { Looking } from './target-table.ts';

export type ReconcileOptions = {
  source: StrandedSource;
  between: Between;
  oldOrigin: string;
  tracksCommits: boolean;
  /** How many of the changes that were not simply applied to give back. */
  rowLimit: number;
  /** Told the changes so far, after each transaction. */
  progress: (changes: number) => void;
};

/**
 * Carries everything out. Safe to run again, and to be ended at any time: what was decided stays decided. Throws `DatabaseUnavailable`
 * when something fails that is not about a row; what was committed until then stays.
 */
export async function reconcile(old: Session, fresh: Session, options: ReconcileOptions): Promise<Reconciliation> {
  const { source, between } = options;
  await fresh.rows(PRINTING);
  await beAlone(fresh);
  await makeRecords(fresh);
  const tally = createTally(options.rowLimit);
  const history: History = { earlier: earlierIn(fresh, between), there: () => null };
  const judge = createJudge(fresh, between, lookingOf(options, true), history);
  for await (const part of readStranded(old, source)) {
    const changes = await undecided(fresh, between, part, tally);
    const carried = await carryOut(fresh, between, judge, part, changes);
    for (const { judged, verdict } of carried) tally.decided(part.transaction, judged, verdict);
    options.progress(tally.result().changes);
  }
  const result = tally.result();
  await writeReconciled(fresh, between, { ...source, ...result });
  return result;
}

/** The same, foretold: nothing is written and no row is locked, so that only constraints and triggers have not been asked. */
export async function foretell(old: Session, fresh: Session, options: ReconcileOptions): Promise<Reconciliation> {
  const { source, between } = options;
  await fresh.rows(PRINTING);
  const recorded = await hasRecords(fresh);
  const tally = createTally(options.rowLimit);
  const forecast = createForecast(recorded ? earlierIn(fresh, between) : async () => null);
  const judge = createJudge(fresh, between, lookingOf(options, false), forecast);
  for await (const part of readStranded(old, source)) {
    for (const change of await undecided(recorded ? fresh : null, between, part, tally)) {
      const judged = await judge(part.transaction, change);
      forecast.note(judged);
      tally.decided(part.transaction, judged, judged.verdict);
    }
    options.progress(tally.result().changes);
  }
  return tally.result();
}

/** Two at once would wait for each other's rows. Held until the session ends. */
async function beAlone(session: Session): Promise<void> {
  const alone = oneValue(await session.rows("select pg_try_advisory_lock(hashtext('causeway reconcile')) as value"));
  if (alone === true) return;
  throw new DatabaseUnavailable(
    'somebody else is reconciling at this moment: wait until that has ended, then look again',
  );
}

function earlierIn(session: Session, { oldEpoch }: Between): History['earlier'] {
  return (table, key) => readEarlier(session, oldEpoch, table, key);
}

function lookingOf({ between, oldOrigin, tracksCommits }: ReconcileOptions, lock: boolean): Looking {
  return { oldOrigin, oldEpoch: between.oldEpoch, tracksCommits, lock };
}

/** The changes of a part that no earlier run has decided; those that one has are counted as they were decided. */
async function undecided(
  records: Session | null,
  { oldEpoch }: Between,
  part: StrandedPart,
  tally: Tally,
): Promise<Change[]> {
  tally.begin(part);
  const decided = records && (await readDecided(records, oldEpoch, part.transaction));
  return part.changes.filter(({ ordinal }) => {
    const outcome = decided?.get(ordinal);
    if (outcome) tally.before(outcome);
    return !outcome;
  });
}
