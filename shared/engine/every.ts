// A loop of a process that lives for a while: rounds that begin on time, whatever became of the one before.
import type { Clock } from '../ports/clock.ts';

export type Loop = {
  /** From the beginning of one round to that of the next; asked anew at the end of each. */
  seconds: () => number;
  /** What a round does, for the sentence that tells of its trouble. */
  name: string;
  clock: Clock;
  /** On the clock's own seconds; the last round begins before it. */
  untilSeconds: number;
  signal: AbortSignal;
  onTrouble: (where: string, error: unknown) => void;
};

/** Runs rounds until the time is up or the signal is aborted. An error ends its round, is said aloud, and the next round begins on time. */
export async function every(loop: Loop, round: () => Promise<void>): Promise<void> {
  const { clock, signal, untilSeconds } = loop;
  while (!signal.aborted && clock.elapsedSeconds() < untilSeconds) {
    const began = clock.elapsedSeconds();
    await round().catch((error) => loop.onTrouble(loop.name, error));
    const next = began + loop.seconds();
    await clock.sleep(Math.max(0.05, next - clock.elapsedSeconds()), signal);
  }
}
