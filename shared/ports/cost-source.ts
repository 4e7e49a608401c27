// Where a provider tells what the estate cost: Cost Explorer, or the billing export in BigQuery.
import type { CostDate, CostRow, DayTotal } from '../model/cost.ts';
import type { Provider } from '../model/site.ts';

/** Days in UTC, as the provider's bill cuts them; the end is exclusive. */
export type CostRange = { fromDate: CostDate; toDate: CostDate };

/** Both functions throw `CostUnavailable`. Every request may cost money: none is made twice for one answer. */
export type CostSource = {
  readonly name: string;
  readonly provider: Provider;
  /** The days of the range of which the provider tells anything, the oldest first. A day that is left out is not told; it did not cost nothing. */
  totals(range: CostRange): Promise<DayTotal[]>;
  /**
   * Page by page, ordered by (`ChargePeriodStart`, `rowKey` of shared/cost/row-key.ts). What the provider tells twice for one key comes twice:
   * whoever reads holds the sum against `totals`.
   */
  rows(range: CostRange): AsyncIterable<CostRow[]>;
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
