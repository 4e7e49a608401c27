// What share of everything each environment and each service has, held against the strategy's target.
import type { Amount } from '../../model/cost.ts';
import {
  type CostPlan,
  type CostService,
  type CostShare,
  costServices,
  serviceOfCategory,
} from '../../model/cost-plan.ts';
import { compareAmounts, percentOf, subtractAmount } from '../money.ts';
import { type Spent, sumBy, totalOf } from '../spent.ts';
import type { ShareRow } from './report-shape.ts';

/** One digit: a tenth of a per cent. */
const SHARE_DIGITS = 1;

/** Targets first in their order, then what has none, the dearest first; what has no environment that is known comes last. */
export function environmentShares(spent: readonly Spent[], { byEnvironment }: CostPlan['allocation']): ShareRow[] {
  const sums = sumBy(spent, ({ environment }) => environment);
  const whole = totalOf(spent);
  const targeted = byEnvironment.map(({ name }) => name);
  const others = [...sums]
    .filter(([name]) => name !== null && !targeted.includes(name))
    .sort(([, one], [, other]) => compareAmounts(other, one))
    .map(([name]) => name);
  const names = [...targeted, ...others, ...(sums.has(null) ? [null] : [])];
  return names.map((name) => ({ name, ...shareOf(sums.get(name) ?? '0', whole, targetOf(byEnvironment, name)) }));
}

export function serviceShares(
  spent: readonly Spent[],
  { byService }: CostPlan['allocation'],
): (ShareRow & { name: CostService })[] {
  const sums = sumBy(spent, ({ category }) => serviceOfCategory[category]);
  const whole = totalOf(spent);
  return costServices.map((name) => ({ name, ...shareOf(sums.get(name) ?? '0', whole, targetOf(byService, name)) }));
}

function targetOf(shares: readonly CostShare[], name: string | null): number | null {
  return shares.find((one) => one.name === name)?.percent ?? null;
}

function shareOf(amount: Amount, whole: Amount, targetPercent: number | null): Omit<ShareRow, 'name'> {
  // Of credits alone, shares would stand on their head.
  const sharePercent = compareAmounts(whole, '0') > 0 ? percentOf(amount, whole, SHARE_DIGITS) : null;
  const drifts = sharePercent !== null && targetPercent !== null;
  return {
    amount,
    sharePercent,
    targetPercent,
    driftPoints: drifts ? subtractAmount(sharePercent, String(targetPercent)) : null,
  };
}
