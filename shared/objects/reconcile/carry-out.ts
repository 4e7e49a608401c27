// The second pass: keys that differ are done, a bounded number at once, and the new baseline is written in the order of the keys.
import type { Clock } from '../../ports/clock.ts';
import type { Alike } from '../outcome.ts';
import { type AgreedKey, agreedSide } from './agreed.ts';
import type { BaselineWriter } from './baseline.ts';
import { classify, type Difference, type Side } from './classify.ts';
import { type DoneTally, noteOutcome } from './done-tally.ts';
import type { KeyOutcome, SyncKey } from './key-work.ts';
import { type MergedKey, mergeKeys, type Streams } from './merge.ts';
import { Withheld } from './metered-bucket.ts';
import { createOrderedWork } from './ordered-work.ts';
import type { Passed } from './survey.ts';
import { isWanted } from './tally.ts';

export type CarryOutOptions = {
  writesTo: readonly Side[];
  sync: SyncKey;
  /** The most that may be deleted at each side, with what `done` says was before. */
  deleteLimits: Record<Side, number>;
  concurrency: number;
  clock: Clock;
  /** When this must have stopped, on `clock.elapsedSeconds`. */
  untilSeconds: number;
  /** Stops it early; what is under way is finished. */
  stop: AbortSignal;
  /** Gone on with; changed as keys are done. */
  done: DoneTally;
  baseline: BaselineWriter;
  /** Told after each key that was worked on, in order. False: somebody else goes on with this run, stop. */
  recorded: (key: string) => boolean | Promise<boolean>;
};

/** `because`: why it stopped before the end; null when it did not. */
export type CarriedOut = Passed & { because: string | null };

/** Beside what comes of a key: nothing was to be done, or not by this run. */
type Left = { kind: 'unchanged' } | { kind: 'withheld' } | { kind: 'other-way' };
type Settled = KeyOutcome | Left;

/** Keys that may wait for one before them: a large copy holds up no more than these. */
const LOOKAHEAD = 512;
/** So many in a row that failed: a bucket is sick, and is left alone. */
const SICK_AFTER = 20;

/** Throws what the listings and the baseline's store throw. */
export async function carryOut(streams: Streams, from: string | null, options: CarryOutOptions): Promise<CarriedOut> {
  const { done, baseline, untilSeconds } = options;
  const deletes = deleteBudget(options);
  let position = from;
  let because: string | null = null;
  let failures = 0;

  function stops(): boolean {
    if (because === null && options.stop.aborted) because = 'it was told to stop';
    if (because === null && options.clock.elapsedSeconds() >= untilSeconds) because = TIME_UP;
    return because !== null;
  }

  const work = createOrderedWork<MergedKey, Settled>({
    concurrency: options.concurrency,
    lookahead: LOOKAHEAD,
    async take(merged, settled) {
      if (settled.kind === 'unfinished') {
        because ??= TIME_UP;
        return 'stop';
      }
      position = merged.key;
      note(done, merged.key, settled);
      failures = settled.kind === 'failed' ? failures + 1 : 0;
      if (settled.kind === 'failed' && failures >= SICK_AFTER)
        because ??= `${failures} keys in a row failed, the last one because ${settled.because}`;
      const row = rowAfter(merged, settled);
      if (row) await baseline.add(row);
      if (!(await options.recorded(position))) because ??= 'another process goes on with this run';
      return 'taken';
    },
  });

  const end = await mergeKeys(streams, (merged) => {
    if (stops()) return false;
    const difference = classify(merged);
    if (isWanted(difference, options.writesTo) && deletes.allow(difference)) {
      return work.begin(merged, () => settle(merged, options)).then(() => true);
    }
    const settled: Left = { kind: leftBecause(difference, options.writesTo) };
    if (!work.idle) return work.pass(merged, settled).then(() => true);
    // No promise for each of millions that nothing is done about.
    position = merged.key;
    note(done, merged.key, settled);
    const full = merged.agreed && difference.kind !== 'gone' ? baseline.add(merged.agreed) : null;
    return full ? full.then(() => true) : true;
  });
  await work.finish();
  return { ended: end === 'ended' && because === null, position, because };
}

const TIME_UP = 'its time was up';

function leftBecause(difference: Difference, writesTo: readonly Side[]): Left['kind'] {
  if (difference.kind === 'unchanged' || difference.kind === 'gone') return 'unchanged';
  return isWanted(difference, writesTo) ? 'withheld' : 'other-way';
}

/** Deletes are counted when they are begun: those under way are within the limit too. */
function deleteBudget({ done, deleteLimits }: CarryOutOptions): { allow: (difference: Difference) => boolean } {
  const begun = { ...done.removed };
  return {
    allow(difference) {
      if (difference.kind !== 'deleted') return true;
      if (begun[difference.to] >= deleteLimits[difference.to]) return false;
      begun[difference.to] += 1;
      return true;
    },
  };
}

async function settle({ key, agreed }: MergedKey, { sync, untilSeconds }: CarryOutOptions): Promise<Settled> {
  try {
    return await sync(key, { agreed: agreed?.origin ?? null, untilSeconds });
  } catch (error) {
    if (error instanceof Withheld) return { kind: 'other-way' };
    const because = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', reason: 'unexpected', because, bucket: null };
  }
}

function note(done: DoneTally, key: string, settled: Exclude<Settled, { kind: 'unfinished' }>): void {
  if (settled.kind === 'withheld') done.withheld += 1;
  else if (settled.kind === 'other-way') done.otherWay += 1;
  else if (settled.kind !== 'unchanged') noteOutcome(done, key, settled);
}

/** What is known to be alike from here on. What was not settled keeps its row: a death since then must not be forgotten. */
function rowAfter({ key, left, right, agreed }: MergedKey, settled: Settled): AgreedKey | null {
  switch (settled.kind) {
    case 'nothing':
    case 'copied':
    case 'restamped':
      return settled.alike && agreedOf(key, settled.alike);
    case 'removed':
      return null;
    case 'unchanged':
      return left || right ? agreed : null;
    case 'withheld':
    case 'other-way':
    case 'refused':
    case 'failed':
    case 'unfinished':
      return agreed;
  }
}

function agreedOf(key: string, { left, right, origin }: Alike): AgreedKey {
  return { key, left: agreedSide(left), right: agreedSide(right), sizeBytes: left.sizeBytes, origin };
}
