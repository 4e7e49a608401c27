// Numbers of measurements: the one in the middle, and how they are written.

/** NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** In kilobytes of 1000 bytes. */
export function kilobytes(sizeBytes: number): string {
  return (sizeBytes / 1000).toFixed(0);
}

export function ratio(of: number, to: number): string {
  return `${(of / to).toFixed(1)}x`;
}
