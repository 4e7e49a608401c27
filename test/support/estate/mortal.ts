// A process that can end or be frozen between two awaits: whatever it then waits for comes never, or late; what it had sent is still on its way.
import type { Clock } from '../../../shared/ports/clock.ts';
import { wrapped } from './wrapped.ts';

/** One call of a port that has just had its effect, and whose caller has not heard of it yet. */
export type PortCall = { process: string; ordinal: number; port: string; method: string; subject: string };

export type Mortal = {
  readonly name: string;
  isAlive(): boolean;
  kill(): void;
  /** Like a function that is frozen, or SIGSTOP: what arrives waits, and its clocks go on. */
  freeze(): void;
  thaw(): void;
  /** The port as this process holds it. Functions of the port must all be asynchronous. */
  bind<P extends object>(port: string, inner: P): P;
  clock(inner: Clock): Clock;
};

/** How the clocks of a process stand to the estate's: how fast they go, and how far its wall clock is ahead at the moment. */
export type Gait = { rate: number; wallAheadSeconds: () => number };

const even: Gait = { rate: 1, wallAheadSeconds: () => 0 };

/** `afterCall` is told of every call between its effect and its answer: the moment at which a process is killed. */
export function createMortal(
  name: string,
  afterCall: (call: PortCall, process: Mortal) => void,
  gait: Gait = even,
): Mortal {
  let alive = true;
  let ordinal = 0;
  /** What waits for the thaw; null while the process runs. */
  let held: (() => void)[] | null = null;

  /** Hands something to the process, when it is there to take it. */
  function arrive(take: () => void): void {
    if (!alive) return;
    if (held) held.push(take);
    else take();
  }

  const mortal: Mortal = {
    name,
    isAlive: () => alive,
    kill: () => {
      alive = false;
      held = null;
    },
    freeze: () => {
      held ??= [];
    },
    thaw: () => {
      const waiting = held ?? [];
      held = null;
      for (const take of waiting) arrive(take);
    },
    bind: (port, inner) =>
      wrapped(
        inner,
        (method, subject, work) =>
          new Promise((resolve, reject) => {
            if (!alive) return;
            const call = { process: name, ordinal: ++ordinal, port, method, subject };
            const answered = (take: () => void) => {
              if (alive) afterCall(call, mortal);
              arrive(take);
            };
            work().then(
              (value) => answered(() => resolve(value)),
              (error) => answered(() => reject(error)),
            );
          }),
      ),
    clock: (inner) => ({
      now: () => new Date(inner.now().getTime() + gait.wallAheadSeconds() * 1000),
      elapsedSeconds: () => inner.elapsedSeconds() * gait.rate,
      sleep: (seconds, signal) =>
        new Promise((resolve) => {
          if (alive) inner.sleep(seconds / gait.rate, signal).then(() => arrive(resolve));
        }),
    }),
  };
  return mortal;
}
