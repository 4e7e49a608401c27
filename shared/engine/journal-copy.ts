// One store's copy of this process's journal: entries wait here, in order, until the store has them.
import { type ObjectStore, StoreUnavailable } from '../ports/object-store.ts';

export type JournalTrouble = {
  store: string;
  /**
   * unreachable: the store failed; entries wait. late: it has not answered within the wait. recovered: it has everything again.
   * dropped: too many waited; that entry will be missing there. forked: another entry is there already; this one will be missing.
   */
  kind: 'unreachable' | 'late' | 'recovered' | 'dropped' | 'forked';
  message: string;
  cause: unknown;
};

export type JournalCopy = {
  readonly store: string;
  push(key: string, body: string): void;
  /** Writes what waits; ends when all is written or at the first failure. Never rejects. */
  pump(): Promise<void>;
  waiting(): number;
  /** False from its first failure until everything has been written: nobody should wait for it meanwhile. */
  isWell(): boolean;
  /** Notes that it has kept somebody waiting for that long. */
  noteLate(seconds: number): void;
};

type Waiting = { key: string; body: string };

export function createJournalCopy(
  store: ObjectStore,
  maxWaiting: number,
  onTrouble: (trouble: JournalTrouble) => void,
): JournalCopy {
  let queue: Waiting[] = [];
  let pumping: Promise<void> | null = null;
  let well = true;
  const tell = (kind: JournalTrouble['kind'], message: string, cause: unknown = null) =>
    onTrouble({ store: store.name, kind, message: `${store.name}: ${message}`, cause });

  /** Called with something in the queue, so that it never ends before `pumping` is set. */
  async function drain(): Promise<void> {
    try {
      for (let head = queue[0]; head; head = queue[0]) {
        const written = head;
        if (!(await write(store, written))) {
          tell('forked', `${written.key} is there with other content, so that two processes append under one name`);
        }
        queue = queue.filter((one) => one !== written);
      }
      if (!well) tell('recovered', 'every entry that waited has been written');
      well = true;
    } catch (error) {
      // Said once for an outage, not once for each entry that waits it out.
      if (well) tell('unreachable', `${queue[0]?.key} could not be written and waits in memory`, error);
      well = false;
    } finally {
      // In the same turn as the last look at the queue: what is pushed from now on needs a new pump.
      pumping = null;
    }
  }

  return {
    store: store.name,
    push(key, body) {
      queue.push({ key, body });
      if (queue.length <= maxWaiting) return;
      const dropped = queue.shift();
      tell('dropped', `${dropped?.key} was dropped: ${maxWaiting} entries wait in memory, and no more are kept`);
    },
    pump() {
      if (pumping === null && queue.length > 0) pumping = drain();
      return pumping ?? Promise.resolve();
    },
    waiting: () => queue.length,
    isWell: () => well,
    noteLate(seconds) {
      if (well) tell('late', `no answer within ${seconds} s; ${queue.length} entries wait in memory`);
      well = false;
    },
  };
}

/** True when the store has exactly this entry. A conflict may be our own earlier write whose answer was lost. Throws `StoreUnavailable`. */
async function write(store: ObjectStore, { key, body }: Waiting): Promise<boolean> {
  const result = await store.put(key, body, {
    condition: { kind: 'absent' },
    contentType: 'application/json',
    cacheControl: null,
  });
  if (result.kind === 'written') return true;
  const found = await store.get(key);
  if (found === null)
    throw new StoreUnavailable(store.name, 'failed', `${key} was a conflict, and yet it is not there`);
  return found.body === body;
}
