// What a provider itself says of money: a budget that is being used up, or something that costs more than it used to.
import * as z from 'zod';
import { Amount, CostDate, Currency } from './cost.ts';
import { Instant, type Rejection } from './signal.ts';
import { Provider } from './site.ts';

const told = {
  /** Equal for redeliveries of the same fact, and for nothing else: people are told of it once. */
  id: z.string().min(1),
  provider: Provider,
  /** The billing account, or null when the notice does not tell. */
  account: z.string().nullable(),
  /** How the provider's own console calls the budget or the monitor. */
  name: z.string().min(1),
  currency: Currency,
  /** When the provider said so, by its own clock; null: it did not say when. */
  saidAt: Instant.nullable(),
};

/** What was crossed: a share of the budget, or an amount. */
export const BudgetThreshold = z.discriminatedUnion('unit', [
  z.strictObject({ unit: z.literal('percent'), percent: z.number().nonnegative() }),
  z.strictObject({ unit: z.literal('amount'), amount: Amount }),
]);
export type BudgetThreshold = z.infer<typeof BudgetThreshold>;

export const BudgetNotice = z.strictObject({
  kind: z.literal('budget'),
  ...told,
  /** Whether `amount` was spent, or is what the provider expects by the end of the period. */
  basis: z.enum(['actual', 'forecast']),
  /** Null: crossed, and by how much is not told. Google Cloud tells what was spent, and no forecast. */
  amount: Amount.nullable(),
  budgeted: Amount.nullable(),
  /** Null: nothing was crossed, the provider only tells how far it has come (Google Cloud does, several times a day). */
  threshold: BudgetThreshold.nullable(),
  /** Null: not told. Google Cloud's months begin at midnight in California. */
  periodStart: Instant.nullable(),
});
export type BudgetNotice = z.infer<typeof BudgetNotice>;

/** Where an anomaly comes from, as far as the provider tells. */
export const AnomalyCause = z.strictObject({
  service: z.string().nullable(),
  account: z.string().nullable(),
  region: z.string().nullable(),
  usageType: z.string().nullable(),
  /** Its share of the impact. */
  amount: Amount.nullable(),
});
export type AnomalyCause = z.infer<typeof AnomalyCause>;

export const AnomalyNotice = z.strictObject({
  kind: z.literal('anomaly'),
  ...told,
  /** What the monitor watches: a service, an account, the value of a tag. */
  about: z.string().nullable(),
  /** How much more than expected, over all its days. */
  impact: Amount,
  actual: Amount.nullable(),
  expected: Amount.nullable(),
  firstDate: CostDate.nullable(),
  lastDate: CostDate.nullable(),
  causes: z.array(AnomalyCause),
  /** Where a person can look at it. */
  link: z.string().nullable(),
});
export type AnomalyNotice = z.infer<typeof AnomalyNotice>;

export const CostNotice = z.discriminatedUnion('kind', [BudgetNotice, AnomalyNotice]);
export type CostNotice = z.infer<typeof CostNotice>;

/** What one delivery held: a batch may carry good records beside bad ones, and neither blocks the other. */
export type HeardCost = { notices: CostNotice[]; rejections: Rejection[] };
