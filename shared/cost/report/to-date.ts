// The month so far beside the same days of the month before: like beside like, and what is not known in both is left out and named.
import type { CostDate } from '../../model/cost.ts';
import type { Provider } from '../../model/site.ts';
import { addMonths, type CostMonth, monthOf } from '../calendar.ts';
import type { Spent } from '../spent.ts';
import type { ToDate } from './report-shape.ts';
import { changeOf, sidesOf } from './sides.ts';

/** Which days of which provider are known, and closed. */
export type KnownDays = ReadonlyMap<Provider, ReadonlySet<CostDate>>;

/** `spent`: of both months. A day counts for a provider when it and the day of the same number a month before are known of it. */
export function monthToDate(spent: readonly Spent[], known: KnownDays, month: CostMonth): ToDate {
  const pairs = [...known].flatMap(([provider, dates]) =>
    [...dates]
      .filter((date) => monthOf(date) === month)
      .map((date) => ({ provider, date, before: dayBefore(date), paired: dates.has(dayBefore(date)) })),
  );
  const paired = pairs.filter((one) => one.paired);
  const pick = (which: 'date' | 'before') => {
    const wanted = new Set(paired.map((one) => `${one.provider} ${one[which]}`));
    return spent.filter(({ provider, date }) => wanted.has(`${provider} ${date}`));
  };
  const providers = new Set(paired.map(({ provider }) => provider));
  const now = sidesOf(pick('date'), providers);
  const before = sidesOf(pick('before'), providers);
  return {
    days: new Set(paired.map(({ date }) => date)).size,
    leftOut: [...new Set(pairs.filter((one) => !one.paired).map(({ date }) => date))].sort(),
    now,
    before,
    changePercent: changeOf(now, before),
  };
}

/** The day of the same number in the month before; one that no month has, such as 2026-02-30, is known to nobody. */
function dayBefore(date: CostDate): CostDate {
  return `${addMonths(monthOf(date), -1)}${date.slice(7)}`;
}
