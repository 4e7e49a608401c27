// What a month will have cost when it is over: the days that are known, and the rest foretold by the weekdays of the last weeks.
import type { Amount, CostDate } from '../../model/cost.ts';
import { addDays, type CostMonth, datesFrom, datesOf, daysBetween } from '../calendar.ts';
import {
  absoluteAmount,
  addAmounts,
  compareAmounts,
  divideAmount,
  multiplyAmount,
  percentOf,
  roundAmount,
  subtractAmount,
} from '../money.ts';
import { type DaySeries, type ForecastMethod, forecastMethods } from './forecast-methods.ts';
import type { Forecast, ForecastError } from './report-shape.ts';

/** How often the past is foretold to learn the error, a week apart, and how many of them an error needs. */
const MOST_TRIALS = 8;
const FEWEST_TRIALS = 3;
/** Days that a trial must have had before it. */
const TRIAL_HISTORY_DAYS = 14;

type Trial = { foretold: Amount; actual: Amount };

/**
 * `series`: the closed days of each provider, in one currency. Each day of the month that is not among them is foretold from those before
 * it; which way is chosen by how well it would have done in the past, and that error is told with it.
 */
export function forecastMonth(series: readonly DaySeries[], month: CostMonth): Forecast {
  const dates = datesOf(month);
  const last = series.map(lastOf).reduce<CostDate | null>(earlier, dates.at(-1) ?? null);
  if (last === null) return { kind: 'none', because: 'no day is known yet' };
  const horizonDays = Math.max(1, daysBetween(last, `${dates.at(-1)}`));
  const judged = forecastMethods.map((method) => ({ method, trials: trialsOf(method, series, last, horizonDays) }));
  const [best] = judged
    .map((one) => ({ ...one, error: errorOf(one.trials, horizonDays) }))
    .sort((one, other) => compareAmounts(one.error?.averagePercent ?? '0', other.error?.averagePercent ?? '0'));
  const days = best && foretell(best.method, series, dates);
  if (!best || !days) {
    return { kind: 'none', because: 'fewer than seven closed days are known: nothing can be foretold from them' };
  }
  if (days.length === 0) return { kind: 'none', because: 'every day of the month is known' };
  const closed = addAmounts(...series.flatMap((one) => dates.map((date) => one.get(date) ?? '0')));
  const rest = addAmounts(...days.map(({ amount }) => amount));
  const spread = best.error && multiplyAmount(absoluteAmount(rest), divideAmount(best.error.worstPercent, '100', 3));
  return {
    kind: 'forecast',
    how: best.method.how,
    closed,
    amount: roundAmount(addAmounts(closed, rest), 2),
    low: spread && roundAmount(subtractAmount(addAmounts(closed, rest), spread), 2),
    high: spread && roundAmount(addAmounts(closed, rest, spread), 2),
    days,
    error: best.error,
  };
}

/** What each day comes to of which some provider's amount is not known. Null: somebody's history is too short. */
function foretell(
  method: ForecastMethod,
  series: readonly DaySeries[],
  dates: readonly CostDate[],
): { date: CostDate; amount: Amount }[] | null {
  const days: { date: CostDate; amount: Amount }[] = [];
  for (const date of dates) {
    const open = series.filter((one) => !one.has(date));
    const amounts = open.map((one) => method.amount(one, date));
    if (amounts.some((amount) => amount === null)) return null;
    const known = amounts.filter((amount) => amount !== null);
    if (open.length > 0) days.push({ date, amount: roundAmount(addAmounts(...known), 6) });
  }
  return days;
}

/** The past foretold as if it had not come yet, and what it came to. */
function trialsOf(method: ForecastMethod, series: readonly DaySeries[], last: CostDate, days: number): Trial[] {
  return Array.from({ length: MOST_TRIALS }, (_, weeks) => addDays(last, 1 - days - 7 * weeks)).flatMap((from) => {
    const dates = datesFrom(from, addDays(from, days));
    const parts = series.map((one) => {
      const before = new Map([...one].filter(([date]) => date < from));
      const actual = dates.map((date) => one.get(date) ?? null);
      const foretold = dates.map((date) => method.amount(before, date));
      return before.size < TRIAL_HISTORY_DAYS ? [null] : [sumOf(foretold), sumOf(actual)];
    });
    const foretold = sumOf(parts.map(([one]) => one ?? null));
    const actual = sumOf(parts.map(([, one]) => one ?? null));
    return foretold === null || actual === null ? [] : [{ foretold, actual }];
  });
}

function errorOf(trials: readonly Trial[], horizonDays: number): ForecastError | null {
  const errors = trials.flatMap(({ foretold, actual }) => {
    const percent = percentOf(subtractAmount(foretold, actual), actual, 1);
    return percent === null ? [] : [percent];
  });
  if (errors.length < FEWEST_TRIALS) return null;
  const sizes = errors.map(absoluteAmount);
  const averageOf = (all: readonly Amount[]) => divideAmount(addAmounts(...all), String(all.length), 1);
  return {
    trials: errors.length,
    horizonDays,
    averagePercent: averageOf(sizes),
    worstPercent: sizes.reduce((worst, one) => (compareAmounts(one, worst) > 0 ? one : worst)),
    biasPercent: averageOf(errors),
  };
}

function sumOf(amounts: readonly (Amount | null)[]): Amount | null {
  const known = amounts.filter((amount) => amount !== null);
  return known.length === amounts.length ? addAmounts(...known) : null;
}

function lastOf(series: DaySeries): CostDate | null {
  return [...series.keys()].reduce<CostDate | null>((last, date) => (last === null || date > last ? date : last), null);
}

function earlier(one: CostDate | null, other: CostDate | null): CostDate | null {
  return one === null || other === null ? null : one < other ? one : other;
}
