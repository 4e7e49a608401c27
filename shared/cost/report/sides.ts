// AWS beside Google Cloud: sums of each and of both, and how one category of theirs compares.
import { type Amount, type CostDate, costCategories } from '../../model/cost.ts';
import { Provider } from '../../model/site.ts';
import { addAmounts, compareAmounts, percentOf, subtractAmount } from '../money.ts';
import { type Spent, totalOf } from '../spent.ts';
import type { CategoryRow, Sides } from './report-shape.ts';

/** `known`: whose bills are known at all. Nothing spent there is nothing; nothing known is null. */
export function sidesOf(spent: readonly Spent[], known: ReadonlySet<Provider>): Sides {
  const of = (provider: Provider) =>
    known.has(provider) ? totalOf(spent.filter((one) => one.provider === provider)) : null;
  return together(of('aws'), of('gcp'));
}

/** Null on one side leaves the sum of what is known. */
export function together(aws: Amount | null, gcp: Amount | null): Sides {
  const known = [aws, gcp].filter((amount) => amount !== null);
  return { aws, gcp, all: known.length === 0 ? null : addAmounts(...known) };
}

/** By how much each side has grown, in per cent with one digit. */
export function changeOf(now: Sides, before: Sides): Sides {
  const of = (one: Amount | null, other: Amount | null) =>
    one === null || other === null ? null : percentOf(subtractAmount(one, other), other, 1);
  return { aws: of(now.aws, before.aws), gcp: of(now.gcp, before.gcp), all: of(now.all, before.all) };
}

/** One row for each category in which there is anything, and who is cheaper over the days that both have told. */
export function categoryRows(
  spent: readonly Spent[],
  known: ReadonlySet<Provider>,
  compared: ReadonlySet<CostDate>,
): CategoryRow[] {
  return costCategories.flatMap((category) => {
    const own = spent.filter((one) => one.category === category);
    if (own.length === 0) return [];
    const both = sidesOf(
      own.filter(({ date }) => compared.has(date)),
      known,
    );
    return [{ category, ...sidesOf(own, known), cheaper: cheaperOf(both) }];
  });
}

/** By how many per cent of what the dearer one costs the other is cheaper. Null: there is nothing to compare. */
function cheaperOf({ aws, gcp }: Sides): CategoryRow['cheaper'] {
  if (aws === null || gcp === null || compareAmounts(aws, '0') <= 0 || compareAmounts(gcp, '0') <= 0) return null;
  const order = compareAmounts(aws, gcp);
  if (order === 0) return null;
  const [provider, less, more] = order < 0 ? (['aws', aws, gcp] as const) : (['gcp', gcp, aws] as const);
  const percent = percentOf(subtractAmount(more, less), more, 1);
  return percent === null ? null : { provider, percent };
}

/** Days that every one of the providers has told. */
export function toldByAll(days: readonly { provider: Provider; date: CostDate }[]): Set<CostDate> {
  const of = (provider: Provider) => new Set(days.filter((day) => day.provider === provider).map(({ date }) => date));
  const sets = Provider.options.map(of);
  return new Set(days.map(({ date }) => date).filter((date) => sets.every((one) => one.has(date))));
}
