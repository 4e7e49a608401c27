// Days of a bill for tests: said in a few words, kept as the snapshots keep them.
import { addDays, datesFrom } from '../../../shared/cost/calendar.ts';
import { addAmounts, divideAmount, multiplyAmount, subtractAmount } from '../../../shared/cost/money.ts';
import type { Amount, CostCategory, CostDate } from '../../../shared/model/cost.ts';
import type { CostDay, CostPart, CostState } from '../../../shared/model/cost-day.ts';
import type { CostPlan } from '../../../shared/model/cost-plan.ts';
import type { Provider } from '../../../shared/model/site.ts';

export type SaidPart = {
  category: CostCategory;
  service: string | null;
  amount: Amount;
  environment?: string | null;
  transfer?: boolean;
  currency?: string;
  billed?: Amount;
};

function partOf({ amount, billed = amount, ...said }: SaidPart): CostPart {
  return { environment: 'production', transfer: false, currency: 'USD', ...said, billed, effective: amount };
}

/** Settled, and taken long after it was over, unless `changes` say otherwise. */
export function dayOf(
  provider: Provider,
  date: CostDate,
  said: readonly SaidPart[],
  changes: Partial<CostDay> = {},
): CostDay {
  const parts = said.map(partOf);
  const currencies = [...new Set(parts.map(({ currency }) => currency))].sort();
  const sum = (currency: string, which: 'billed' | 'effective') =>
    addAmounts(...parts.filter((part) => part.currency === currency).map((part) => part[which]));
  return {
    schema: 1,
    provider,
    date,
    digest: 'a'.repeat(64),
    rowsKey: 'rows',
    rows: parts.length,
    sums: currencies.map((currency) => ({
      currency,
      billed: sum(currency, 'billed'),
      effective: sum(currency, 'effective'),
    })),
    parts,
    estimated: false,
    takenAt: `${addDays(date, 3)}T06:00:00Z`,
    revisions: [],
    revisionsLeftOut: 0,
    ...changes,
  };
}

export function stateOf(provider: Provider, lastRunTime: string, changes: Partial<CostState> = {}): CostState {
  return {
    schema: 1,
    provider,
    lastRunTime,
    newestDate: null,
    troubled: [],
    unreached: [],
    resumeDate: null,
    ...changes,
  };
}

/** Each part's amount spread evenly over the days from `from` to before `to`; what does not divide is on the last one. */
export function spread(provider: Provider, from: CostDate, to: CostDate, monthly: readonly SaidPart[]): CostDay[] {
  const dates = datesFrom(from, to);
  const each = (amount: Amount) => divideAmount(amount, String(dates.length), 2);
  const last = (amount: Amount) => subtractAmount(amount, multiplyAmount(each(amount), String(dates.length - 1)));
  return dates.map((date, index) =>
    dayOf(
      provider,
      date,
      monthly.map((part) => ({ ...part, amount: index === dates.length - 1 ? last(part.amount) : each(part.amount) })),
    ),
  );
}

export const aPlan: CostPlan = {
  buckets: [
    { site: 'aws', bucket: 'gopro-cost' },
    { site: 'gcp', bucket: 'gopro-cost-gcp' },
  ],
  sources: [
    { provider: 'aws', account: '123456789012' },
    { provider: 'gcp', project: 'gopro-billing', dataset: 'billing', table: 'export', location: 'US' },
  ],
  restateWindowDays: 10,
  environments: {
    tag: 'environment',
    named: [
      { name: 'production', values: ['production'] },
      { name: 'staging', values: ['staging'] },
      { name: 'development', values: ['development'] },
    ],
  },
  allocation: {
    byEnvironment: [
      { name: 'production', percent: 70 },
      { name: 'staging', percent: 20 },
      { name: 'development', percent: 10 },
    ],
    byService: [
      { name: 'compute', percent: 45 },
      { name: 'database', percent: 30 },
      { name: 'storage', percent: 10 },
      { name: 'networking', percent: 10 },
      { name: 'other', percent: 5 },
    ],
  },
  budgets: [
    {
      name: 'whole_estate',
      monthly: { amount: '3000', currency: 'USD' },
      provider: null,
      environment: null,
      category: null,
      thresholdPercents: [50, 80, 100],
      forecastPercent: 110,
      notify: ['ops'],
    },
  ],
  anomalies: { atLeast: [{ amount: '20', currency: 'USD' }], notify: ['ops'] },
  savings: {},
};
