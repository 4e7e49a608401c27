// A table as text: the first column to the left, numbers to the right, notes below.
import type { BenchTable } from './table.ts';

/** Throws when a row has another number of cells than there are columns. */
export function render({ title, columns, rows, notes }: BenchTable): string {
  for (const row of rows) {
    if (row.length !== columns.length) {
      throw new Error(`"${title}" has ${columns.length} columns, and a row of ${row.length} cells: ${row.join(', ')}`);
    }
  }
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: string[]) =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ');
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [title, '', line(columns), rule, ...rows.map(line), '', ...notes.map((note) => `- ${note}`)].join('\n');
}
