// The buckets of a run: which of them can be reached, what they know, and which of them are behind.
import type { CostDate } from '../../model/cost.ts';
import type { CostDay, CostState } from '../../model/cost-day.ts';
import type { Provider, SiteName } from '../../model/site.ts';
import { readDay } from './day-record.ts';
import { type Spread, spreadOf } from './level.ts';
import { UnreadableRecord } from './records.ts';
import { type Shelf, ShelfLost } from './shelf.ts';
import { latestState, readState } from './state.ts';

export type Shelves = {
  /** In the order of preference: what is taken is written to the first. */
  reached(): Shelf[];
  unreached(): { site: SiteName; because: string }[];
  /** `ShelfLost`: it is left out from now on. `UnreadableRecord`: one record of it is. */
  failed(error: ShelfLost | UnreadableRecord): void;
};

/** No bucket can be reached: there is nowhere to keep what would be asked for, so that nothing was. */
export class NoShelf extends Error {
  override readonly name = 'NoShelf';
}

export function createShelves(all: readonly Shelf[]): Shelves {
  const lost = new Set<SiteName>();
  const complaints = new Map<SiteName, string>();
  return {
    reached: () => all.filter(({ site }) => !lost.has(site)),
    unreached: () => [...complaints].map(([site, because]) => ({ site, because })),
    failed(error) {
      complaints.set(error.site, error.message);
      if (error instanceof ShelfLost) lost.add(error.site);
    },
  };
}

/** What is called for every shelf that answers. One that is lost on the way is told, and left out. */
async function atEach<T>(shelves: Shelves, call: (shelf: Shelf) => Promise<T>): Promise<{ shelf: Shelf; value: T }[]> {
  const answers = await Promise.all(
    shelves.reached().map(async (shelf) => {
      try {
        return [{ shelf, value: await call(shelf) }];
      } catch (error) {
        if (!(error instanceof ShelfLost)) throw error;
        shelves.failed(error);
        return [];
      }
    }),
  );
  const found = answers.flat();
  if (found.length > 0) return found;
  const because = shelves.unreached().map((one) => one.because);
  throw new NoShelf(`no cost bucket can be reached, so that no provider was asked:\n${because.join('\n')}`);
}

export async function stateOf(shelves: Shelves, provider: Provider): Promise<CostState | null> {
  const states = await atEach(shelves, async (shelf) => {
    try {
      return (await readState(shelf, provider)).value;
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      shelves.failed(error);
      return null;
    }
  });
  return latestState(states.map(({ value }) => value));
}

const readersAtOnce = 16;

/** What the shelves hold of each day. A record that one of them holds and that cannot be read is as if it were not there: it is told when it is written to. */
export async function spreadsOf(shelves: Shelves, provider: Provider, dates: readonly CostDate[]): Promise<Spread[]> {
  const held = await atEach(shelves, async (shelf) => {
    const days = new Map<CostDate, CostDay>();
    const waiting = [...dates];
    async function reader(): Promise<void> {
      for (let date = waiting.shift(); date !== undefined; date = waiting.shift()) {
        const day = await dayOf(shelf, provider, date);
        if (day) days.set(date, day);
      }
    }
    await Promise.all(Array.from({ length: readersAtOnce }, reader));
    return days;
  });
  return dates.map((date) =>
    spreadOf(
      date,
      held.map(({ shelf, value }) => ({ shelf, day: value.get(date) ?? null })),
    ),
  );
}

async function dayOf(shelf: Shelf, provider: Provider, date: CostDate): Promise<CostDay | null> {
  try {
    return (await readDay(shelf, provider, date)).value;
  } catch (error) {
    if (error instanceof UnreadableRecord) return null;
    throw error;
  }
}
