// A limit on how long answers are waited for. What comes later is not used: it would be remembered out of turn.
import type { Clock } from '../ports/clock.ts';

export type Limit = {
  /** Throws what `late` makes when the work has not ended in time; the work itself is not stopped. */
  keep<T>(work: Promise<T>, late: () => Error): Promise<T>;
  /** Nothing is waited for any more. */
  end(): void;
};

/** Of everything that begins now: one timer for all of it. */
export function createLimit(seconds: number, clock: Clock): Limit {
  const ended = new AbortController();
  const over = clock.sleep(seconds, ended.signal).then(() => null);
  return {
    async keep(work, late) {
      const outcome = await Promise.race([work.then((value) => ({ value })), over]);
      if (outcome === null) throw late();
      return outcome.value;
    },
    // A reason of our own: the one that is made without it carries a stack, and nobody looks at it.
    end: () => ended.abort('answered'),
  };
}

/** Throws what `late` makes when the work has not ended within that many seconds; the work itself is not stopped. */
export async function within<T>(seconds: number, clock: Clock, work: Promise<T>, late: () => Error): Promise<T> {
  const limit = createLimit(seconds, clock);
  try {
    return await limit.keep(work, late);
  } finally {
    limit.end();
  }
}
