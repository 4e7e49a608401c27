// From what the billing export tells to rows of a bill and to totals of days.
import * as z from 'zod';
import { isGoogleTransfer } from '../../shared/cost/categories.ts';
import { amountOf } from '../../shared/cost/money.ts';
import { periodsOf } from '../../shared/cost/periods.ts';
import { type CostCategory, CostDate, type CostRow, type CostSum, Currency } from '../../shared/model/cost.ts';

const Text = z.string().nullable();

export const ToldTotal = z.object({ day: CostDate, currency: Currency, net: z.string() });
export type ToldTotal = z.infer<typeof ToldTotal>;

export const ToldRow = ToldTotal.extend({
  account: Text,
  /** `202611`. */
  invoice_month: z
    .string()
    .regex(/^\d{6}$/)
    .nullable(),
  /** What FOCUS calls the export's `cost_type`; null: a type that is not known here. */
  category: z.enum(['Usage', 'Tax', 'Adjustment']).nullable(),
  region: Text,
  service: z.string().min(1),
  sku: Text,
  sku_description: Text,
  project: Text,
  environment: Text,
});
export type ToldRow = z.infer<typeof ToldRow>;

export type RowShape = {
  /** The key of the label that tells environments. */
  tag: string;
  environmentOf: (value: string) => string | null;
  categoryOf: (service: string, transfer: boolean) => CostCategory;
};

/** What is left out of a bill by its credits is not there for anybody: cost with credits is both what is invoiced and what it took. */
export function rowOf(told: ToldRow, shape: RowShape): CostRow {
  const { invoice_month: invoiced, environment, sku_description: sku } = told;
  const net = amountOf(told.net);
  const transfer = sku !== null && isGoogleTransfer(sku);
  return {
    ...periodsOf(told.day, invoiced === null ? told.day.slice(0, 7) : `${invoiced.slice(0, 4)}-${invoiced.slice(4)}`),
    ProviderName: 'Google Cloud',
    BillingAccountId: told.account,
    SubAccountId: told.project,
    ServiceName: told.service,
    RegionId: told.region,
    SkuId: told.sku,
    ChargeCategory: told.category,
    BillingCurrency: told.currency,
    BilledCost: net,
    EffectiveCost: net,
    Tags: environment === null ? {} : { [shape.tag]: environment },
    x_Category: shape.categoryOf(told.service, transfer),
    x_Environment: environment === null ? null : shape.environmentOf(environment),
    x_Transfer: transfer,
  };
}

/** By day, the oldest first; each with its currencies. */
export function sumsByDay(told: readonly ToldTotal[]): Map<CostDate, CostSum[]> {
  const days = new Map<CostDate, CostSum[]>();
  for (const { day, currency, net } of told) {
    const amount = amountOf(net);
    const sums = days.get(day) ?? [];
    if (amount !== '0') sums.push({ currency, billed: amount, effective: amount });
    days.set(day, sums);
  }
  return days;
}
