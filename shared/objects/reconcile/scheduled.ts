// The scheduled comparison: begins when it is due, goes on where the last invocation stopped, and refuses what a person must confirm.
import { beginRun, UnderWay } from './begin-run.ts';
import { type Carried, carryRun } from './carry-run.ts';
import { type LastRun, type ReconcileState, readState, type Scope } from './checkpoint.ts';
import { costOf } from './cost.ts';
import type { Refusal } from './guards.ts';
import type { PairWork } from './pair-work.ts';
import { createRunKeeper } from './run-keeper.ts';
import { surveyRun } from './survey-run.ts';

export type Scheduled =
  | { kind: 'not-due' }
  /** Another process is at it. */
  | { kind: 'under-way'; because: string }
  /** Its time was up: the next invocation goes on. */
  | { kind: 'unfinished' }
  | { kind: 'refused'; refusals: Refusal[] }
  | { kind: 'done'; carried: Carried };

const WHOLE: Scope = { prefix: '', writesTo: ['left', 'right'] };

/** Whether there is something to go on with, or the last whole comparison was begun longer ago than the strategy says. Pure. */
function isDue({ open, wholeStartedAt }: ReconcileState, everySeconds: number, now: Date): boolean {
  if (open !== null) return true;
  return wholeStartedAt === null || now.getTime() - Date.parse(wholeStartedAt) >= everySeconds * 1000;
}

/** Works on a pair until its end or until `untilSeconds` (on `clock.elapsedSeconds`). Throws what the buckets and the store throw. */
export async function reconcileWhenDue(work: PairWork, untilSeconds: number, stop: AbortSignal): Promise<Scheduled> {
  const { state } = await readState(work.store, work.pair.name);
  if (!isDue(state, work.limits.everySeconds, work.clock.now())) return { kind: 'not-due' };
  try {
    return await reconcile(work, untilSeconds, stop);
  } catch (error) {
    if (error instanceof UnderWay) return { kind: 'under-way', because: error.message };
    throw error;
  }
}

async function reconcile(work: PairWork, untilSeconds: number, stop: AbortSignal): Promise<Scheduled> {
  const begun = await beginRun(work, WHOLE, { fresh: false });
  let { checkpoint } = begun;
  if (checkpoint.phase === 'survey') {
    const quiet = { found: () => undefined, progress: () => undefined };
    const surveyed = await surveyRun(work, begun, { untilSeconds, stop, ...quiet });
    checkpoint = surveyed.checkpoint;
    const keeper = createRunKeeper(work, begun.found);
    if (!surveyed.ended) {
      await keeper.touch(checkpoint);
      return { kind: 'unfinished' };
    }
    if (surveyed.refusals.length > 0) {
      await keeper.touch(checkpoint);
      await keeper.end(refused(work, surveyed.checkpoint, surveyed.refusals), null);
      return { kind: 'refused', refusals: surveyed.refusals };
    }
  }
  const how = { untilSeconds, stop, forced: checkpoint.forced, by: work.owner, progress: () => undefined };
  const carried = await carryRun(work, begun, checkpoint, how);
  return carried.ended ? { kind: 'done', carried } : { kind: 'unfinished' };
}

function refused(
  work: PairWork,
  { run, scope, startedAt, tally, done, usage }: LastRunSource,
  all: Refusal[],
): LastRun {
  return {
    run,
    scope,
    by: work.owner,
    startedAt,
    endedAt: work.clock.now().toISOString(),
    outcome: 'refused',
    because: all.map(({ because, wayOut }) => `${because}: ${wayOut}`).join('; '),
    tally,
    done,
    dollars: costOf(usage, work.providers).total,
  };
}

type LastRunSource = Awaited<ReturnType<typeof beginRun>>['checkpoint'];
