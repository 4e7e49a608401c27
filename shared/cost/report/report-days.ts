// Which days a report of a month needs: its own, and enough before them to know what is usual.
import type { CostDate } from '../../model/cost.ts';
import { addDays, type CostMonth, datesFrom, datesOf } from '../calendar.ts';

/** Twice the eight weeks that a weekday is judged by: what began before the month must be found to have begun there. */
const DAYS_BEFORE = 112;

/** Up to today, since nobody has told of tomorrow. */
export function reportDates(month: CostMonth, today: CostDate): CostDate[] {
  const own = datesOf(month);
  return datesFrom(addDays(`${own[0]}`, -DAYS_BEFORE), addDays(`${own.at(-1)}`, 1)).filter((date) => date <= today);
}
