// What a month costs, cut as the opportunities need it: what they are reckoned from, and what is left of it after each.
import { type Amount, type CostCategory, type Currency, costCategories } from '../../model/cost.ts';
import { Provider } from '../../model/site.ts';
import { addAmounts, compareAmounts, divideAmount, multiplyAmount, subtractAmount, truncateAmount } from '../money.ts';
import type { Spent } from '../spent.ts';

/** `open`: still to be had cheaper. `settled`: an opportunity has been counted on it already. */
export type Slice = {
  provider: Provider;
  category: CostCategory;
  environment: string | null;
  transfer: boolean;
  open: Amount;
  settled: Amount;
};

export type SavingsBase = { currency: Currency; slices: Slice[]; total: Amount };

const FACTOR_DIGITS = 10;

/**
 * `spent`: a month of one currency. Credits are no cost that could be saved: they are taken from everything else in proportion. Nothing is
 * left when they are more than that.
 */
export function savingsBase(spent: readonly Omit<Spent, 'date'>[], currency: Currency): SavingsBase {
  const slices = slicesOf(spent.filter((one) => one.currency === currency));
  const total = addAmounts(...slices.map(({ open }) => open));
  const costly = slices.filter(({ open }) => compareAmounts(open, '0') > 0);
  const gross = addAmounts(...costly.map(({ open }) => open));
  if (compareAmounts(total, '0') <= 0) return { currency, slices: [], total };
  const credits = subtractAmount(gross, total);
  if (credits === '0') return { currency, slices: costly, total };
  // Rounded down, so that what is left never adds up to more than the month.
  const factor = truncateAmount(divideAmount(total, gross, FACTOR_DIGITS + 2), FACTOR_DIGITS);
  return { currency, slices: costly.map((one) => ({ ...one, open: multiplyAmount(one.open, factor) })), total };
}

function slicesOf(spent: readonly Omit<Spent, 'date'>[]): Slice[] {
  const slices = new Map<string, Slice>();
  for (const { provider, category, environment, transfer, amount } of spent) {
    const key = JSON.stringify([provider, category, environment, transfer]);
    const known = slices.get(key);
    const open = known ? addAmounts(known.open, amount) : amount;
    slices.set(key, { provider, category, environment, transfer, open, settled: '0' });
  }
  // In a fixed order, whatever order the days come in.
  return [...slices.values()].sort(inOrder);
}

function inOrder(one: Slice, other: Slice): number {
  return (
    Provider.options.indexOf(one.provider) - Provider.options.indexOf(other.provider) ||
    costCategories.indexOf(one.category) - costCategories.indexOf(other.category) ||
    (one.environment ?? '').localeCompare(other.environment ?? '', 'en') ||
    Number(one.transfer) - Number(other.transfer)
  );
}

/** What is taken of a slice: `share` of its open part becomes cheaper by `rate`, both in [0, 1]. */
export type Take = { share: Amount; rate: Amount; settles: boolean };

/** The slice after it, and what was saved. */
export function takeFrom(
  slice: Slice,
  { share, rate, settles }: Take,
): { slice: Slice; touched: Amount; saved: Amount } {
  const touched = multiplyAmount(slice.open, share);
  const saved = multiplyAmount(touched, rate);
  const rest = subtractAmount(touched, saved);
  return {
    touched,
    saved,
    slice: settles
      ? { ...slice, open: subtractAmount(slice.open, touched), settled: addAmounts(slice.settled, rest) }
      : { ...slice, open: subtractAmount(slice.open, saved) },
  };
}
