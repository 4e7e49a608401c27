// A schedule as the clouds keep it: once per period, up to a minute late, and now and then not at all.

import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { createClosing } from '../closing.ts';

export type Schedule = {
  /** How many ticks fired, and how many were left out. */
  counts(): { fired: number; skipped: number };
  /** Stops firing; what was fired goes on. */
  close(): Promise<void>;
};

export type ScheduleOptions = {
  everySeconds: number;
  /** Each tick comes late by a chance share of this. */
  jitterSeconds: number;
  /** Share of ticks that never come. */
  skipFraction: number;
  /** Not waited for: a tick may overlap the one before, as with the real thing. */
  fire(): Promise<void>;
  /** Told when `fire` fails. */
  onTrouble(error: unknown): void;
  clock: Clock;
  chance: Chance;
};

/** The first tick is due one period from now. */
export function startSchedule(options: ScheduleOptions): Schedule {
  const { clock, chance } = options;
  const closing = createClosing();
  const counts = { fired: 0, skipped: 0 };
  const late = new Set<Promise<void>>();
  const tick = async (lateSeconds: number): Promise<void> => {
    await clock.sleep(lateSeconds, closing.signal);
    if (closing.signal.aborted) return;
    counts.fired += 1;
    options.fire().catch(options.onTrouble);
  };
  const run = async (): Promise<void> => {
    let dueSeconds = clock.elapsedSeconds();
    while (!closing.signal.aborted) {
      dueSeconds += options.everySeconds;
      await clock.sleep(Math.max(0, dueSeconds - clock.elapsedSeconds()), closing.signal);
      if (closing.signal.aborted) return;
      if (chance.fraction() < options.skipFraction) counts.skipped += 1;
      else {
        const pending = tick(chance.fraction() * options.jitterSeconds).finally(() => late.delete(pending));
        late.add(pending);
      }
    }
  };
  const running = run();
  return {
    counts: () => ({ ...counts }),
    close: async () => {
      closing.abort();
      await running;
      await Promise.all(late);
    },
  };
}
