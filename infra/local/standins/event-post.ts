// How events travel from a bucket to whoever listens: at least once as a rule, in any order, late, and now and then not at all.
import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { createClosing } from '../closing.ts';

/** What may go wrong on the way, each as a share of the events; each of them comes late by a chance share of `delaySeconds`. */
export type PostFaults = { lossFraction: number; doubleFraction: number; delaySeconds: number };

export const reliable: PostFaults = { lossFraction: 0, doubleFraction: 0, delaySeconds: 0 };

/** What an event is about, for whoever must know which were lost. */
export type Letter = { key: string; removal: boolean };

export type EventPost = {
  /** Returns at once. `deliver` is called never, once or twice. */
  post(letter: Letter, deliver: () => void): void;
  counts(): { posted: number; lost: number; doubled: number };
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
  /** Gives up what is on its way. */
  close(): Promise<void>;
};

/** The same chance gives the same faults. */
export function createEventPost(options: {
  faults: PostFaults;
  clock: Clock;
  chance: Chance;
  onLost?: (letter: Letter) => void;
}): EventPost {
  const { faults, clock, chance, onLost = () => undefined } = options;
  const closing = createClosing();
  const underway = new Set<Promise<void>>();
  const counts = { posted: 0, lost: 0, doubled: 0 };
  const carry = (deliver: () => void): void => {
    const lateSeconds = chance.fraction() * faults.delaySeconds;
    const way = clock
      .sleep(lateSeconds, closing.signal)
      .then(() => {
        if (!closing.signal.aborted) deliver();
      })
      .finally(() => underway.delete(way));
    underway.add(way);
  };
  return {
    post: (letter, deliver) => {
      counts.posted += 1;
      if (chance.fraction() < faults.lossFraction) {
        counts.lost += 1;
        onLost(letter);
        return;
      }
      carry(deliver);
      if (chance.fraction() < faults.doubleFraction) {
        counts.doubled += 1;
        carry(deliver);
      }
    },
    counts: () => ({ ...counts }),
    settled: async () => {
      while (underway.size > 0) await Promise.all(underway);
    },
    close: async () => {
      closing.abort();
      await Promise.all(underway);
    },
  };
}
