// A process that can end between two awaits: whatever it then waits for never comes, and what it had sent is still on its way.
import type { Clock } from '../../../shared/ports/clock.ts';

/** One call of a port that has just had its effect, and whose caller has not heard of it yet. */
export type PortCall = { process: string; ordinal: number; port: string; method: string; subject: string };

export type Mortal = {
  readonly name: string;
  isAlive(): boolean;
  kill(): void;
  /** The port as this process holds it. Functions of the port must all be asynchronous. */
  bind<P extends object>(port: string, inner: P): P;
  clock(inner: Clock): Clock;
};

/** `afterCall` is told of every call between its effect and its answer: the moment at which a process is killed. */
export function createMortal(name: string, afterCall: (call: PortCall, process: Mortal) => void): Mortal {
  let alive = true;
  let ordinal = 0;

  async function pass<T>(port: string, method: string, subject: string, work: () => Promise<T>): Promise<T> {
    if (!alive) return never();
    const call = { process: name, ordinal: ++ordinal, port, method, subject };
    const outcome = await settled(work);
    if (alive) afterCall(call, mortal);
    if (!alive) return never();
    if (outcome.kind === 'threw') throw outcome.error;
    return outcome.value;
  }

  const mortal: Mortal = {
    name,
    isAlive: () => alive,
    kill: () => {
      alive = false;
    },
    bind: (port, inner) =>
      new Proxy(inner, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) =>
            pass(port, String(key), typeof args[0] === 'string' ? args[0] : '', async () =>
              Reflect.apply(value, target, args),
            );
        },
      }),
    clock: (inner) => ({
      now: inner.now,
      elapsedSeconds: inner.elapsedSeconds,
      sleep: async (seconds, signal) => {
        if (!alive) return never();
        await inner.sleep(seconds, signal);
        if (!alive) return never();
      },
    }),
  };
  return mortal;
}

async function settled<T>(
  work: () => Promise<T>,
): Promise<{ kind: 'answered'; value: T } | { kind: 'threw'; error: unknown }> {
  try {
    return { kind: 'answered', value: await work() };
  } catch (error) {
    return { kind: 'threw', error };
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
