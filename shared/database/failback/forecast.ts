// What a dry run would have written so far: later changes of the same rows are foretold upon it, without touching the database.
import type { Row } from './change.ts';
import type { There } from './decide-row.ts';
import { tableName } from './divergence.ts';
import type { History, Judged } from './judge.ts';
import type { Earlier } from './records.ts';

export type Forecast = History & { note(judged: Judged): void };

/** Holds one small entry for each row that stranded changes are about. `before`: what earlier runs did, by the database. */
export function createForecast(before: History['earlier']): Forecast {
  const outcomes = new Map<string, Earlier>();
  const rows = new Map<string, There>();
  const nameOf = (table: string, key: Row) => JSON.stringify([table, key]);
  return {
    earlier: async (table, key) => outcomes.get(nameOf(table, key)) ?? before(table, key),
    there: (table, key) => rows.get(nameOf(table, key)) ?? null,
    note({ change, key, keyAfter, target, there, verdict: { outcome } }) {
      const table = tableName(change);
      for (const one of [key, keyAfter]) if (one) outcomes.set(nameOf(table, one), { outcome, rowXmin: null });
      if (outcome !== 'applied') return;
      // Of a table without a key there may be another row of the same content.
      if (key && target?.keyed) rows.set(nameOf(table, key), { kind: 'absent' });
      if (!keyAfter || (change.kind !== 'insert' && change.kind !== 'update')) return;
      const old = there.kind === 'present' ? there.row : {};
      const row = { ...old, ...change.row };
      rows.set(nameOf(table, keyAfter), { kind: 'present', row, written: { kind: 'by-reconciling' } });
    },
  };
}
