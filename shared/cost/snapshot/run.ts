// What a run does with a provider and the buckets: asks for totals, takes days into the first bucket that stays, levels the others.
import type { CostDate, CostRow, DayTotal } from '../../model/cost.ts';
import type { CostDay } from '../../model/cost-day.ts';
import type { SiteName } from '../../model/site.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import type { CostSource } from '../../ports/cost-source.ts';
import { bring, type Spread } from './level.ts';
import { type DayPlan, hasChanged, type KnownDays, neighbours, rangeOf } from './plan-days.ts';
import { UnreadableRecord } from './records.ts';
import { type Shelf, ShelfLost } from './shelf.ts';
import type { Shelves } from './shelves.ts';
import { type DayOutcome, takeDay } from './take-day.ts';
import { OutOfTime, takeDays, troubleOf } from './take-days.ts';

export type SnapshotWork = {
  source: CostSource;
  /** Of every site, the nearest first. */
  shelves: readonly Shelf[];
  clock: Clock;
  chance: Chance;
  /** The time of this run is over: no page is asked for any more. */
  late: () => boolean;
  partBytes: number;
  noted: (outcome: DayOutcome) => void;
};

export type Run = ReturnType<typeof createRun>;

export function createRun(work: SnapshotWork, shelves: Shelves) {
  const { source, clock, chance, partBytes, late } = work;
  const { provider } = source;
  const outcomes = new Map<CostDate, DayOutcome>();
  let takenAt = clock.now().toISOString();
  let newestDate: CostDate | null = null;

  function note(outcome: DayOutcome): void {
    outcomes.set(outcome.date, outcome);
    work.noted(outcome);
  }

  async function levelWith(home: Shelf, day: CostDay): Promise<void> {
    for (const shelf of shelves.reached()) {
      if (shelf !== home) await spare(() => bring({ provider, newId: chance.id, partBytes }, day, home, shelf));
    }
  }

  /** What another shelf cannot take is taken by it later; the day is kept. */
  async function spare<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ShelfLost || error instanceof UnreadableRecord)) throw error;
      shelves.failed(error);
      return null;
    }
  }

  async function takeFrom(home: Shelf, days: readonly DayTotal[]): Promise<void> {
    const take = async (told: DayTotal, rows: AsyncIterable<CostRow[]>): Promise<DayOutcome> => {
      const work = { shelf: home, provider, takenAt, newId: chance.id, partBytes };
      const outcome = await takeDay(work, told, rows);
      if ('day' in outcome) await levelWith(home, outcome.day);
      return outcome;
    };
    await takeDays({ source, late, take, noted: note }, days);
  }

  return {
    provider,
    shelves,
    spare,
    work,
    late,
    newestDate: () => newestDate,
    /** In the order in which they were taken. */
    noted: () => [...outcomes.values()],
    outcomes: () => [...outcomes.values()].sort((one, other) => (one.date < other.date ? -1 : 1)),
    /** The days whose rows have to be asked for, with their totals. What the provider does not tell, or refuses, is noted. */
    async ask({ ask, check }: DayPlan, known: KnownDays): Promise<DayTotal[]> {
      const range = rangeOf([...ask, ...check]);
      if (range === null) return [];
      if (late()) {
        // Not even the totals are worth their price when nothing can come of them.
        for (const date of ask) note({ kind: 'troubled', date, ...troubleOf(new OutOfTime(range.fromDate)) });
        return [];
      }
      takenAt = clock.now().toISOString();
      const wanted = new Set([...ask, ...check]);
      try {
        const answer = await source.totals(range);
        newestDate = answer.at(-1)?.date ?? null;
        const told = answer.filter(({ date }) => wanted.has(date));
        for (const date of ask) if (!told.some((total) => total.date === date)) note(notTold(source.name, date));
        const same = told.filter((total) => !ask.includes(total.date) && !hasChanged(known.get(total.date), total));
        for (const { date } of same) note({ kind: 'unchanged', date });
        return told.filter((total) => !same.includes(total));
      } catch (error) {
        for (const date of ask) note({ kind: 'troubled', date, ...troubleOf(error) });
        return [];
      }
    },
    /** Into the first shelf that stays; what it does not know when it is lost is asked for again, for the next. */
    async take(days: readonly DayTotal[]): Promise<void> {
      for (let left = [...days]; left.length > 0; left = left.filter(({ date }) => !outcomes.has(date))) {
        const [home] = shelves.reached();
        if (!home) {
          const because = `every cost bucket was lost on the way: ${shelves
            .unreached()
            .map((one) => one.because)
            .join(' ')}`;
          for (const { date } of left) note({ kind: 'troubled', date, trouble: 'failed', because });
          return;
        }
        await spare(async () => {
          for (const group of neighbours(left)) await takeFrom(home, group);
        });
      }
    },
  };
}

/** What one bucket knows and another does not, or not yet: of days that nobody asks for any more, too. */
export async function catchUp({ shelves, spare, provider, work, late }: Run, spreads: readonly Spread[]) {
  const caughtUp: { site: SiteName; date: CostDate }[] = [];
  const level = { provider, newId: work.chance.id, partBytes: work.partBytes };
  for (const { date, latest, at, behind } of spreads) {
    for (const shelf of behind) {
      if (late() || !latest || !at || ![at, shelf].every((one) => shelves.reached().includes(one))) continue;
      if (await spare(() => bring(level, latest, at, shelf))) caughtUp.push({ site: shelf.site, date });
    }
  }
  return caughtUp;
}

function notTold(source: string, date: CostDate): DayOutcome {
  const because = `${source} does not tell of it yet. It is asked for again by the next run; bills come hours late, and an export some days. A day before the export was set up never comes.`;
  return { kind: 'troubled', date, trouble: 'not-there-yet', because };
}
