// How the snapshots of a provider are: folded from what each run found, and kept in every bucket that can be reached.
import type { CostDate } from '../../model/cost.ts';
import { type CostDayTrouble, CostState, type TroubledDay } from '../../model/cost-day.ts';
import type { Provider, SiteName } from '../../model/site.ts';
import { stateKey } from './keys.ts';
import { readRecord, writeRecord } from './records.ts';
import type { Shelf } from './shelf.ts';

/** What a run found. Days that it did not look at are not in it. */
export type RunFindings = {
  at: string;
  /** Days that are known now as the provider tells them. */
  well: CostDate[];
  troubled: { date: CostDate; trouble: CostDayTrouble; because: string }[];
  unreached: { site: SiteName; because: string }[];
  /** The newest day that the provider told. */
  newestDate: CostDate | null;
  resumeDate: CostDate | null;
};

export function readState(shelf: Shelf, provider: Provider) {
  return readRecord(shelf, stateKey(provider), CostState);
}

/** What was troubled stays so until a run has found it well; since when it is, and how often it was tried, is kept. */
function afterRun(provider: Provider, before: CostState | null, run: RunFindings): CostState {
  const known = new Map(before?.troubled.map((day) => [day.date, day]));
  for (const date of run.well) known.delete(date);
  for (const { date, trouble, because } of run.troubled) {
    const earlier = known.get(date);
    const day: TroubledDay = {
      date,
      trouble,
      because,
      sinceTime: earlier?.sinceTime ?? run.at,
      lastTime: run.at,
      // A run whose answer was lost folds itself in again.
      attempts: (earlier?.attempts ?? 0) + (earlier?.lastTime === run.at ? 0 : 1),
    };
    known.set(date, day);
  }
  const since = new Map(before?.unreached.map(({ site, sinceTime }) => [site, sinceTime]));
  return {
    schema: 1,
    provider,
    lastRunTime: before && before.lastRunTime > run.at ? before.lastRunTime : run.at,
    newestDate: latest(before?.newestDate ?? null, run.newestDate),
    troubled: [...known.values()].sort((one, other) => (one.date < other.date ? -1 : 1)),
    unreached: run.unreached.map(({ site, because }) => ({ site, because, sinceTime: since.get(site) ?? run.at })),
    resumeDate: run.resumeDate,
  };
}

/** The one that the later run wrote: a bucket that was away holds an older one. */
export function latestState(states: readonly (CostState | null)[]): CostState | null {
  return states.reduce((best, one) => (one && (!best || one.lastRunTime > best.lastRunTime) ? one : best), null);
}

const swaps = 6;

/** Into one bucket. What was found is folded into what it, or any other, knows; of two runs at once neither loses what the other found. */
export async function writeState(shelf: Shelf, provider: Provider, known: CostState | null, run: RunFindings) {
  for (let swap = 1; ; swap += 1) {
    const { value, condition } = await readState(shelf, provider);
    const state = afterRun(provider, latestState([known, value]), run);
    if ((await writeRecord(shelf, stateKey(provider), state, condition)) === 'written') return state;
    if (swap === swaps)
      throw new Error(`${shelf.name}: ${stateKey(provider)} was changed by others at each of ${swaps} tries`);
  }
}

function latest(one: CostDate | null, other: CostDate | null): CostDate | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
