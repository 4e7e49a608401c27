// What is kept of a day, in one bucket: made of what was gathered, changed by compare-and-swap, and never by an older take.
import { canonicalJson } from '../../model/canonical-json.ts';
import type { CostDate } from '../../model/cost.ts';
import { CostDay, type CostRevision } from '../../model/cost-day.ts';
import type { Provider } from '../../model/site.ts';
import { dayKey } from './keys.ts';
import { type Kept, readRecord, writeRecord } from './records.ts';
import type { Shelf } from './shelf.ts';

/** A day inside the window of a month that closes late is asked for some forty times. */
const mostRevisions = 60;
const swaps = 6;

export function readDay(shelf: Shelf, provider: Provider, date: CostDate): Promise<Kept<CostDay>> {
  return readRecord(shelf, dayKey(provider, date), CostDay);
}

/** Which of two records of a day is the later: by when the provider was asked, and then by something that both sides see alike. */
export function isLater(one: CostDay, other: CostDay): boolean {
  if (one.takenAt !== other.takenAt) return one.takenAt > other.takenAt;
  if (one.digest !== other.digest) return one.digest > other.digest;
  // An answer that came again and was final is only said to be.
  return other.estimated && !one.estimated;
}

function isSame(one: CostDay | null, other: CostDay | null): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

/** `later` with what is known of the day's past, this restatement the last of it. */
export function withRevision(later: CostDay, held: CostDay, changes: CostRevision['changes']): CostDay {
  const revisions = [...held.revisions, { at: later.takenAt, from: held.digest, to: later.digest, changes }];
  const leftOut = Math.max(0, revisions.length - mostRevisions);
  return {
    ...later,
    revisions: revisions.slice(leftOut),
    revisionsLeftOut: held.revisionsLeftOut + leftOut,
  };
}

export type Change = { kind: 'nothing' } | { kind: 'write'; day: CostDay };

/**
 * Reads, has it decided, and writes, until nobody else was faster. `decide` may be called several times. Gives back what was decided last,
 * and what the bucket held when it was.
 */
export async function changeDay<C extends Change>(
  shelf: Shelf,
  provider: Provider,
  date: CostDate,
  decide: (held: CostDay | null) => Promise<C>,
): Promise<C> {
  let tried: C | null = null;
  for (let swap = 1; ; swap += 1) {
    const { value, condition } = await readDay(shelf, provider, date);
    // The answer was lost, and it was written.
    if (tried?.kind === 'write' && isSame(value, tried.day)) return tried;
    const change = await decide(value);
    if (change.kind === 'nothing' || isSame(value, change.day)) return change;
    if ((await writeRecord(shelf, dayKey(provider, date), change.day, condition)) === 'written') return change;
    tried = change;
    if (swap === swaps) {
      throw new Error(`${shelf.name}: ${dayKey(provider, date)} was changed by others at each of ${swaps} tries`);
    }
  }
}
