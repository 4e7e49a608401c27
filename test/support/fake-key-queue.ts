// A queue of keys in memory, on the clock that it is given: a taken key comes back when it was not done.
import { type KeyQueue, type QueuedKey, QueueUnavailable } from '../../shared/ports/key-queue.ts';

type Waiting = { key: QueuedKey; visibleSeconds: number };

export type FakeKeyQueue = KeyQueue & {
  /** From now on every call fails; `lose-answer`: after it was done. */
  fail(how: 'refuse' | 'lose-answer' | null): void;
};

export function createFakeKeyQueue(name: string, clock: { elapsedSeconds(): number }): FakeKeyQueue {
  const waiting = new Set<Waiting>();
  let failing: 'refuse' | 'lose-answer' | null = null;
  async function attempt<T>(tried: string, work: () => T): Promise<T> {
    if (failing === 'refuse') throw new QueueUnavailable(`${tried} at ${name}: refused, as asked for`);
    const result = work();
    if (failing === 'lose-answer') throw new QueueUnavailable(`${tried} at ${name}: the answer was lost, as asked for`);
    return result;
  }
  return {
    name,
    fail(how) {
      failing = how;
    },
    push: (keys, { delaySeconds }) =>
      attempt('queueing', () => {
        const visibleSeconds = clock.elapsedSeconds() + delaySeconds;
        for (const key of keys) waiting.add({ key, visibleSeconds });
      }),
    take: (limit, holdSeconds) =>
      attempt('taking', () => {
        const nowSeconds = clock.elapsedSeconds();
        const taken = [...waiting].filter((each) => each.visibleSeconds <= nowSeconds).slice(0, limit);
        for (const each of taken) each.visibleSeconds = nowSeconds + holdSeconds;
        const forget = () => {
          for (const each of taken) waiting.delete(each);
        };
        return {
          keys: taken.map(({ key }) => key),
          heldSeconds: holdSeconds,
          done: () => attempt('forgetting', forget),
        };
      }),
    depth: () => attempt('counting', () => waiting.size),
  };
}
