// Which days a run asks for: those that bills still restate, those that are not known yet, and none that is settled.

import type { CostDate, DayTotal } from '../../model/cost.ts';
import type { CostDay } from '../../model/cost-day.ts';
import type { CostRange } from '../../ports/cost-source.ts';
import { addDays, datesFrom } from '../calendar.ts';

/** `due`: what a schedule takes. `range`: what a person wants; `again`: also days that are settled. */
export type Wanted = { kind: 'due'; windowDays: number } | { kind: 'range'; range: CostRange; again: boolean };

/** Two months: a day is open until the invoice of its month is closed, some days into the next. */
const lookBackDays = 62;

/** Whether a schedule would look at it. */
export function isRecent(date: CostDate, today: CostDate): boolean {
  return date >= addDays(today, -lookBackDays);
}

/** What is known of a day, of all buckets that could be read. */
export type KnownDays = ReadonlyMap<CostDate, CostDay>;

/** The days that are looked at, the oldest first. Today is not over, and in no run. */
export function datesInView(wanted: Wanted, today: CostDate, troubled: readonly CostDate[]): CostDate[] {
  if (wanted.kind === 'range') {
    const { fromDate, toDate } = wanted.range;
    return datesFrom(fromDate, toDate < today ? toDate : today);
  }
  const recent = datesFrom(addDays(today, -Math.max(lookBackDays, wanted.windowDays)), today);
  return [...new Set([...troubled.filter((date) => date < today), ...recent])].sort();
}

/**
 * `ask`: its rows are asked for. `check`: outside the window and not closed yet: its totals tell whether its rows have to be asked for.
 */
export type DayPlan = { ask: CostDate[]; check: CostDate[] };

export type View = { inView: readonly CostDate[]; troubled: readonly CostDate[]; known: KnownDays };

export function planDays(wanted: Wanted, today: CostDate, { inView, troubled, known }: View): DayPlan {
  const isOpen = (date: CostDate) => (known.get(date)?.estimated ?? true) || troubled.includes(date);
  if (wanted.kind === 'range') return { ask: inView.filter((date) => wanted.again || isOpen(date)), check: [] };
  const windowStart = addDays(today, -wanted.windowDays);
  // What was before the first snapshot is for a person to fill in: it may be years.
  const [first = windowStart] = [...known.keys()].sort();
  const earlier = inView.filter((date) => date < windowStart && date >= first && isOpen(date));
  return {
    ask: inView.filter((date) => date >= windowStart || (earlier.includes(date) && !known.has(date))),
    check: earlier.filter((date) => known.has(date)),
  };
}

/** A day whose totals are what is known of it has not changed, or only among its rows: the window has seen those. */
export function hasChanged(day: CostDay | undefined, { sums, estimated }: DayTotal): boolean {
  if (!day || day.estimated !== estimated) return true;
  const text = (list: DayTotal['sums']) =>
    list
      .filter(({ billed, effective }) => billed !== '0' || effective !== '0')
      .map(({ currency, billed, effective }) => `${currency} ${billed} ${effective}`)
      .sort()
      .join();
  return text(day.sums) !== text(sums);
}

/** From `resume` on, and then from the beginning: a run that ends early is not always the same days short. */
export function inTurn<T extends { date: CostDate }>(days: readonly T[], resume: CostDate | null): T[] {
  if (resume === null) return [...days];
  return [...days.filter(({ date }) => date >= resume), ...days.filter(({ date }) => date < resume)];
}

/** Days that follow each other are asked for as one range. */
export function neighbours<T extends { date: CostDate }>(days: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const day of days) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last && before && addDays(before.date, 1) === day.date) last.push(day);
    else groups.push([day]);
  }
  return groups;
}

/** The shortest range that holds them all. Null: there are none. */
export function rangeOf(dates: readonly CostDate[]): CostRange | null {
  const sorted = [...dates].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  return first === undefined || last === undefined ? null : { fromDate: first, toDate: addDays(last, 1) };
}
