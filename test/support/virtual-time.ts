// Virtual time: clocks whose sleeps end in the order of their due times, with nothing waited for in between.
import type { Chance, Clock } from '../../shared/ports/clock.ts';

type Timer = { dueSeconds: number; order: number; wake: () => void };

export type VirtualTime = {
  clock: Clock;
  /** Runs everything that is due up to that time; ends early when `done` says so. */
  runUntil(seconds: number, done?: () => boolean): Promise<void>;
};

/** All clocks of one VirtualTime tick together; the order of equal due times is the order of their sleeps. */
export function createVirtualTime(startsAt = '2026-11-20T03:00:00.000Z'): VirtualTime {
  let nowSeconds = 0;
  let order = 0;
  let timers: Timer[] = [];

  const clock: Clock = {
    now: () => new Date(Date.parse(startsAt) + nowSeconds * 1000),
    elapsedSeconds: () => nowSeconds,
    sleep: (seconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const ended = () => {
          timers = timers.filter((one) => one !== timer);
          wake();
        };
        const wake = () => {
          signal?.removeEventListener('abort', ended);
          resolve();
        };
        const timer: Timer = { dueSeconds: nowSeconds + Math.max(0, seconds), order: order++, wake };
        timers.push(timer);
        signal?.addEventListener('abort', ended);
      }),
  };

  return {
    clock,
    async runUntil(seconds, done = () => false) {
      for (;;) {
        // A macrotask lets every promise that can go on go on first.
        await new Promise((resolve) => setImmediate(resolve));
        if (done()) return;
        const next = timers.reduce<Timer | null>((best, one) => (!best || earlier(one, best) ? one : best), null);
        if (!next || next.dueSeconds > seconds) {
          nowSeconds = Math.max(nowSeconds, seconds);
          return;
        }
        timers = timers.filter((one) => one !== next);
        nowSeconds = Math.max(nowSeconds, next.dueSeconds);
        next.wake();
      }
    },
  };
}

/** A seeded source of chance (mulberry32), so that a failing run can be repeated. */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  let ids = 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    fraction,
    id: () => `${seed.toString(36)}-${(ids++).toString(36)}-${Math.floor(fraction() * 1e9).toString(36)}`,
  };
}

function earlier(a: Timer, b: Timer): boolean {
  return a.dueSeconds !== b.dueSeconds ? a.dueSeconds < b.dueSeconds : a.order < b.order;
}
