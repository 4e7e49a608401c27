// Charges as tests tell them, whichever provider is to tell them on, and what rows and totals come to.
import { addAmounts } from '../../shared/cost/money.ts';
import { rowKey } from '../../shared/cost/row-key.ts';
import type { Amount, CostRow, CostSum, DayTotal } from '../../shared/model/cost.ts';
import type { CostRange, CostSource } from '../../shared/ports/cost-source.ts';

export type ToldCharge = {
  date: string;
  service: string;
  /** The value of the tag; null: not tagged. */
  environment: string | null;
  /** As a provider may write it: `6.123E-7`. */
  cost: string;
  /** Taken off again, so below zero; null: none. */
  credit: string | null;
  currency: string;
  /** Whether it left the provider. */
  transfer: boolean;
};

export const august: CostRange = { fromDate: '2026-08-01', toDate: '2026-09-01' };

export function charge(given: Partial<ToldCharge> & Pick<ToldCharge, 'service'>): ToldCharge {
  return {
    date: '2026-08-03',
    environment: 'production',
    cost: '10.25',
    credit: null,
    currency: 'USD',
    transfer: false,
    ...given,
  };
}

export async function allRows(source: CostSource, range: CostRange): Promise<CostRow[]> {
  const all: CostRow[] = [];
  for await (const page of source.rows(range)) all.push(...page);
  return all;
}

export function ordered(rows: readonly CostRow[]): CostRow[] {
  const keyed = rows.map((row) => ({ row, key: `${row.ChargePeriodStart} ${rowKey(row)}` }));
  return keyed.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key))).map(({ row }) => row);
}

/** What rows come to by any name that they are given; names that come to nothing are left out. */
function sumsBy(rows: readonly CostRow[], nameOf: (row: CostRow) => string): Record<string, CostSum[]> {
  const sums = new Map<string, { billed: Amount[]; effective: Amount[] }>();
  for (const row of rows) {
    const name = JSON.stringify([nameOf(row), row.BillingCurrency]);
    const sum = sums.get(name) ?? { billed: [], effective: [] };
    sum.billed.push(row.BilledCost);
    sum.effective.push(row.EffectiveCost);
    sums.set(name, sum);
  }
  const told: Record<string, CostSum[]> = {};
  for (const [name, sum] of [...sums].sort()) {
    const [of = '', currency = ''] = JSON.parse(name);
    const one = { currency, billed: addAmounts(...sum.billed), effective: addAmounts(...sum.effective) };
    if (one.billed !== '0' || one.effective !== '0') told[of] = [...(told[of] ?? []), one];
  }
  return told;
}

export const sumsByDay = (rows: readonly CostRow[]) => sumsBy(rows, (row) => row.ChargePeriodStart.slice(0, 10));

export function totalsByDay(totals: readonly DayTotal[]): Record<string, CostSum[]> {
  const told = totals.filter(({ sums }) => sums.length > 0);
  const sorted = (sums: CostSum[]) => [...sums].sort((one, other) => (one.currency < other.currency ? -1 : 1));
  return Object.fromEntries(told.map(({ date, sums }) => [date, sorted(sums)]));
}
