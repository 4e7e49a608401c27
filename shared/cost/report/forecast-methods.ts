// The ways of foretelling a day's cost from the days before it: a table, of which the past says which is the better one.
import type { Amount, CostDate } from '../../model/cost.ts';
import { addDays, datesFrom } from '../calendar.ts';
import { addAmounts, compareAmounts, divideAmount, medianAmount, multiplyAmount } from '../money.ts';

/** What each closed day cost: of one provider, in one currency. */
export type DaySeries = ReadonlyMap<CostDate, Amount>;

export type ForecastMethod = {
  name: string;
  /** In words, for whoever reads the figure. */
  how: string;
  /** Null: too little is known. */
  amount: (known: DaySeries, date: CostDate) => Amount | null;
};

const WEEKS = 4;
const FEWEST_DAYS = 7;
/** Of a ratio: more than an amount of money has. */
const RATIO_DIGITS = 8;

export const forecastMethods: readonly ForecastMethod[] = [
  {
    name: 'weekdays',
    how: 'each day is taken to cost the median of the last four such weekdays',
    amount: weekdayMedian,
  },
  {
    name: 'weekdays-at-level',
    how: 'each day is taken to cost the median of the last four such weekdays, raised or lowered as the last seven days were against theirs',
    amount: (known, date) => {
      const usual = weekdayMedian(known, date);
      const level = levelOf(known, date);
      return usual === null || level === null ? usual : multiplyAmount(usual, level);
    },
  },
];

/** Of the last such weekdays that are known; of all the last days where there are too few of them. */
function weekdayMedian(known: DaySeries, date: CostDate): Amount | null {
  const last = lastBefore(known, date);
  if (last === null) return null;
  const same: Amount[] = [];
  // A day further ahead than a week has its first such weekday further back.
  for (
    let day = addDays(date, -7);
    same.length < WEEKS && day > addDays(last, -7 * (2 * WEEKS));
    day = addDays(day, -7)
  ) {
    const amount = known.get(day);
    if (amount !== undefined) same.push(amount);
  }
  if (same.length > 1) return medianAmount(same);
  const recent = lastDays(known, last, 7 * WEEKS);
  return recent.length < FEWEST_DAYS ? null : medianAmount(recent);
}

/** The last seven days against what their weekdays would have let expect. Null: nothing to go by. */
function levelOf(known: DaySeries, date: CostDate): Amount | null {
  const last = lastBefore(known, date);
  if (last === null) return null;
  const from = addDays(last, -6);
  const before = new Map([...known].filter(([day]) => day < from));
  const days = datesFrom(from, addDays(last, 1)).flatMap((day) => {
    const actual = known.get(day);
    const usual = weekdayMedian(before, day);
    return actual === undefined || usual === null ? [] : [{ actual, usual }];
  });
  const usual = addAmounts(...days.map((day) => day.usual));
  if (days.length < FEWEST_DAYS || compareAmounts(usual, '0') <= 0) return null;
  return divideAmount(addAmounts(...days.map((day) => day.actual)), usual, RATIO_DIGITS);
}

function lastBefore(known: DaySeries, date: CostDate): CostDate | null {
  let last: CostDate | null = null;
  for (const day of known.keys()) if (day < date && (last === null || day > last)) last = day;
  return last;
}

function lastDays(known: DaySeries, last: CostDate, days: number): Amount[] {
  return datesFrom(addDays(last, 1 - days), addDays(last, 1)).flatMap((day) => known.get(day) ?? []);
}
