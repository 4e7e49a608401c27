// What a strategy says of costs: where bills come from and snapshots go, what they are held against, and who is told.
import type { Amount, CostCategory, Currency } from './cost.ts';
import type { Provider, SiteName } from './site.ts';

export type Money = { amount: Amount; currency: Currency };

/** Where a provider's bill is read. */
export type CostSourcePlan =
  /** Cost Explorer of that account. */
  | { provider: 'aws'; account: string }
  /** The billing export in BigQuery; `location` is that of its data set. */
  | { provider: 'gcp'; project: string; dataset: string; table: string; location: string };

/** Which values of one tag (AWS) or label (Google Cloud) mean which environment. Values are compared in lower case. */
export type CostEnvironments = { tag: string; named: { name: string; values: string[] }[] };

/** The strategy's name of the environment that a tag's value means; null: none. */
export function environmentOf({ named }: CostEnvironments, value: string): string | null {
  const wanted = value.toLowerCase();
  return named.find(({ values }) => values.some((one) => one.toLowerCase() === wanted))?.name ?? null;
}

/** What target shares are given by. */
export const costServices = ['compute', 'database', 'storage', 'networking', 'other'] as const;
export type CostService = (typeof costServices)[number];

/** Where each category counts: clusters are there to compute, caches stand before databases. */
export const serviceOfCategory: Record<CostCategory, CostService> = {
  compute: 'compute',
  kubernetes: 'compute',
  database: 'database',
  cache: 'database',
  storage: 'storage',
  network: 'networking',
  other: 'other',
};

/** A target share, in per cent of everything. */
export type CostShare<Name extends string = string> = { name: Name; percent: number };

/** What may be spent in a month: of everything, or of what `provider`, `environment` and `category` leave (null: all of them). */
export type CostBudget = {
  name: string;
  monthly: Money;
  provider: Provider | null;
  environment: string | null;
  category: CostCategory | null;
  /** Told when the month has come to so many per cent of it, ascending. */
  thresholdPercents: number[];
  /** Told when the forecast for the month is above so many per cent of it. Null: never. */
  forecastPercent: number | null;
  notify: string[];
};

export type CostPlan = {
  /** Each keeps every snapshot, of both providers. */
  buckets: { site: SiteName; bucket: string }[];
  sources: CostSourcePlan[];
  /** So many past days are asked for again in every run, since bills settle late. */
  restateWindowDays: number;
  environments: CostEnvironments;
  /** Empty: no target. Else each sums to 100. */
  allocation: { byEnvironment: CostShare[]; byService: CostShare<CostService>[] };
  budgets: CostBudget[];
  /** Less than this above the usual is told to nobody: one amount for each currency. */
  anomalies: { atLeast: Money[]; notify: string[] };
  /** Assumptions about savings that are other here than in `shared/cost/savings`, by their names there. */
  savings: Record<string, number>;
};
