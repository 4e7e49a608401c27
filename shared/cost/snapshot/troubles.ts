// Days that could not be taken, told once for each reason: a bill that refuses does so for all of them.
import type { CostDate } from '../../model/cost.ts';
import type { CostDayTrouble } from '../../model/cost-day.ts';
import { neighbours } from './plan-days.ts';
import type { DayOutcome } from './take-day.ts';

export type TroubledDays = { dates: CostDate[]; trouble: CostDayTrouble; because: string };

export function troublesOf(days: readonly DayOutcome[]): TroubledDays[] {
  const groups = new Map<string, TroubledDays>();
  for (const day of days) {
    if (day.kind !== 'troubled') continue;
    const group = groups.get(day.because) ?? { dates: [], trouble: day.trouble, because: day.because };
    groups.set(day.because, { ...group, dates: [...group.dates, day.date] });
  }
  return [...groups.values()];
}

/** `2026-11-01 to 2026-11-10, 2026-11-20`; the dates are ascending. */
function datesText(dates: readonly CostDate[]): string {
  return neighbours(dates.map((date) => ({ date })))
    .map((group) => {
      const [first, last] = [group[0]?.date, group.at(-1)?.date];
      return first === last ? `${first}` : `${first} to ${last}`;
    })
    .join(', ');
}

export function troubleText({ dates, because }: TroubledDays): string {
  return `${datesText(dates)} ${dates.length === 1 ? 'was' : 'were'} not taken: ${because}`;
}
