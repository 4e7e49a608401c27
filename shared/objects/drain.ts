// Empties a queue of keys: each key is worked on once per drain, what is not settled is handed on, and only then is its batch forgotten.
import type { BucketPair } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { DeadLetters } from '../ports/dead-letters.ts';
import type { KeyQueue, QueuedBatch, QueuedKey } from '../ports/key-queue.ts';
import { backOffSeconds, copyBudgetSeconds, isOver, retryBudgetSeconds } from './backoff.ts';
import type { Noted } from './noted.ts';
import { dueMillis, tierOf } from './tiers.ts';
import { createWorkedKeys, type WorkedOn } from './worked-keys.ts';
import type { KeyTask, Worker } from './worker.ts';

export type DrainDeps = {
  site: SiteName;
  pairs: readonly BucketPair[];
  worker: Worker;
  again: KeyQueue;
  dead: DeadLetters;
  noted: Noted;
  clock: Clock;
  chance: Chance;
};

export type Drain = {
  queue: KeyQueue;
  /** Keys that were heard of at or after it are put back: their window has not ended. Null: all are taken. */
  beforeMillis: number | null;
  /** On `Clock.elapsedSeconds`. */
  untilSeconds: number;
};

/** `early`: it was stopped by its time, and more may wait. */
export type Drained = { kind: 'empty' | 'early'; keys: number };

const batchKeys = 500;
/** Batches under way at once: one large object must not hold up what waits behind it. */
const batchesAtOnce = 4;
/** A batch is there again so long after its work must have ended. */
const graceSeconds = 60;
/** With less time left no batch is taken. */
const leastSeconds = 5;

/** Throws `QueueUnavailable` when the queue cannot be read; what was under way has ended then. */
export async function drain(deps: DrainDeps, options: Drain): Promise<Drained> {
  const worked = createWorkedKeys(deps.clock);
  const underWay = new Set<Promise<void>>();
  let keys = 0;
  const leftSeconds = () => options.untilSeconds - deps.clock.elapsedSeconds();
  try {
    while (leftSeconds() > leastSeconds) {
      const takenSeconds = deps.clock.elapsedSeconds();
      const batch = await options.queue.take(batchKeys, Math.ceil(leftSeconds() + graceSeconds));
      // Pub/Sub holds a batch for ten minutes, and an invocation may have an hour: somebody else would copy the same large object meanwhile.
      const untilSeconds = Math.min(options.untilSeconds, takenSeconds + batch.heldSeconds - graceSeconds);
      if (batch.keys.length === 0) {
        await Promise.all(underWay);
        return { kind: 'empty', keys };
      }
      const early = batch.keys.filter((one) => isEarly(one, options));
      const due = batch.keys.filter((one) => !isEarly(one, options)).sort(deletedFirst);
      const work = due.map((one) => worked.once(one, () => workOnOne(deps, one, untilSeconds)));
      keys += work.filter(({ fresh }) => fresh).length;
      const each = work.map(({ ended }) => ended);
      const ended = conclude(deps, options.queue, batch, each, early).finally(() => underWay.delete(ended));
      underWay.add(ended);
      // All that came was of the next window: what is behind it is as new.
      if (early.length === batch.keys.length) break;
      if (underWay.size >= batchesAtOnce) await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay);
  }
  return { kind: leftSeconds() > leastSeconds ? 'empty' : 'early', keys };
}

/** A batch comes again by itself when one of its keys could neither be settled nor handed on. */
async function conclude(
  { noted }: DrainDeps,
  queue: KeyQueue,
  batch: QueuedBatch,
  work: readonly Promise<WorkedOn>[],
  early: readonly QueuedKey[],
): Promise<void> {
  try {
    const putBack = early.length > 0 ? queue.push(early, { delaySeconds: 0 }) : null;
    for (const one of await Promise.allSettled([putBack, ...work])) if (one.status === 'rejected') throw one.reason;
    await batch.done();
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    noted({ kind: 'trouble', because: `${queue.name}: ${batch.keys.length} keys come again, because ${because}` });
  }
}

async function workOnOne(deps: DrainDeps, queued: QueuedKey, untilSeconds: number): Promise<WorkedOn> {
  const { pair: name, key } = queued;
  const pair = deps.pairs.find((one) => one.name === name);
  if (!pair) {
    const because = `the strategy has no pair "${name}" (any more); it names ${deps.pairs.map((one) => one.name).join(', ')}`;
    return bury(deps, queued, null, 'of-no-pair', because);
  }
  const tier = tierOf(pair, key);
  const due = dueMillis(tier, queued.sinceMillis);
  const waitedSeconds = () => Math.max(0, deps.clock.now().getTime() - due) / 1000;
  const task = { pair, tier, key, heard: heardOf(pair, queued), dueMillis: due, retried: true };
  const worked = await deps.worker(task, untilSeconds);
  switch (worked.kind) {
    case 'settled':
      return 'ended';
    case 'unfinished': {
      if (waitedSeconds() <= copyBudgetSeconds) return handOn(deps, queued, 0);
      const because = `its copy has gone on for ${Math.round(waitedSeconds())} s, and ${copyBudgetSeconds} s is the limit: give the function more time, or copy it by hand`;
      return bury(deps, queued, tier.name, 'given-up', because);
    }
    case 'refused':
      return bury(deps, queued, tier.name, worked.reason, worked.because);
    case 'put-off': {
      const { tried, atLeastSeconds } = worked;
      // What only waits is not given up: so many may wait, or a bucket be away for so long, that their turn is a day away.
      if (tried && isOver(queued.failedSeconds)) {
        const because = `tried in vain for ${Math.round(queued.failedSeconds)} s, and ${retryBudgetSeconds} s is the limit; the last time: ${worked.because}`;
        return bury(deps, queued, tier.name, 'given-up', because);
      }
      const delaySeconds = Math.ceil(Math.max(backOffSeconds(queued.failedSeconds, deps.chance), atLeastSeconds));
      const failedSeconds = queued.failedSeconds + (tried ? delaySeconds : 0);
      return handOn(deps, { ...queued, failedSeconds }, delaySeconds);
    }
  }
}

async function handOn({ again }: DrainDeps, queued: QueuedKey, delaySeconds: number): Promise<WorkedOn> {
  await again.push([queued], { delaySeconds });
  return 'handed-on';
}

/** Looking tells of what is there; of what is gone from a bucket without versions, the event alone does. */
function heardOf({ buckets }: BucketPair, { key, site, deletedMillis }: QueuedKey): KeyTask['heard'] {
  const paired = buckets.find((bucket) => bucket.site === site);
  if (!paired || deletedMillis === null) return null;
  const { bucket } = paired;
  const rest = { kind: 'deleted', version: null, sequencer: null, of: null } as const;
  return { site: paired.site, hint: { bucket, key, timeMillis: deletedMillis, ...rest } };
}

async function bury(
  deps: DrainDeps,
  queued: QueuedKey,
  tier: string | null,
  reason: string,
  because: string,
): Promise<WorkedOn> {
  const what = `${queued.pair}/${queued.key}`;
  await deps.dead.put([{ reason, because, what, record: null }]);
  deps.noted({ kind: 'buried', pair: queued.pair, tier, what, reason, because });
  return 'ended';
}

function isEarly({ sinceMillis }: QueuedKey, { beforeMillis }: Drain): boolean {
  return beforeMillis !== null && sinceMillis >= beforeMillis;
}

/** So that what was queued when it was written, and again when it was deleted, is looked at once. */
function deletedFirst(one: QueuedKey, other: QueuedKey): number {
  return (other.deletedMillis ?? 0) - (one.deletedMillis ?? 0);
}
