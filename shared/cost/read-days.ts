// Reading what is kept of days, out of whichever bucket answers: for reports and for the watch. No row is read, and nothing is written.
import type * as z from 'zod';
import type { CostDate } from '../model/cost.ts';
import { CostDay, CostState } from '../model/cost-day.ts';
import type { Provider } from '../model/site.ts';
import { type ObjectStore, StoreUnavailable } from '../ports/object-store.ts';
import { dayKey, stateKey } from './snapshot/keys.ts';

export type KeptDays = {
  /** By provider and date. Those that are not there are not known. */
  days: CostDay[];
  states: CostState[];
  /** What could not be read, in sentences. */
  unread: string[];
};

const READERS_AT_ONCE = 16;

/** Buckets that are tried in their order, and what was wrong with those that did not answer. */
type Shelves = { open: ObjectStore[]; lost: Map<string, StoreUnavailable>; unread: Set<string> };

/** Throws `StoreUnavailable` when no bucket answers. One that fails is not asked again, and named. */
export async function readDays(
  stores: readonly ObjectStore[],
  providers: readonly Provider[],
  dates: readonly CostDate[],
): Promise<KeptDays> {
  const shelves: Shelves = { open: [...stores], lost: new Map(), unread: new Set() };
  const known: KeptDays = { days: [], states: [], unread: [] };
  for (const provider of providers) {
    const order = await newestFirst(shelves, provider);
    if (order.state) known.states.push(order.state);
    const days = await eachOf(dates, (date) => firstOf(shelves, order.stores, dayKey(provider, date), CostDay));
    known.days.push(...days.flatMap((day) => day ?? []));
  }
  known.unread.push(
    ...[...shelves.lost.values()].map((error) => `a bucket did not answer, and the other was read: ${error.message}`),
  );
  known.unread.push(...shelves.unread);
  return known;
}

/** A bucket that was away when days were restated says so by its older state: the other one is read first. */
async function newestFirst(
  shelves: Shelves,
  provider: Provider,
): Promise<{ stores: ObjectStore[]; state: CostState | null }> {
  const states = await Promise.all(
    shelves.open.map(async (store) => ({
      store,
      state: await firstOf(shelves, [store], stateKey(provider), CostState),
    })),
  );
  const sorted = states.sort((one, other) =>
    (other.state?.lastRunTime ?? '').localeCompare(one.state?.lastRunTime ?? ''),
  );
  return { stores: sorted.map(({ store }) => store), state: sorted[0]?.state ?? null };
}

/** The record of the first bucket that has it. Null: none has. */
async function firstOf<T>(
  shelves: Shelves,
  stores: readonly ObjectStore[],
  key: string,
  schema: z.ZodType<T>,
): Promise<T | null> {
  for (const store of stores) {
    if (!shelves.open.includes(store)) continue;
    try {
      const found = await store.get(key);
      if (found) return schema.parse(JSON.parse(found.body));
    } catch (error) {
      if (error instanceof StoreUnavailable) lose(shelves, store, error);
      else shelves.unread.add(`${store.name} holds something at ${key} that this version cannot read`);
    }
  }
  return null;
}

function lose(shelves: Shelves, store: ObjectStore, error: StoreUnavailable): void {
  shelves.lost.set(store.name, error);
  shelves.open = shelves.open.filter((one) => one !== store);
  if (shelves.open.length === 0) throw error;
}

async function eachOf<From, To>(all: readonly From[], read: (one: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  const waiting = all.entries();
  const reader = async () => {
    for (const [index, one] of waiting) results[index] = await read(one);
  };
  await Promise.all(Array.from({ length: READERS_AT_ONCE }, reader));
  return results;
}
