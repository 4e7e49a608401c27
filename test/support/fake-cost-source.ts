// A source of costs in memory: it tells the charges that a test tells it, with the troubles of a provider.
import { createCategories } from '../../shared/cost/categories.ts';
import { addAmounts, amountOf } from '../../shared/cost/money.ts';
import { askPatiently, type Patience } from '../../shared/cost/patience.ts';
import { periodsOf } from '../../shared/cost/periods.ts';
import type { Amount, CostRow, DayTotal } from '../../shared/model/cost.ts';
import type { Provider } from '../../shared/model/site.ts';
import { type CostRange, type CostSource, type CostTrouble, CostUnavailable } from '../../shared/ports/cost-source.ts';
import { ordered, type ToldCharge } from './cost-charges.ts';

export type FakeCostSourceOptions = Patience & {
  provider: Provider;
  tag: string;
  environmentOf: (value: string) => string | null;
  rowsPerPage: number;
  now: () => Date;
};

export type FakeCostSource = CostSource & {
  /** From now on these charges are told, and of `emptyDates` that nothing was charged. */
  tell(charges: readonly ToldCharge[], emptyDates?: readonly string[]): void;
  /** From now on so many requests fail so. */
  fail(trouble: CostTrouble, requests: number): void;
  /** From now on the second page of rows fails. */
  breakHalfWay(): void;
  /** From now on every row is told twice. */
  double(): void;
};

export function createFakeCostSource(options: FakeCostSourceOptions): FakeCostSource {
  const { provider, rowsPerPage } = options;
  const name = `the fake bill of ${provider}`;
  let told: readonly ToldCharge[] = [];
  let empty: readonly string[] = [];
  let failing: { trouble: CostTrouble; requests: number } | null = null;
  let broken = false;
  let times = 1;
  let requests = 0;
  const categoryOf = createCategories(provider, (service) => options.say(`the service "${service}" has no category`));

  const ask = (what: string) =>
    askPatiently(what, options, async () => {
      requests += 1;
      if (failing === null || failing.requests === 0) return;
      failing.requests -= 1;
      const way = failing.trouble === 'refused' ? 'the role needs to be allowed, as asked for' : 'as asked for';
      throw new CostUnavailable(name, failing.trouble, `${what}: ${way}`);
    });

  const inRange = ({ fromDate, toDate }: CostRange) => told.filter(({ date }) => date >= fromDate && date < toDate);
  const isEmpty = ({ fromDate, toDate }: CostRange) => fromDate >= toDate;

  async function* rows(range: CostRange): AsyncGenerator<CostRow[]> {
    if (isEmpty(range)) return;
    const all = ordered(merged(inRange(range)).map(rowOf));
    const twice = all.flatMap((row) => Array.from({ length: times }, () => row));
    for (let from = 0; from < Math.max(1, twice.length); from += rowsPerPage) {
      if (broken && from > 0) throw new CostUnavailable(name, 'failed', 'the second page broke, as asked for');
      await ask('rows');
      const page = twice.slice(from, from + rowsPerPage);
      if (page.length > 0) yield page;
    }
  }

  function rowOf({ charge, cost }: { charge: ToldCharge; cost: Amount }): CostRow {
    const { environment, service, transfer } = charge;
    return {
      ...periodsOf(charge.date, charge.date.slice(0, 7)),
      ProviderName: provider === 'aws' ? 'AWS' : 'Google Cloud',
      BillingAccountId: 'a billing account',
      SubAccountId: null,
      ServiceName: service,
      RegionId: null,
      SkuId: null,
      ChargeCategory: null,
      BillingCurrency: charge.currency,
      BilledCost: cost,
      EffectiveCost: cost,
      Tags: environment === null ? {} : { [options.tag]: environment },
      x_Category: categoryOf(service, transfer),
      x_Environment: environment === null ? null : options.environmentOf(environment),
      x_Transfer: transfer,
    };
  }

  return {
    name,
    provider,
    async totals(range) {
      if (isEmpty(range)) return [];
      await ask('totals');
      return totalsOf(inRange(range), empty, options.now());
    },
    rows,
    estimate: async (range) => paid(isEmpty(range) ? 0 : 2),
    spent: () => paid(requests),
    tell(charges, emptyDates = []) {
      told = charges;
      empty = emptyDates;
    },
    fail(trouble, count) {
      failing = { trouble, requests: count };
    },
    breakHalfWay() {
      broken = true;
    },
    double() {
      times = 2;
    },
  };
}

/** As providers do: charges alike in everything but the amount are one. */
function merged(charges: readonly ToldCharge[]): { charge: ToldCharge; cost: Amount }[] {
  const groups = new Map<string, { charge: ToldCharge; cost: Amount }>();
  for (const charge of charges) {
    const key = JSON.stringify({ ...charge, cost: null, credit: null });
    const cost = addAmounts(groups.get(key)?.cost ?? '0', netOf(charge));
    groups.set(key, { charge, cost });
  }
  return [...groups.values()];
}

function netOf({ cost, credit }: ToldCharge): Amount {
  return addAmounts(amountOf(cost), amountOf(credit ?? '0'));
}

function totalsOf(charges: readonly ToldCharge[], empty: readonly string[], now: Date): DayTotal[] {
  const dates = [...new Set([...charges.map(({ date }) => date), ...empty])].sort();
  return dates.map((date) => {
    const ofDay = charges.filter((charge) => charge.date === date);
    const sums = [...new Set(ofDay.map(({ currency }) => currency))].sort().map((currency) => {
      const sum = addAmounts(...ofDay.filter((charge) => charge.currency === currency).map(netOf));
      return { currency, billed: sum, effective: sum };
    });
    const [year = 0, month = 0] = date.split('-').map(Number);
    return {
      date,
      sums: sums.filter(({ billed }) => billed !== '0'),
      estimated: now.getTime() < Date.UTC(year, month, 6),
    };
  });
}

function paid(requests: number) {
  return { requests, readBytes: null, amount: amountOf(`${requests}e-2`), currency: 'USD' as const };
}
