// What a measurement answers with: a table that people read.

export type BenchTable = {
  title: string;
  columns: string[];
  /** As many cells as there are columns, with their units in the column's name. */
  rows: string[][];
  /** How it was measured, in sentences. */
  notes: string[];
};
