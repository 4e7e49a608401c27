// A bucket that fails again and again is left alone for a while: what is meant for it waits where it is, and costs nobody a time-out.
import type { Clock } from '../ports/clock.ts';

export type Breaker = {
  /**
   * For how long a bucket is still to be left alone; null: ask it. When the time is up, one caller gets null and tries, and the others
   * wait for what comes of it.
   */
  restSeconds(bucket: string): number | null;
  answered(bucket: string): void;
  failed(bucket: string): void;
};

type State = { failures: number; restUntilSeconds: number; lastRestSeconds: number; triedOut: boolean };

/** More than one object's bad luck, and few enough that a sick bucket is not asked for a whole batch. */
const failuresInARow = 8;
const firstRestSeconds = 5;
const longestRestSeconds = 120;
/** Whoever tries first has this long before the next one does. */
const tryOutSeconds = 10;

/** Of one process: nothing is shared, each finds out for itself. */
export function createBreaker({ elapsedSeconds }: Pick<Clock, 'elapsedSeconds'>): Breaker {
  const states = new Map<string, State>();
  return {
    restSeconds(bucket) {
      const state = states.get(bucket);
      if (!state || state.failures < failuresInARow) return null;
      const rest = state.restUntilSeconds - elapsedSeconds();
      if (rest > 0) return rest;
      state.restUntilSeconds = elapsedSeconds() + tryOutSeconds;
      state.triedOut = true;
      return null;
    },
    answered: (bucket) => void states.delete(bucket),
    failed(bucket) {
      const state = states.get(bucket) ?? { failures: 0, restUntilSeconds: 0, lastRestSeconds: 0, triedOut: true };
      states.set(bucket, state);
      state.failures += 1;
      // What was under way when the rest began, and fails after it, makes it no longer.
      if (state.failures < failuresInARow || !state.triedOut) return;
      state.triedOut = false;
      state.lastRestSeconds = Math.min(longestRestSeconds, Math.max(firstRestSeconds, state.lastRestSeconds * 2));
      state.restUntilSeconds = elapsedSeconds() + state.lastRestSeconds;
    },
  };
}
