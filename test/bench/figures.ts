// Numbers of measurements: the one in the middle, and how they are written.

/** NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The smallest value that at least this fraction of all does not exceed; of few values the largest. NaN for no values. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
}

/** In kilobytes of 1000 bytes. */
export function kilobytes(sizeBytes: number): string {
  return (sizeBytes / 1000).toFixed(0);
}

export function ratio(of: number, to: number): string {
  return `${(of / to).toFixed(1)}x`;
}
