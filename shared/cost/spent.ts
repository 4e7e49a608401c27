// What was spent, as one flat list: the parts of many days, by one of the two ways in which a bill can be read.
import type { Amount, CostDate, Currency } from '../model/cost.ts';
import type { CostDay, CostPart } from '../model/cost-day.ts';
import type { Provider } from '../model/site.ts';
import { addAmounts } from './money.ts';

/** `effective`: commitments and discounts spread over what they were used for. `billed`: as it is invoiced. */
export type CostBasis = 'effective' | 'billed';

export type Spent = Pick<CostPart, 'category' | 'service' | 'environment' | 'transfer' | 'currency'> & {
  provider: Provider;
  date: CostDate;
  amount: Amount;
};

export function spentOn(days: readonly CostDay[], basis: CostBasis): Spent[] {
  return days.flatMap(({ provider, date, parts }) =>
    parts.map(({ category, service, environment, transfer, currency, [basis]: amount }) => ({
      provider,
      date,
      category,
      service,
      environment,
      transfer,
      currency,
      amount,
    })),
  );
}

export function totalOf(spent: readonly Pick<Spent, 'amount'>[]): Amount {
  return addAmounts(...spent.map(({ amount }) => amount));
}

/** Sums by whatever the key is, in the order in which the keys first come. */
export function sumBy<Key>(spent: readonly Spent[], keyOf: (one: Spent) => Key): Map<Key, Amount> {
  const amounts = new Map<Key, Amount[]>();
  for (const one of spent) {
    const key = keyOf(one);
    const known = amounts.get(key);
    if (known) known.push(one.amount);
    else amounts.set(key, [one.amount]);
  }
  return new Map([...amounts].map(([key, all]) => [key, addAmounts(...all)]));
}

/** What each told day cost, told days without any such cost included: they cost nothing. */
export function dailyAmounts(days: readonly Pick<CostDay, 'date'>[], spent: readonly Spent[]): Map<CostDate, Amount> {
  const sums = sumBy(spent, ({ date }) => date);
  return new Map(days.map(({ date }) => [date, sums.get(date) ?? '0']));
}

/** Every currency in which anything was spent, by name. */
export function currenciesOf(spent: readonly Pick<Spent, 'currency'>[]): Currency[] {
  return [...new Set(spent.map(({ currency }) => currency))].sort();
}
