// A clock that only moves when a test moves it.
import type { Clock } from '../../shared/ports/clock.ts';

export type ManualClock = Clock & { advance(seconds: number): void };

/** Starts at a fixed date. `sleep` moves the clock instead of waiting. */
export function createManualClock(startsAt = '2026-11-23T12:00:00.000Z'): ManualClock {
  let elapsed = 0;
  return {
    now: () => new Date(Date.parse(startsAt) + elapsed * 1000),
    elapsedSeconds: () => elapsed,
    sleep: async (seconds, signal) => {
      if (!signal?.aborted) elapsed += seconds;
    },
    advance: (seconds) => {
      elapsed += seconds;
    },
  };
}
