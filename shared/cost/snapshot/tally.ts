// Sums by what is grouped by (category, service, environment, transfer, currency): exact, and bounded however many services a bill names.
import type { Amount, CostSum } from '../../model/cost.ts';
import type { CostPart } from '../../model/cost-day.ts';
import { absoluteAmount, compareAmounts, openSum, type RunningSum } from '../money.ts';

export type Cut = Pick<CostPart, 'category' | 'service' | 'environment' | 'transfer' | 'currency'>;
export type CutSum = Cut & { billed: Amount; effective: Amount; rows: number };

export type Tally = {
  add(cut: Cut, billed: Amount, effective: Amount, rows: number): void;
  /** By currency, in the order of their names. */
  sums(): CostSum[];
  /** Ordered; of more than `most` the smallest are told together, without the names of their services. */
  cuts(most: number): CutSum[];
};

type Entry = { cut: Cut; billed: RunningSum; effective: RunningSum; rows: number };

/** What is held in memory at most: a bill with more cuts than that has its later ones told together. */
const mostHeld = 20_000;

export function createTally(): Tally {
  const entries = new Map<string, Entry>();
  return {
    add(cut, billed, effective, rows) {
      const name = nameOf(cut);
      const known = entries.get(name);
      const entry = known ?? (entries.size < mostHeld ? enter(entries, name, cut) : together(entries, cut));
      entry.billed.add(billed);
      entry.effective.add(effective);
      entry.rows += rows;
    },
    sums: () => sumsOf([...entries.values()].map(cutSumOf)),
    cuts: (most) => bounded([...entries.values()].map(cutSumOf), most).sort(inOrder),
  };
}

function enter(entries: Map<string, Entry>, name: string, cut: Cut): Entry {
  const entry = { cut, billed: openSum(), effective: openSum(), rows: 0 };
  entries.set(name, entry);
  return entry;
}

function together(entries: Map<string, Entry>, cut: Cut): Entry {
  const nameless = { ...cut, service: null };
  const name = nameOf(nameless);
  return entries.get(name) ?? enter(entries, name, nameless);
}

function nameOf({ category, service, environment, transfer, currency }: Cut): string {
  return `${category}\n${service ?? '\n'}\n${environment ?? '\n'}\n${transfer}\n${currency}`;
}

function cutSumOf({
  cut: { category, service, environment, transfer, currency },
  billed,
  effective,
  rows,
}: Entry): CutSum {
  const sums = { billed: billed.amount(), effective: effective.amount() };
  return { category, service, environment, transfer, currency, ...sums, rows };
}

function sumsOf(parts: readonly Pick<CutSum, 'currency' | 'billed' | 'effective'>[]): CostSum[] {
  const sums = new Map<string, { billed: RunningSum; effective: RunningSum }>();
  for (const { currency, billed, effective } of parts) {
    const sum = sums.get(currency) ?? { billed: openSum(), effective: openSum() };
    sums.set(currency, sum);
    sum.billed.add(billed);
    sum.effective.add(effective);
  }
  return [...sums]
    .map(([currency, { billed, effective }]) => ({ currency, billed: billed.amount(), effective: effective.amount() }))
    .sort((one, other) => (one.currency < other.currency ? -1 : 1));
}

function bounded(cuts: CutSum[], most: number): CutSum[] {
  if (cuts.length <= most) return cuts;
  const weight = ({ billed, effective }: CutSum) => {
    const [one, other] = [absoluteAmount(billed), absoluteAmount(effective)];
    return compareAmounts(one, other) < 0 ? other : one;
  };
  const heaviest = cuts
    .map((cut) => ({ cut, weight: weight(cut) }))
    .sort((one, other) => compareAmounts(other.weight, one.weight) || inOrder(one.cut, other.cut))
    .map(({ cut }) => cut);
  const rest = createTally();
  for (const { billed, effective, rows, ...cut } of heaviest.slice(most)) {
    rest.add({ ...cut, service: null }, billed, effective, rows);
  }
  const named = heaviest.slice(0, most).filter(({ service }) => service !== null);
  for (const { billed, effective, rows, ...cut } of heaviest.slice(0, most).filter(({ service }) => service === null)) {
    rest.add(cut, billed, effective, rows);
  }
  return [...named, ...rest.cuts(Number.POSITIVE_INFINITY)];
}

function inOrder(one: Cut, other: Cut): number {
  const [left, right] = [nameOf(one), nameOf(other)];
  return left === right ? 0 : left < right ? -1 : 1;
}
