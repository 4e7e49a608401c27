// What `causeway cost report --json` prints: everything that the text, the CSV and the page show, in one documented shape.
import * as z from 'zod';
import { Amount, CostDate, Currency, costCategories } from '../../model/cost.ts';
import { costServices } from '../../model/cost-plan.ts';
import { Provider } from '../../model/site.ts';

const Instant = z.iso.datetime();

/** By provider and together. Null: nothing is known, which is not nothing. */
const Sides = z.strictObject({ aws: Amount.nullable(), gcp: Amount.nullable(), all: Amount.nullable() });
export type Sides = z.infer<typeof Sides>;

const CategoryRow = z.strictObject({
  category: z.enum(costCategories),
  ...Sides.shape,
  /** Over the days that both providers have told. Null: only one of them has this, or they cost the same. */
  cheaper: z.strictObject({ provider: Provider, percent: Amount }).nullable(),
});
export type CategoryRow = z.infer<typeof CategoryRow>;

const ShareRow = z.strictObject({
  /** Null: no environment that the strategy knows. */
  name: z.string().nullable(),
  amount: Amount,
  /** Of everything in this currency, rounded to one digit, the half away from zero. Null: everything is nothing, or less. */
  sharePercent: Amount.nullable(),
  /** Null: the strategy has no target for it. */
  targetPercent: z.number().nullable(),
  /** Percentage points above (below: negative) the target. */
  driftPoints: Amount.nullable(),
});
export type ShareRow = z.infer<typeof ShareRow>;

/** The days of the month so far beside the same days of the month before: only those that are known in both. */
const ToDate = z.strictObject({
  days: z.int().nonnegative(),
  /** Days of this month that are known, and whose counterpart is not; or that the month before did not have. */
  leftOut: z.array(CostDate),
  now: Sides,
  before: Sides,
  changePercent: Sides,
});
export type ToDate = z.infer<typeof ToDate>;

const ForecastError = z.strictObject({
  /** How often the past was foretold in the same way, so many days ahead. */
  trials: z.int().positive(),
  horizonDays: z.int().positive(),
  averagePercent: Amount,
  worstPercent: Amount,
  /** Above nothing: it foretold too much, on the whole. */
  biasPercent: Amount,
});
export type ForecastError = z.infer<typeof ForecastError>;

const Forecast = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('forecast'),
    /** How it was made, in a sentence. */
    how: z.string(),
    /** What the closed days come to, and the whole month with them. */
    closed: Amount,
    amount: Amount,
    /** As far off as the worst of the trials. Null: too little history to know. */
    low: Amount.nullable(),
    high: Amount.nullable(),
    /** What was foretold, day by day: open days, those to come, and those that nobody told. */
    days: z.array(z.strictObject({ date: CostDate, amount: Amount })),
    error: ForecastError.nullable(),
  }),
  z.strictObject({ kind: z.literal('none'), because: z.string() }),
]);
export type Forecast = z.infer<typeof Forecast>;

const DayPoint = z.strictObject({
  date: CostDate,
  ...Sides.shape,
  /** Providers whose amount may still change. */
  estimated: z.array(Provider),
  /** Of those, the ones who are still adding to it: not to be held against other days. */
  open: z.array(Provider),
});
export type DayPoint = z.infer<typeof DayPoint>;

const Anomaly = z.strictObject({
  provider: Provider,
  service: z.string(),
  environment: z.string().nullable(),
  date: CostDate,
  direction: z.enum(['up', 'down']),
  amount: Amount,
  usual: Amount,
  /** How it was judged, in a sentence. */
  because: z.string(),
});
export type Anomaly = z.infer<typeof Anomaly>;

const BudgetRow = z.strictObject({
  name: z.string(),
  monthly: Amount,
  spent: Amount,
  spentPercent: Amount,
  forecast: Amount.nullable(),
  forecastPercent: Amount.nullable(),
  /** `crossed`: the highest threshold that the month has come to. */
  crossedPercent: z.number().nullable(),
  /** What it is a budget of, in words. */
  scope: z.string(),
});
export type BudgetRow = z.infer<typeof BudgetRow>;

