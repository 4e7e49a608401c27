// Neighbouring days from one stream of rows. A day that fails takes no other along: what it left is asked for again in halves.
import type { CostDate, CostRow, DayTotal } from '../../model/cost.ts';
import type { CostDayTrouble } from '../../model/cost-day.ts';
import { type CostSource, CostUnavailable } from '../../ports/cost-source.ts';
import { addDays } from '../calendar.ts';
import { byDay } from './by-day.ts';
import { rangeOf } from './plan-days.ts';
import { UnreadableRecord } from './records.ts';
import { ShelfLost } from './shelf.ts';
import type { DayOutcome } from './take-day.ts';

export type TakeDays = {
  source: CostSource;
  late: () => boolean;
  /** Throws `ShelfLost`, which ends everything. */
  take(told: DayTotal, rows: AsyncIterable<CostRow[]>): Promise<DayOutcome>;
  noted(outcome: DayOutcome): void;
};

export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
  constructor(date: CostDate) {
    const alone = `causeway cost snapshot --from ${date} --to ${addDays(date, 1)}`;
    super(
      `the time of this run was over in the middle of ${date}. The next run goes on there. If the day never fits into one, take it from a machine: ${alone}`,
    );
  }
}

/** So many failures in a row, and the provider is left alone: by halves one bad day of a year is found in nine. */
const mostFailures = 10;

/** Every day of `days` (neighbours, the oldest first) is noted once, but for those left when it throws `ShelfLost`. */
export async function takeDays(work: TakeDays, days: readonly DayTotal[]): Promise<void> {
  let failures = 0;
  await takeSome(days);

  async function takeSome(some: readonly DayTotal[]): Promise<void> {
    const left = [...some];
    try {
      await takeStream(work, left);
      failures = 0;
    } catch (error) {
      if (error instanceof ShelfLost) throw error;
      if (left.length < some.length) failures = 0;
      failures += 1;
      const { trouble, because } = troubleOf(error);
      if (left.length === 1 || failures === mostFailures || !isOfOneDay(trouble)) {
        for (const { date } of left) work.noted({ kind: 'troubled', date, trouble, because });
        return;
      }
      const half = Math.ceil(left.length / 2);
      await takeSome(left.slice(0, half));
      if (failures < mostFailures) return takeSome(left.slice(half));
      for (const { date } of left.slice(half)) work.noted({ kind: 'troubled', date, trouble, because });
    }
  }
}

/** Takes each day that is noted out of `left`. */
async function takeStream({ source, late, take, noted }: TakeDays, left: DayTotal[]): Promise<void> {
  const dates = left.map(({ date }) => date);
  const range = rangeOf(dates);
  if (range === null) return;
  const told = new Map(left.map((total) => [total.date, total]));
  for await (const { date, rows } of byDay(source.name, dates, source.rows(range))) {
    const total = told.get(date);
    if (total) noted(await takeOne(total, inTime(date, rows)));
    left.shift();
  }

  async function takeOne(total: DayTotal, rows: AsyncIterable<CostRow[]>): Promise<DayOutcome> {
    try {
      return await take(total, rows);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      return { kind: 'troubled', date: total.date, trouble: 'unreadable', because: error.message };
    }
  }

  async function* inTime(date: CostDate, rows: AsyncIterable<CostRow[]>): AsyncGenerator<CostRow[]> {
    const stop = () => {
      if (late()) throw new OutOfTime(date);
    };
    stop();
    for await (const page of rows) {
      yield page;
      stop();
    }
  }
}

function isOfOneDay(trouble: CostDayTrouble): boolean {
  return trouble === 'invalid' || trouble === 'failed' || trouble === 'time-out';
}

export function troubleOf(error: unknown): { trouble: CostDayTrouble; because: string } {
  if (error instanceof CostUnavailable) return { trouble: error.reason, because: error.message };
  if (error instanceof OutOfTime) return { trouble: 'out-of-time', because: error.message };
  const because = error instanceof Error ? error.message : String(error);
  return { trouble: 'failed', because };
}
