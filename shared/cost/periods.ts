// The periods of a row: the day that was charged, and the month that it is invoiced in.
import type { CostDate, CostRow } from '../model/cost.ts';
import { addDays, addMonths, type CostMonth } from './calendar.ts';

type Periods = Pick<CostRow, 'ChargePeriodStart' | 'ChargePeriodEnd' | 'BillingPeriodStart' | 'BillingPeriodEnd'>;

/** The month is not always that of the day: what is told late is invoiced late. */
export function periodsOf(date: CostDate, month: CostMonth): Periods {
  return {
    ChargePeriodStart: midnight(date),
    ChargePeriodEnd: midnight(addDays(date, 1)),
    BillingPeriodStart: midnight(`${month}-01`),
    BillingPeriodEnd: midnight(`${addMonths(month, 1)}-01`),
  };
}

/** As FOCUS writes times. */
function midnight(date: CostDate): string {
  return `${date}T00:00:00Z`;
}
