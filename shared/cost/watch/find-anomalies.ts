// Every service in every environment, looked at day by day: where something costs more or less than usual. Pure.
import type { Amount, Currency } from '../../model/cost.ts';
import type { CostDay } from '../../model/cost-day.ts';
import type { Money } from '../../model/cost-plan.ts';
import { Provider } from '../../model/site.ts';
import { compareAmounts, subtractAmount } from '../money.ts';
import { type CostBasis, dailyAmounts, type Spent, spentOn } from '../spent.ts';
import { type Episode, episodesOf } from './episodes.ts';

export type FoundAnomaly = Episode & {
  provider: Provider;
  service: string;
  environment: string | null;
  currency: Currency;
};

/** `days`: closed ones, of both providers; a service that has nothing on a day that was told cost nothing then. The oldest anomaly first. */
export function findAnomalies(days: readonly CostDay[], basis: CostBasis, atLeast: readonly Money[]): FoundAnomaly[] {
  return Provider.options
    .flatMap((provider) => {
      const own = days
        .filter((day) => day.provider === provider)
        .sort((one, other) => (one.date < other.date ? -1 : 1));
      const dates = own.map(({ date }) => date);
      return [...seriesIn(spentOn(own, basis))].flatMap((spent) => {
        const [{ service, environment, currency } = { service: null, environment: null, currency: '' }] = spent;
        const least = amountIn(atLeast, currency);
        // What is only summed up because it is too much to name has no usual of its own.
        if (service === null || least === null) return [];
        const amounts = dailyAmounts(own, spent);
        // Most services of an estate never vary by so much: nothing of theirs has to be looked at day by day.
        if (compareAmounts(rangeOf(amounts.values()), least) < 0) return [];
        const about = { provider, service, environment, currency };
        return episodesOf(amounts, dates, least).map((episode) => ({ ...about, ...episode }));
      });
    })
    .sort((one, other) => (one.date < other.date ? -1 : one.date > other.date ? 1 : 0));
}

/** What each service cost in each environment and currency. */
function seriesIn(spent: readonly Spent[]): Iterable<Spent[]> {
  const series = new Map<string, Spent[]>();
  for (const one of spent) {
    const key = JSON.stringify([one.service, one.environment, one.currency]);
    const known = series.get(key);
    if (known) known.push(one);
    else series.set(key, [one]);
  }
  return series.values();
}

function rangeOf(amounts: Iterable<Amount>): Amount {
  let [least, most]: [Amount | null, Amount | null] = [null, null];
  for (const amount of amounts) {
    if (least === null || compareAmounts(amount, least) < 0) least = amount;
    if (most === null || compareAmounts(amount, most) > 0) most = amount;
  }
  return subtractAmount(most ?? '0', least ?? '0');
}

function amountIn(amounts: readonly Money[], currency: Currency): Amount | null {
  return amounts.find((one) => one.currency === currency)?.amount ?? null;
}
