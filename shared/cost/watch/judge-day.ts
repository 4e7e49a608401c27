// Whether a day of a service costs more, or less, than such a weekday usually does. Pure.
import type { Amount, CostDate } from '../../model/cost.ts';
import { addDays, addMonths, daysBetween, monthOf } from '../calendar.ts';
import { absoluteAmount, compareAmounts, medianAmount, multiplyAmount, subtractAmount } from '../money.ts';

export type DailyAmounts = ReadonlyMap<CostDate, Amount>;

export type Judgement =
  /** Not told, or too few such weekdays are known before it. */
  | { kind: 'unknown' }
  | { kind: 'usual'; usual: Amount }
  | { kind: 'anomaly'; direction: 'up' | 'down'; amount: Amount; usual: Amount; spread: Amount; weekdays: number };

/** So many weeks are looked back, and so many such weekdays of them have to be known. */
const WEEKS = 8;
const FEWEST_WEEKDAYS = 4;
/** The median of absolute deviations times this is the standard deviation, where deviations are normal. */
const MAD_SCALE = '1.4826';
/** A spread is taken to be at least this part of the usual: eight equal amounts do not make a cent an alarm. */
const LEAST_SPREAD = '0.05';
/** So many spreads from the usual is an anomaly. */
const SPREADS = '4';
/** What comes every month on the same day is no anomaly: within this part of what came then. */
const MONTHLY_LIKENESS = '0.2';
const MONTHS = 2;

/** Further from the median of the same weekdays than their spread explains, by at least `atLeast`, and not what every month brings. */
export function judgeDay(amounts: DailyAmounts, date: CostDate, atLeast: Amount): Judgement {
  const amount = amounts.get(date);
  const same = around(amounts, date, -WEEKS, -1);
  const usual = medianAmount(same);
  if (amount === undefined || usual === null || same.length < FEWEST_WEEKDAYS) return { kind: 'unknown' };
  const off = subtractAmount(amount, usual);
  const size = absoluteAmount(off);
  if (compareAmounts(size, atLeast) < 0) return { kind: 'usual', usual };
  const spread = spreadOf(same, usual);
  const far = compareAmounts(size, multiplyAmount(spread, SPREADS)) > 0;
  if (!far || comesMonthly(amounts, date, { amount, off })) return { kind: 'usual', usual };
  const direction = compareAmounts(off, '0') > 0 ? 'up' : 'down';
  return { kind: 'anomaly', direction, amount, usual, spread, weekdays: same.length };
}

/** Further off than a spread can explain that is as small as it is taken to be at least. */
export function isFar(amount: Amount, usual: Amount): boolean {
  const least = multiplyAmount(multiplyAmount(absoluteAmount(usual), LEAST_SPREAD), SPREADS);
  return compareAmounts(absoluteAmount(subtractAmount(amount, usual)), least) > 0;
}

/** What such a weekday cost in the weeks before another day. Null: nothing is known of it. */
export function usualUntil(amounts: DailyAmounts, date: CostDate, until: CostDate): Amount | null {
  const weeks = Math.ceil(daysBetween(until, date) / 7);
  return medianAmount(around(amounts, addDays(date, -7 * weeks), -WEEKS, -1));
}

/** The same weekday so many weeks before (negative) to after, as far as it is known; never the day itself. */
function around(amounts: DailyAmounts, date: CostDate, from: number, to: number): Amount[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
    .filter((week) => week !== 0)
    .flatMap((week) => amounts.get(addDays(date, 7 * week)) ?? []);
}

function spreadOf(amounts: readonly Amount[], usual: Amount): Amount {
  const deviations = amounts.map((amount) => absoluteAmount(subtractAmount(amount, usual)));
  const robust = multiplyAmount(medianAmount(deviations) ?? '0', MAD_SCALE);
  const least = multiplyAmount(absoluteAmount(usual), LEAST_SPREAD);
  return compareAmounts(robust, least) > 0 ? robust : least;
}

/**
 * Support, subscriptions, what is invoiced once a month: the same day of one of the months before stood out among its own weekdays in the
 * same way. That it cost the same is not enough: it may have been a working day, and this one a Sunday.
 */
function comesMonthly(
  amounts: DailyAmounts,
  date: CostDate,
  { amount, off }: { amount: Amount; off: Amount },
): boolean {
  return Array.from({ length: MONTHS }, (_, index) => `${addMonths(monthOf(date), -1 - index)}${date.slice(7)}`).some(
    (before) => {
      const then = amounts.get(before);
      const usual = then === undefined ? null : medianAmount(around(amounts, before, -4, 4));
      if (then === undefined || usual === null) return false;
      const alike = multiplyAmount(absoluteAmount(then), MONTHLY_LIKENESS);
      const stoodOut = multiplyAmount(subtractAmount(then, usual), '2');
      const sameWay =
        compareAmounts(off, '0') > 0 ? compareAmounts(stoodOut, off) >= 0 : compareAmounts(stoodOut, off) <= 0;
      return sameWay && compareAmounts(absoluteAmount(subtractAmount(amount, then)), alike) <= 0;
    },
  );
}
