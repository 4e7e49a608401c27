// A limit on how long an answer is waited for. What comes later is not used: it would be remembered out of turn.
import type { Clock } from '../ports/clock.ts';

/** Throws what `late` makes when the work has not ended within that many seconds; the work itself is not stopped. */
export async function within<T>(seconds: number, clock: Clock, work: Promise<T>, late: () => Error): Promise<T> {
  const ended = new AbortController();
  try {
    const outcome = await Promise.race([
      work.then((value) => ({ value })),
      clock.sleep(seconds, ended.signal).then(() => null),
    ]);
    if (outcome === null) throw late();
    return outcome.value;
  } finally {
    // A reason of our own: the one that is made without it carries a stack, and nobody looks at it.
    ended.abort('answered');
  }
}