const Opportunity = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** What it is reckoned from, and what it saves in a month. */
  base: Amount,
  monthly: Amount,
  /** The reckoning as one can do it again by hand. */
  arithmetic: z.string(),
  confidence: z.enum(['high', 'medium', 'low']),
  /** What would have to be true. */
  needs: z.array(z.string()),
  /** What was assumed, from where, read when. */
  assumptions: z.array(
    z.strictObject({
      name: z.string(),
      value: z.number(),
      means: z.string(),
      source: z.string(),
      asOf: z.string(),
      verified: z.boolean(),
      overridden: z.boolean(),
    }),
  ),
});
export type Opportunity = z.infer<typeof Opportunity>;

const Claim = z.strictObject({
  claim: z.string(),
  claimedPercent: z.string(),
  herePercent: Amount.nullable(),
  verdict: z.enum(['holds', 'does-not-hold', 'cannot-be-told']),
  because: z.string(),
});
export type Claim = z.infer<typeof Claim>;

const Savings = z.strictObject({
  /** What the month is taken to cost, and where that comes from. */
  base: Amount,
  basis: z.string(),
  /** In the order in which they are applied. */
  opportunities: z.array(Opportunity),
  /** Looked at, and nothing to be had here, with why. */
  considered: z.array(z.strictObject({ id: z.string(), title: z.string(), because: z.string() })),
  /** Their sum, each reckoned on what those before it left, and what part of the base that is. */
  total: Amount,
  totalPercent: Amount.nullable(),
  claims: z.array(Claim),
});
export type Savings = z.infer<typeof Savings>;

/** What Causeway itself costs. */
const OwnCost = z.strictObject({
  /** With the environment `causeway`. Null: the strategy names no such environment. */
  tagged: Sides.nullable(),
  /** Everything of the services that Causeway runs on, whoever uses them. */
  atMost: Sides,
  services: z.array(z.string()),
});
export type OwnCost = z.infer<typeof OwnCost>;

/** Amounts of one currency: never added to those of another. */
const CurrencyReport = z.strictObject({
  currency: Currency,
  total: Sides,
  categories: z.array(CategoryRow),
  /** How many days both providers have told: what `cheaper` is of. */
  comparedDays: z.int().nonnegative(),
  environments: z.array(ShareRow),
  services: z.array(ShareRow.extend({ name: z.enum(costServices) })),
  toDate: ToDate,
  forecast: Forecast,
  transfer: z.strictObject({ ...Sides.shape, sharePercent: Amount.nullable() }),
  own: OwnCost,
  budgets: z.array(BudgetRow),
  anomalies: z.array(Anomaly),
  savings: Savings.nullable(),
  daily: z.array(DayPoint),
});
export type CurrencyReport = z.infer<typeof CurrencyReport>;

/** How much is known of a provider's month. */
const Coverage = z.strictObject({
  provider: Provider,
  /** When what is newest here was asked for. Null: nothing is known. */
  takenAt: Instant.nullable(),
  known: z.int().nonnegative(),
  /** Days that are over, and of which nothing is known. They are not counted as nothing. */
  missing: z.array(CostDate),
  /** Known, and the provider may still change it. */
  estimated: z.array(CostDate),
  /** Why days could not be taken, as the last run of the snapshot said. */
  troubles: z.array(z.string()),
});
export type Coverage = z.infer<typeof Coverage>;

export const CostReport = z.strictObject({
  schema: z.literal(1),
  application: z.string(),
  month: z.string().regex(/^\d{4}-\d{2}$/),
  at: Instant,
  /** `effective`: commitments and discounts spread over what they were used for. `billed`: as it is invoiced. */
  basis: z.enum(['effective', 'billed']),
  coverage: z.array(Coverage),
  /** What a reader has to know before the figures, the loudest first. */
  findings: z.array(z.string()),
  currencies: z.array(CurrencyReport),
});
export type CostReport = z.infer<typeof CostReport>;
