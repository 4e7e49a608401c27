// Virtual time: clocks whose sleeps end in the order of their due times, with nothing waited for in between.
import type { Chance, Clock } from '../../shared/ports/clock.ts';

type Timer = { dueSeconds: number; order: number; wake: () => void; cancelled: boolean };

export type VirtualTime = {
  clock: Clock;
  /** Runs everything that is due up to that time; ends early when `done` says so. */
  runUntil(seconds: number, done?: () => boolean): Promise<void>;
  /** Does it after that many seconds: a sleep that nobody awaits. */
  after(seconds: number, work: () => void): void;
};

/** All clocks of one VirtualTime tick together; the order of equal due times is the order of their sleeps. */
export function createVirtualTime(startsAt = '2026-11-20T03:00:00.000Z'): VirtualTime {
  const startsAtMilliseconds = Date.parse(startsAt);
  const timers = createTimerQueue();
  let nowSeconds = 0;
  let order = 0;

  const clock: Clock = {
    now: () => new Date(startsAtMilliseconds + nowSeconds * 1000),
    elapsedSeconds: () => nowSeconds,
    sleep: (seconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer: Timer = { dueSeconds: nowSeconds + Math.max(0, seconds), order: order++, wake, cancelled: false };
        function wake() {
          signal?.removeEventListener('abort', aborted);
          resolve();
        }
        function aborted() {
          timer.cancelled = true;
          wake();
        }
        timers.add(timer);
        signal?.addEventListener('abort', aborted);
      }),
  };

  return {
    clock,
    after: (seconds, wake) => {
      timers.add({ dueSeconds: nowSeconds + Math.max(0, seconds), order: order++, wake, cancelled: false });
    },
    async runUntil(seconds, done = () => false) {
      for (;;) {
        await everyPromise();
        if (done()) return;
        const next = timers.first();
        if (!next || next.dueSeconds > seconds) {
          nowSeconds = Math.max(nowSeconds, seconds);
          return;
        }
        timers.removeFirst();
        if (next.cancelled) continue;
        nowSeconds = Math.max(nowSeconds, next.dueSeconds);
        next.wake();
      }
    },
  };
}

/** Resolves when every promise that can go on has gone on: Node empties the queue of promises before it calls what waits for the next tick. */
function everyPromise(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** A binary heap: thousands of sleeps are under way at once, and most end in the order in which they began. */
function createTimerQueue() {
  const heap: Timer[] = [];
  const at = (index: number): Timer => heap[index]!;
  const swap = (one: number, other: number) => {
    [heap[one], heap[other]] = [at(other), at(one)];
  };
  return {
    first: (): Timer | undefined => heap[0],
    add(timer: Timer) {
      let index = heap.push(timer) - 1;
      for (let above = (index - 1) >> 1; index > 0 && earlier(at(index), at(above)); above = (index - 1) >> 1) {
        swap(index, above);
        index = above;
      }
    },
    removeFirst() {
      const last = heap.pop();
      if (heap.length === 0 || !last) return;
      heap[0] = last;
      for (let index = 0; ; ) {
        const below = 2 * index + 1;
        const least = below + 1 < heap.length && earlier(at(below + 1), at(below)) ? below + 1 : below;
        if (least >= heap.length || !earlier(at(least), at(index))) return;
        swap(index, least);
        index = least;
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
