// The real clock and the real chance of a process.
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Chance, Clock } from '../ports/clock.ts';

export const systemClock: Clock = {
  now: () => new Date(),
  elapsedSeconds: () => performance.now() / 1000,
  sleep: (seconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, seconds * 1000);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

export const systemChance: Chance = { fraction: Math.random, id: randomUUID };
