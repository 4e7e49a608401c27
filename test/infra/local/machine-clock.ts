// This machine's clock, for tests of real sockets and processes; everything else brings a clock of its own.
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../../shared/ports/clock.ts';

export const machineClock: Clock = {
  now: () => new Date(),
  elapsedSeconds: () => performance.now() / 1000,
  sleep: async (seconds, signal) => {
    try {
      await wait(seconds * 1000, undefined, signal ? { signal } : {});
    } catch (error) {
      // The port's promise: an aborted sleep resolves at once.
      if (!signal?.aborted) throw error;
    }
  },
};
