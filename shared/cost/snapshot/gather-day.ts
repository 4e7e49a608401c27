// The rows of one day as they come: held against their order, rows of one key added, summed, and written as lines.
import type { CostRow, CostSum } from '../../model/cost.ts';
import { addAmounts } from '../money.ts';
import { rowKey } from '../row-key.ts';
import { type RowLine, writeLine } from './lines.ts';
import { type Cut, type CutSum, createTally } from './tally.ts';

export type DayGather = {
  /** The lines that are complete by now: the last row is held back, since another of its key may follow. */
  take(rows: readonly CostRow[]): string;
  /** What was held back. */
  end(): string;
  found(): GatheredDay;
};

export type GatheredDay = {
  rows: number;
  sums: CostSum[];
  parts: CutSum[];
  /** The first row that came before its turn; null: all came as the port promises. */
  disorder: string | null;
};

/** Of a record of a day: a page of a report, and a few hundred kilobytes at the very most. */
const mostParts = 1000;

export function gatherDay(): DayGather {
  const tally = createTally();
  let held: (RowLine & { cut: Cut }) | null = null;
  let rows = 0;
  let disorder: string | null = null;

  function flush(): string {
    if (held === null) return '';
    rows += 1;
    tally.add(held.cut, held.billed, held.effective, 1);
    return writeLine(held);
  }

  return {
    take(page) {
      let text = '';
      for (const row of page) {
        const key = rowKey(row);
        if (held !== null && key === held.key) {
          held.billed = addAmounts(held.billed, row.BilledCost);
          held.effective = addAmounts(held.effective, row.EffectiveCost);
          continue;
        }
        if (held !== null && key < held.key) disorder ??= `a row of ${row.ServiceName} came after one that follows it`;
        text += flush();
        held = { key, billed: row.BilledCost, effective: row.EffectiveCost, cut: cutOf(row) };
      }
      return text;
    },
    end() {
      const text = flush();
      held = null;
      return text;
    },
    found: () => ({ rows, sums: tally.sums(), parts: tally.cuts(mostParts), disorder }),
  };
}

export function cutOf(
  row: Pick<CostRow, 'x_Category' | 'ServiceName' | 'x_Environment' | 'x_Transfer' | 'BillingCurrency'>,
): Cut {
  return {
    category: row.x_Category,
    service: row.ServiceName,
    environment: row.x_Environment,
    transfer: row.x_Transfer,
    currency: row.BillingCurrency,
  };
}
