// The flow of events by itself: queues in memory, a clock of the test's own, and a replication that the test answers for.
import type { ObjectHint } from '../../../shared/model/replica.ts';
import { createBreaker } from '../../../shared/objects/breaker.ts';
import type { Note } from '../../../shared/objects/noted.ts';
import { createSlots } from '../../../shared/objects/slots.ts';
import { createWorker, type KeyTask, type Replicated } from '../../../shared/objects/worker.ts';
import type { DeadLetter } from '../../../shared/ports/dead-letters.ts';
import { type KeyQueue, type QueuedKey, QueueUnavailable } from '../../../shared/ports/key-queue.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';

const pair = {
  name: 'assets',
  buckets: [
    { site: 'aws', bucket: 'left' },
    { site: 'gcp', bucket: 'right' },
  ] as const,
  tiers: [
    { name: 'critical', prefix: 'critical/', everySeconds: null },
    { name: 'uploads', prefix: 'uploads/', everySeconds: 300 },
    { name: 'logs', prefix: 'logs/', everySeconds: 3600 },
    { name: 'other', prefix: '', everySeconds: 300 },
  ],
};

export const copied: Replicated = {
  kind: 'settled',
  did: 'copied',
  sizeBytes: 10,
  keptAside: 0,
  left: [],
  because: 'it was written last',
};

type MemoryQueue = KeyQueue & {
  waiting(): QueuedKey[];
  broken: boolean;
  longestHoldSeconds: number;
  /** What is held is visible again, before its hold is over. */
  deliverAgain(): void;
  /** Resolves when somebody has found nothing in it. */
  drained(): Promise<void>;
};

/** Visible at once or after their delay; held while taken, and there again when nobody calls them done. */
function memoryQueue(name: string, clock: ManualClock) {
  let messages: { key: QueuedKey; visibleAt: number }[] = [];
  const waiters: (() => void)[] = [];
  const queue: MemoryQueue = {
    name,
    broken: false,
    longestHoldSeconds: Number.POSITIVE_INFINITY,
    waiting: () => messages.map(({ key }) => key),
    deliverAgain() {
      for (const one of messages) one.visibleAt = clock.elapsedSeconds();
    },
    drained: () => new Promise((resolve) => waiters.push(resolve)),
    async push(keys, { delaySeconds }) {
      if (queue.broken) throw new QueueUnavailable(`${name} is broken`);
      for (const key of keys) messages.push({ key, visibleAt: clock.elapsedSeconds() + delaySeconds });
    },
    async take(limit, holdSeconds) {
      if (queue.broken) throw new QueueUnavailable(`${name} is broken`);
      const taken = messages.filter(({ visibleAt }) => visibleAt <= clock.elapsedSeconds()).slice(0, limit);
      const heldSeconds = Math.min(holdSeconds, queue.longestHoldSeconds);
      for (const one of taken) one.visibleAt = clock.elapsedSeconds() + heldSeconds;
      if (taken.length === 0) for (const tell of waiters.splice(0)) tell();
      return {
        keys: taken.map(({ key }) => key),
        heldSeconds,
        done: async () => {
          messages = messages.filter((one) => !taken.includes(one));
        },
      };
    },
    depth: async () => messages.length,
  };
  return queue;
}

export function createFlowWorld(atOnce = 4) {
  const clock = createManualClock();
  const tasks: KeyTask[] = [];
  const notes: Note[] = [];
  const letters: DeadLetter[] = [];
  const windows = new Map(pair.tiers.map(({ name }) => [name, memoryQueue(name, clock)]));
  const world = {
    clock,
    chance: { fraction: () => 0.5, id: () => 'id' },
    site: 'aws',
    pairs: [pair],
    again: memoryQueue('again', clock),
    window: (tier: string) => windows.get(tier)!,
    windowQueue: (_pair: unknown, { name }: { name: string }) => windows.get(name)!,
    deadIsBroken: false,
    dead: {
      put: async (put: readonly DeadLetter[]) => {
        if (world.deadIsBroken) throw new QueueUnavailable('the dead letters are broken');
        letters.push(...put);
      },
    },
    letters,
    notes,
    noted: (note: Note) => void notes.push(note),
    tasks,
    keys: () => tasks.map(({ key }) => key),
    /** What replicating a key comes to. */
    answer: async (_task: KeyTask): Promise<Replicated> => copied,
    worker: createWorker({
      replicate: async (task): Promise<Replicated> => {
        tasks.push(task);
        return world.answer(task);
      },
      breaker: createBreaker(clock),
      slots: createSlots(atOnce),
      clock,
      noted: (note) => void notes.push(note),
    }),
  };
  return world;
}

export function hint(key: string, over: Partial<ObjectHint> = {}): { kind: 'hint'; hint: ObjectHint } {
  const timeMillis = Date.parse('2026-11-23T12:00:00.000Z');
  return {
    kind: 'hint',
    hint: { bucket: 'left', key, kind: 'written', version: 'v1', sequencer: null, timeMillis, of: null, ...over },
  };
}

export function queued(key: string, sinceMillis: number, over: Partial<QueuedKey> = {}): QueuedKey {
  return { pair: 'assets', key, site: 'aws', sinceMillis, deletedMillis: null, failedSeconds: 0, ...over };
}

export const failing = (bucket: string | null): Replicated => ({
  kind: 'failed',
  reason: 'time-out',
  because: `${bucket} did not answer within 5 s`,
  bucket,
});
