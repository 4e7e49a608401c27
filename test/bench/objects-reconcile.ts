// Comparing two buckets with millions of objects: keys a second, and whether the memory stays where it is.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod';
import { root } from './entries.ts';
import type { BenchTable } from './table.ts';

const SIZES = [100_000, 1_000_000, 3_000_000];
/** A third of the smallest function's memory: a process that needs more ends with an error, and so does the benchmark. */
const HEAP_MB = 48;

const Run = z.object({
  surveySeconds: z.number(),
  carrySeconds: z.number(),
  unchanged: z.int(),
  looked: z.int(),
  rows: z.int(),
});
const Measured = z.object({ keys: z.int(), first: Run, again: Run, peakBytes: z.int() });

/** Rejects when a run miscounts, or does not fit the heap. */
export async function benchObjectsReconcile(progress: (line: string) => void): Promise<BenchTable> {
  const rows: string[][] = [];
  for (const keys of SIZES) {
    progress(`two buckets of ${keys} objects in a heap of ${HEAP_MB} MB`);
    const { first, again, peakBytes } = await measure(keys);
    if (first.looked !== keys || first.rows !== keys)
      throw new Error(`the first run saw ${first.looked} of ${keys} keys`);
    if (again.unchanged !== keys || again.looked !== 0)
      throw new Error(`the second run looked at ${again.looked} keys`);
    const rate = (seconds: number) => Math.round(keys / seconds).toString();
    rows.push([
      keys.toString(),
      rate(first.surveySeconds),
      rate(first.carrySeconds),
      rate(again.surveySeconds),
      rate(again.carrySeconds),
      Math.round(peakBytes / 1024 ** 2).toString(),
    ]);
  }
  return {
    title: 'Reconciliation: two listings and the baseline, merged (keys a second)',
    columns: [
      'objects on each side',
      'first: survey',
      'first: with baseline written',
      'again: survey',
      'again: carried out',
      'peak RSS (MB)',
    ],
    rows,
    notes: [
      `Each row is a process of its own with --max-old-space-size=${HEAP_MB}: one that needs more memory ends, and the benchmark fails.`,
      'Listings are made up page by page as the services give them, the baseline is on the disk: what is measured is the merge, the bookkeeping and the baseline.',
      'Listing over the network takes longer than all of this: a thousand keys a request.',
    ],
  };
}

async function measure(keys: number): Promise<z.infer<typeof Measured>> {
  const script = `${root}test/bench/objects-reconcile-run.ts`;
  const args = [`--max-old-space-size=${HEAP_MB}`, '--import', 'tsx', script, String(keys)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  return Measured.parse(JSON.parse(stdout));
}
