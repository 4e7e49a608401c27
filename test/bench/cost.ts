// Snapshots of a month's bill: rows a second, that the time is in line with the rows, and that the memory does not grow with them.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod';
import { root } from './entries.ts';
import type { BenchTable } from './table.ts';

const SIZES = [1_000_000, 10_000_000];
/** Half of what a function of 128 MB has: a process that needs more ends with an error, and so does the benchmark. */
const HEAP_MB = 64;

const Run = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  kinds: z.string(),
  days: z.int(),
  rows: z.int(),
  changedRows: z.int(),
});
const Measured = z.object({
  rowsPerDay: z.int(),
  madeUpCpuSeconds: z.number(),
  first: Run,
  again: Run,
  restated: Run,
  peakBytes: z.int(),
});
type Measured = z.infer<typeof Measured>;

/** Rejects when a run miscounts, or does not fit the heap. */
export async function benchCost(progress: (line: string) => void): Promise<BenchTable> {
  const all: { rows: number; measured: Measured }[] = [];
  for (const rows of SIZES) {
    progress(`a month of ${rows} rows in a heap of ${HEAP_MB} MB`);
    const measured = await measure(rows);
    check(measured);
    all.push({ rows: measured.rowsPerDay * 30, measured });
  }
  const [small, large] = all;
  if (!small || !large) throw new Error('two sizes are compared');
  const ratio = (of: (measured: Measured) => number) => (of(large.measured) / of(small.measured)).toFixed(2);
  return {
    title: 'Snapshots of costs: one month, streamed from the bill into two buckets',
    columns: [
      'rows',
      'first: s',
      'CPU s',
      'rows per CPU s',
      'again: s',
      'CPU s',
      'restated: s',
      'CPU s',
      'made up: CPU s',
      'peak RSS (MB)',
    ],
    rows: [
      ...all.map(({ rows, measured }) => cells(rows, measured)),
      [
        `ratio (rows: ${(large.rows / small.rows).toFixed(2)})`,
        ratio(({ first }) => first.seconds),
        ratio(({ first }) => first.cpuSeconds),
        ratio(({ rowsPerDay, first }) => rowsPerDay / first.cpuSeconds),
        ratio(({ again }) => again.seconds),
        ratio(({ again }) => again.cpuSeconds),
        ratio(({ restated }) => restated.seconds),
        ratio(({ restated }) => restated.cpuSeconds),
        ratio(({ madeUpCpuSeconds }) => madeUpCpuSeconds),
        ratio(({ peakBytes }) => peakBytes),
      ],
    ],
    notes: [
      `Each row is a process of its own with --max-old-space-size=${HEAP_MB}: one that needs more memory ends, and the benchmark fails.`,
      'Rows are made up page by page as a source gives them, buckets are on the disk: what is measured is keys, sums, hashing, compressing, and the bookkeeping.',
      'Again: nothing has changed. Restated: one row in a thousand has another amount, and the old rows are read beside the new ones.',
      'Made up: what making the rows up alone takes, once; it is within each of the other times. CPU is that of all threads: what a busy machine moves least.',
    ],
  };
}

function cells(rows: number, { first, again, restated, madeUpCpuSeconds, peakBytes }: Measured): string[] {
  return [
    rows.toString(),
    first.seconds.toFixed(1),
    first.cpuSeconds.toFixed(1),
    Math.round(rows / first.cpuSeconds).toString(),
    again.seconds.toFixed(1),
    again.cpuSeconds.toFixed(1),
    restated.seconds.toFixed(1),
    restated.cpuSeconds.toFixed(1),
    madeUpCpuSeconds.toFixed(1),
    Math.round(peakBytes / 1024 ** 2).toString(),
  ];
}

function check({ rowsPerDay, first, again, restated }: Measured): void {
  const ends = [first, again, restated].map(({ days, kinds }) => `${days} ${kinds}`).join('; ');
  if (ends !== '30 taken; 30 unchanged; 30 restated') throw new Error(`the month ended otherwise: ${ends}`);
  const changed = Math.ceil(rowsPerDay / 1000) * 30;
  if (first.rows !== rowsPerDay * 30) throw new Error(`${first.rows} rows were kept of ${rowsPerDay * 30}`);
  if (restated.changedRows !== changed) throw new Error(`${restated.changedRows} rows changed of ${changed}`);
}

async function measure(rows: number): Promise<Measured> {
  const script = `${root}test/bench/cost-run.ts`;
  const args = [`--max-old-space-size=${HEAP_MB}`, '--import', 'tsx', script, String(rows)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return Measured.parse(JSON.parse(stdout));
}
