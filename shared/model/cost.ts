// What an estate costs, in the words of FOCUS 1.2: one row of a provider's bill, and what is known of one day of it.
import * as z from 'zod';
import type { Provider } from './site.ts';

/** An exact decimal in plain notation, `-0.000000061`: no exponent, no superfluous zeros. Reckoned with in `shared/cost/money.ts` only. */
export const Amount = z
  .string()
  .regex(/^(?:0|-?(?:[1-9]\d*|0(?=\.))(?:\.\d*[1-9])?)$/, 'an exact decimal such as 12.5 or -0.03');
export type Amount = z.infer<typeof Amount>;

/** ISO 4217. Amounts of different currencies are never added. */
export const Currency = z.string().regex(/^[A-Z]{3}$/, 'a currency such as USD');
export type Currency = z.infer<typeof Currency>;

/** A day in UTC: `2026-11-24`. */
export const CostDate = z.iso.date();
export type CostDate = z.infer<typeof CostDate>;

/** What people group by. The mapping from services is data: `shared/cost/categories.ts`. */
export const costCategories = ['compute', 'kubernetes', 'database', 'cache', 'storage', 'network', 'other'] as const;
export type CostCategory = (typeof costCategories)[number];

const Instant = z.iso.datetime();

/**
 * One row of a bill. Column names and meanings are those of FOCUS 1.2; `x_` are ours, as the specification has it. Null: the provider's
 * answer does not tell, and nothing is invented.
 * https://focus.finops.org/focus-specification/v1-2/
 */
export const CostRow = z.strictObject({
  ChargePeriodStart: Instant,
  ChargePeriodEnd: Instant,
  BillingPeriodStart: Instant,
  BillingPeriodEnd: Instant,
  ProviderName: z.enum(['AWS', 'Google Cloud']),
  BillingAccountId: z.string().nullable(),
  SubAccountId: z.string().nullable(),
  ServiceName: z.string().min(1),
  RegionId: z.string().nullable(),
  SkuId: z.string().nullable(),
  /** AWS: null, since Cost Explorer's groups do not tell it beside service and tag. */
  ChargeCategory: z.enum(['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment']).nullable(),
  BillingCurrency: Currency,
  /** What is invoiced. AWS: unblended; Google Cloud: cost with credits. */
  BilledCost: Amount,
  /** With commitments and discounts spread over what they were used for. AWS: net amortised; Google Cloud: cost with credits. */
  EffectiveCost: Amount,
  /** The environment tag alone; empty where it was not set. */
  Tags: z.record(z.string(), z.string()),
  x_Category: z.enum(costCategories),
  /** The strategy's name of the environment, or null: not tagged, or with a value that it does not know. */
  x_Environment: z.string().nullable(),
  /** Data that left the provider: what talks to the other cloud is among it. */
  x_Transfer: z.boolean(),
});
export type CostRow = z.infer<typeof CostRow>;

/** Sums of one currency. */
export type CostSum = { currency: Currency; billed: Amount; effective: Amount };

/**
 * What the provider itself says that a day cost: what the rows of that day have to add up to. A currency with nothing in it is left out.
 * `estimated`: it may still change.
 */
export type DayTotal = { date: CostDate; sums: CostSum[]; estimated: boolean };

/** How the provider of a row is called in a strategy. */
export function providerOf(row: Pick<CostRow, 'ProviderName'>): Provider {
  return row.ProviderName === 'AWS' ? 'aws' : 'gcp';
}
