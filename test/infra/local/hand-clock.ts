// A clock that stands still until it is moved; sleepers wake in order, each at its own time.
import type { Clock } from '../../../shared/ports/clock.ts';

export type HandClock = Clock & { advance(seconds: number): Promise<void> };

export function handClock(start = new Date('2026-03-01T12:00:00.000Z')): HandClock {
  let elapsed = 0;
  const sleepers = new Set<{ dueSeconds: number; wake: () => void }>();
  const settle = async (): Promise<void> => {
    // Lets whatever was woken run on to its next sleep; macrotasks, because promises may be nested deeply.
    for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => new Date(start.getTime() + elapsed * 1000),
    elapsedSeconds: () => elapsed,
    sleep: (seconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const abort = (): void => {
          sleepers.delete(sleeper);
          resolve();
        };
        const wake = (): void => {
          signal?.removeEventListener('abort', abort);
          resolve();
        };
        const sleeper = { dueSeconds: elapsed + seconds, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', abort, { once: true });
      }),
    advance: async (seconds) => {
      const end = elapsed + seconds;
      await settle();
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.dueSeconds - b.dueSeconds)[0];
        if (!next || next.dueSeconds > end) break;
        elapsed = next.dueSeconds;
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      elapsed = end;
    },
  };
}
