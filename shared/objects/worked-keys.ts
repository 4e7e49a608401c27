// The keys that a drain works on, or has worked on: a double is answered by the work of the first, and stands or falls with it.
import type { Clock } from '../ports/clock.ts';
import type { QueuedKey } from '../ports/key-queue.ts';

export type WorkedKeys = {
  /**
   * Does the work, unless it was begun since the key was heard of, and no later deletion is told of: what was looked at then is what this
   * one is about (`fresh: false`). `ended` rejects when the key could neither be settled nor handed on: every message that holds it must come
   * again, because a double may be the very message that the first came with, and forgetting it would lose both.
   */
  once(queued: QueuedKey, work: () => Promise<WorkedOn>): { fresh: boolean; ended: Promise<WorkedOn> };
};

/** `handed-on`: the key waits in a queue again, and may come back at once. */
export type WorkedOn = 'ended' | 'handed-on';

/** `deletedMillis`: as deleted when it is worked on. */
type Entry = { atMillis: number; deletedMillis: number; ended: Promise<WorkedOn> };

/** By how much the clock of an event's source may be ahead of ours. */
const doubtMillis = 5000;
/** Keys remembered, so that their doubles are not looked at again. */
const rememberedKeys = 200_000;

export function createWorkedKeys({ now }: Pick<Clock, 'now'>): WorkedKeys {
  const entries = new Map<string, Entry>();
  return {
    once({ pair, key, sinceMillis, deletedMillis }, work) {
      const name = `${pair}/${key}`;
      const deleted = deletedMillis ?? 0;
      const before = entries.get(name);
      if (before && before.atMillis > sinceMillis + doubtMillis && before.deletedMillis >= deleted) {
        return { fresh: false, ended: before.ended };
      }
      if (entries.size >= rememberedKeys) entries.clear();
      const entry = { atMillis: now().getTime(), deletedMillis: deleted, ended: work() };
      entries.set(name, entry);
      const forget = () => {
        if (entries.get(name) === entry) entries.delete(name);
      };
      entry.ended.then((how) => how === 'handed-on' && forget(), forget);
      return { fresh: true, ended: entry.ended };
    },
  };
}
