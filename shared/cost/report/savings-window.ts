// The month that savings are reckoned from: the last thirty days, of which what is not known is filled in proportion, and said.
import type { Amount, Currency } from '../../model/cost.ts';
import type { CostDay } from '../../model/cost-day.ts';
import type { Provider } from '../../model/site.ts';
import { addDays, type CostMonth, datesOf } from '../calendar.ts';
import { divideAmount, multiplyAmount } from '../money.ts';
import { type SavingsBase, savingsBase } from '../savings/base.ts';
import { type CostBasis, spentOn } from '../spent.ts';

const WINDOW_DAYS = 30;
const FEWEST_DAYS = 7;

/** `closed`: closed days of every provider. Null: of no provider enough is known. */
export function savingsWindow(
  closed: readonly CostDay[],
  providers: readonly Provider[],
  basis: CostBasis,
  { month, currency }: { month: CostMonth; currency: Currency },
): { base: SavingsBase; said: string } | null {
  const end = `${datesOf(month).at(-1)}`;
  const past = closed.filter(({ date }) => date <= end);
  const last = past.map(({ date }) => date).reduce((one, other) => (other > one ? other : one), '');
  const from = last === '' ? last : addDays(last, 1 - WINDOW_DAYS);
  const parts = providers.map((provider) => {
    const own = past.filter((day) => day.provider === provider && day.date >= from);
    return { provider, days: own.length, spent: own.length < FEWEST_DAYS ? [] : spentOn(own, basis) };
  });
  const enough = parts.filter(({ days }) => days >= FEWEST_DAYS);
  if (enough.length === 0) return null;
  const spent = parts.flatMap(({ days, spent: own }) =>
    own.map((one) => ({ ...one, amount: ofWindow(one.amount, days) })),
  );
  const filled = parts.filter(({ days }) => days < WINDOW_DAYS).map(({ provider, days }) => filledText(provider, days));
  return {
    base: savingsBase(spent, currency),
    said: [`the ${WINDOW_DAYS} days from ${from} to ${last}`, ...filled].join('; '),
  };
}

/** Exact where every day is known. */
function ofWindow(amount: Amount, days: number): Amount {
  return days === WINDOW_DAYS ? amount : divideAmount(multiplyAmount(amount, String(WINDOW_DAYS)), String(days), 8);
}

function filledText(provider: Provider, days: number): string {
  return days < FEWEST_DAYS
    ? `${provider} is left out, since only ${days} days of it are known`
    : `of ${provider} ${days} days are known, and the rest taken to be like them`;
}
