// From samples to what is printed of them, unless they cannot be true. Pure.
import { median, percentile } from './figures.ts';

export type LatencySamples = {
  name: string;
  tookMs: readonly number[];
  roundTripMs: number;
  /** What it cannot be faster than; 0 where that is not known. */
  floorMs: number;
};

/** A timer may be early by a little. */
const earlyFraction = 0.05;

/** Round trip, what, samples, median, p99. Throws for samples that mean nothing. */
export function latencyCells({ name, tookMs, roundTripMs, floorMs }: LatencySamples): string[] {
  const middle = median(tookMs);
  if (!(roundTripMs > 0)) throw new Error(`${name}: a round trip of ${roundTripMs} ms was not measured`);
  if (!(middle > 0)) throw new Error(`${name}: a median of ${middle} ms from ${tookMs.length} samples means nothing`);
  if (middle < floorMs * (1 - earlyFraction))
    throw new Error(
      `${name}: ${middle.toFixed(1)} ms in the middle, and its round trips alone take ${floorMs} ms: it did not do what it is called`,
    );
  const inRoundTrips = (ms: number): string => (ms / roundTripMs).toFixed(1);
  return [
    roundTripMs.toFixed(1),
    name,
    String(tookMs.length),
    inRoundTrips(middle),
    inRoundTrips(percentile(tookMs, 0.99)),
  ];
}
