// How long objects took to be replicated, as counts in fixed buckets: those of many processes and minutes add up to one.
import * as z from 'zod';

/** Counts by the bucket's number; buckets without any are left out. */
export const LagHistogram = z.record(z.string().regex(/^\d+$/), z.int().nonnegative());
export type LagHistogram = z.infer<typeof LagHistogram>;

/** The first bucket ends here; each next one is a fifth wider, so that a percentile is off by less than that. */
const FIRST_SECONDS = 0.05;
const GROWTH = 2 ** 0.25;
/** Ends above a month: nothing that is still worth telling takes longer. */
const LAST = 104;

/** Adds one object's lag. Changes the histogram. */
export function addLag(histogram: LagHistogram, lagSeconds: number): void {
  const bucket = String(bucketOf(lagSeconds));
  histogram[bucket] = (histogram[bucket] ?? 0) + 1;
}

export function mergeLags(histograms: readonly LagHistogram[]): LagHistogram {
  const merged: LagHistogram = {};
  for (const histogram of histograms) {
    for (const [bucket, count] of Object.entries(histogram)) merged[bucket] = (merged[bucket] ?? 0) + count;
  }
  return merged;
}

/** The lag that this share of the objects did not exceed, in seconds: the end of their bucket. Null: there were none. */
export function lagAt(histogram: LagHistogram, share: number): number | null {
  const buckets = Object.entries(histogram)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .sort((one, other) => one.bucket - other.bucket);
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  let passed = 0;
  for (const { bucket, count } of buckets) {
    passed += count;
    if (count > 0 && passed >= total * share) return endOf(bucket);
  }
  return null;
}

function bucketOf(lagSeconds: number): number {
  if (!(lagSeconds > FIRST_SECONDS)) return 0;
  return Math.min(LAST, Math.ceil(Math.log(lagSeconds / FIRST_SECONDS) / Math.log(GROWTH) - 1e-9));
}

function endOf(bucket: number): number {
  return FIRST_SECONDS * GROWTH ** bucket;
}
