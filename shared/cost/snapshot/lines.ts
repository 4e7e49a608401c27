// A row of a bill as one line of text, so that two files of rows are compared without being parsed.
import type * as z from 'zod';
import { type Amount, CostRow } from '../../model/cost.ts';

/** The amounts first, and then all that makes the row that row (`rowKey`): one JSON object. */
export type RowLine = { key: string; billed: Amount; effective: Amount };

const beginning = /^\{"BilledCost":"([^"]*)","EffectiveCost":"([^"]*)",/;

export function writeLine({ key, billed, effective }: RowLine): string {
  return `{"BilledCost":"${billed}","EffectiveCost":"${effective}",${key.slice(1)}\n`;
}

/** Throws on what `writeLine` cannot have written. */
export function readLine(line: string): RowLine {
  const [all, billed, effective] = beginning.exec(line) ?? [];
  if (all === undefined || billed === undefined || effective === undefined) {
    throw new Error(`no row of a bill: ${line.slice(0, 80)}`);
  }
  return { key: `{${line.slice(all.length)}`, billed, effective };
}

const KeyOfRow = CostRow.omit({ BilledCost: true, EffectiveCost: true });

/** What a row is grouped by. */
export function cutOfKey(
  key: string,
): Pick<z.infer<typeof KeyOfRow>, 'x_Category' | 'ServiceName' | 'x_Environment' | 'x_Transfer' | 'BillingCurrency'> {
  return KeyOfRow.parse(JSON.parse(key));
}
