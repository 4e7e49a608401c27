// What could be saved in a month: every opportunity on what those before it left, so that no dollar is saved twice. Pure.
import type { Amount } from '../../model/cost.ts';
import { moneyText } from '../amount-text.ts';
import {
  addAmounts,
  amountOf,
  compareAmounts,
  divideAmount,
  multiplyAmount,
  percentOf,
  subtractAmount,
  truncateAmount,
} from '../money.ts';
import type { Opportunity } from '../report/report-shape.ts';
import { ASSUMPTIONS, type AssumptionName } from './assumptions.ts';
import { type SavingsBase, type Slice, type Take, takeFrom } from './base.ts';
import { type Assumed, type EstateShape, OPPORTUNITIES, type OpportunityRule } from './opportunities.ts';

export type Found = {
  opportunities: Opportunity[];
  /** Looked at, and not worth it here, with why. */
  considered: { id: string; title: string; because: string }[];
  total: Amount;
  totalPercent: Amount | null;
};

/** By the names of the assumptions; percents as percents. */
export type Overrides = Readonly<Record<string, number>>;

type Taken = Take & { slice: Slice; touched: Amount; saved: Amount };

/** `rules`: one of each id counts, the first. Throws when a percent is not one. */
export function findSavings(
  base: SavingsBase,
  estate: EstateShape,
  overrides: Overrides,
  rules: readonly OpportunityRule[] = OPPORTUNITIES,
): Found {
  const assumed = assumedWith(overrides);
  const found: Found = { opportunities: [], considered: [], total: '0', totalPercent: null };
  let slices = base.slices;
  for (const rule of rules.filter(({ id }, index) => rules.findIndex((one) => one.id === id) === index)) {
    const taken = slices.map((slice) => ({ before: slice, ...takenFrom(slice, rule, estate, assumed) }));
    const touched = taken.flatMap(({ take }) => take ?? []);
    const about = { id: rule.id, title: rule.title };
    const fee = rule.fee === null ? '0' : assumed(rule.fee);
    const saved = addAmounts(...touched.map((one) => one.saved));
    const monthly = truncateAmount(subtractAmount(saved, fee), 2);
    const reckoned = arithmeticOf(touched, saved, fee, base.currency);
    if (compareAmounts(monthly, '0') <= 0) {
      const nothing = 'nothing of this estate is known to be of that kind';
      found.considered.push({ ...about, because: touched.length === 0 ? nothing : reckoned });
      continue;
    }
    slices = taken.map(({ before, take }) => take?.slice ?? before);
    found.total = addAmounts(found.total, monthly);
    found.opportunities.push({
      ...about,
      base: addAmounts(...taken.flatMap(({ before, take }) => (take ? [before.open] : []))),
      monthly,
      arithmetic: `${reckoned}${fee === '0' ? '' : ` = ${moneyText(monthly, base.currency)}`}`,
      confidence: rule.confidence,
      needs: [...rule.needs],
      assumptions: rule.assumptions.map((name) => statedOf(name, overrides)),
    });
  }
  return { ...found, totalPercent: percentOf(found.total, base.total, 1) };
}

function takenFrom(slice: Slice, rule: OpportunityRule, estate: EstateShape, assumed: Assumed): { take: Taken | null } {
  const take = compareAmounts(slice.open, '0') > 0 ? rule.take(slice, estate, assumed) : null;
  if (!take || take.share === '0' || take.rate === '0') return { take: null };
  return { take: { ...take, ...takeFrom(slice, take) } };
}

/** `$600.00 x 15 % x 60 % + $500.00 x 70 % x 60 % = $264.00`: what can be done again by hand. */
function arithmeticOf(taken: readonly Taken[], saved: Amount, fee: Amount, currency: string): string {
  const groups = new Map<string, { base: Amount; share: Amount; rate: Amount }>();
  for (const { share, rate, touched } of taken) {
    const key = `${share} ${rate}`;
    const known = groups.get(key)?.base ?? '0';
    groups.set(key, { base: addAmounts(known, divideAmount(touched, share, 10)), share, rate });
  }
  const percent = (part: Amount) => (part === '1' ? '' : ` × ${multiplyAmount(part, '100')} %`);
  const terms = [...groups.values()].map(
    ({ base, share, rate }) => `${moneyText(base, currency)}${percent(share)}${percent(rate)}`,
  );
  const sum = `${terms.join(' + ')} = ${moneyText(truncateAmount(saved, 2), currency)}`;
  return fee === '0' ? sum : `${sum}, less ${moneyText(fee, currency)} a month`;
}

function assumedWith(overrides: Overrides): Assumed {
  return (name) => {
    const { unit } = ASSUMPTIONS[name];
    const value = overrides[name] ?? ASSUMPTIONS[name].value;
    if (value < 0 || (unit === 'percent' && value > 100)) {
      throw new Error(
        `cost.savings.${name} is ${value}: ${unit === 'percent' ? 'from 0 to 100' : 'not below nothing'}`,
      );
    }
    const exact = amountOf(String(value));
    return unit === 'percent' ? divideAmount(exact, '100', 6) : exact;
  };
}

function statedOf(name: AssumptionName, overrides: Overrides): Opportunity['assumptions'][number] {
  const { value, source, asOf, verified, means } = ASSUMPTIONS[name];
  const own = overrides[name];
  return own === undefined
    ? { name, value, means, source, asOf, verified, overridden: false }
    : { name, value: own, means, source: 'cost.savings of the strategy', asOf, verified: true, overridden: true };
}
