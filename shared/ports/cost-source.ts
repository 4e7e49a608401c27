// Where a provider tells what the estate cost: Cost Explorer, or the billing export in BigQuery.
import type { Amount, CostDate, CostRow, DayTotal } from '../model/cost.ts';
import type { Provider } from '../model/site.ts';

/** Days in UTC, as the provider's bill cuts them; the end is exclusive. */
export type CostRange = { fromDate: CostDate; toDate: CostDate };

/** What asking costs, at list prices and without what is free: Cost Explorer is paid by request, BigQuery by bytes. */
export type CostOfAsking = {
  requests: number;
  /** Null: this source is not paid by what it reads. */
  readBytes: number | null;
  amount: Amount;
  currency: 'USD';
};

/**
 * Every function throws `CostUnavailable`. Requests cost money: none is made twice for one answer, a range is asked for as a whole rather than
 * day by day, and a range without days is answered without asking.
 */
export type CostSource = {
  readonly name: string;
  readonly provider: Provider;
  /**
   * The days of the range of which the provider tells anything, the oldest first. A day that is left out is not told; it did not cost nothing.
   * Both providers call a day estimated until the invoice of its month is closed, so that every day of this month is.
   */
  totals(range: CostRange): Promise<DayTotal[]>;
  /**
   * Page by page, ordered by (`ChargePeriodStart`, `rowKey` of shared/cost/row-key.ts), as of when the totals were last asked for where the
   * provider can tell that. What the provider tells twice for one key comes twice: whoever reads holds the sum against `totals`.
   */
  rows(range: CostRange): AsyncIterable<CostRow[]>;
  /** What `totals` and `rows` of the range would cost, before they are asked for: at least, since pages are not known yet. Itself without charge. */
  estimate(range: CostRange): Promise<CostOfAsking>;
  /** What this source has asked for since it was opened. */
  spent(): CostOfAsking;
};

/**
 * `refused`: a permission is missing, a person must act. `not-there-yet`: the export has not been set up, or has not reached these days.
 * `invalid`: the answer is not what it should be, such as an amount that is no number. The rest pass by themselves.
 */
export type CostTrouble = 'refused' | 'not-there-yet' | 'invalid' | 'throttled' | 'time-out' | 'failed';

export class CostUnavailable extends Error {
  override readonly name = 'CostUnavailable';
  readonly source: string;
  readonly reason: CostTrouble;
  constructor(source: string, reason: CostTrouble, message: string, options?: ErrorOptions) {
    super(`${source}: ${message}`, options);
    this.source = source;
    this.reason = reason;
  }
}
