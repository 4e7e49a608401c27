// One key, worked on: within the bounds of this process, with sick buckets left alone, and with every ending told in the words of a queue.
import type { BucketPair, ObjectHint, ReplicationTier } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';
import type { Clock } from '../ports/clock.ts';
import type { Breaker } from './breaker.ts';
import type { Noted, Settled } from './noted.ts';
import type { Slots } from './slots.ts';

export type KeyTask = {
  pair: BucketPair;
  tier: ReplicationTier;
  key: string;
  /** The event that made us look, and of which side it came: of several the last that speaks of a deletion. Null: it is no longer known. */
  heard: { site: SiteName; hint: ObjectHint } | null;
  /** Since when it may be replicated: milliseconds since 1970. */
  dueMillis: number;
  /** It was tried before, or is late: what is cheap and usually right is not enough. */
  retried: boolean;
};

/**
 * What comes of one key that was looked at on both sides, judged and done. `refused`: never as it is. `bucket`: the one that did not
 * answer, or null.
 */
export type Replicated =
  | ({ kind: 'settled' } & Settled)
  | { kind: 'unfinished' }
  | { kind: 'refused'; reason: string; because: string }
  | { kind: 'failed'; reason: string; because: string; bucket: string | null };

/** Must have stopped by `untilSeconds`, on `Clock.elapsedSeconds`. */
export type Replicate = (task: KeyTask, untilSeconds: number) => Promise<Replicated>;

/**
 * `put-off`: to be tried again; after `atLeastSeconds`, where somebody knows. `tried`: in vain, and not that it only waited for its turn,
 * because the invocation ends or a bucket is left alone.
 */
export type Worked =
  | Extract<Replicated, { kind: 'settled' | 'unfinished' | 'refused' }>
  | { kind: 'put-off'; tried: boolean; reason: string; because: string; atLeastSeconds: number };

export type Worker = (task: KeyTask, untilSeconds: number) => Promise<Worked>;

export type WorkerDeps = { replicate: Replicate; breaker: Breaker; slots: Slots; clock: Clock; noted: Noted };

/** What one key needs at the least; with less left of an invocation it is not begun. */
const leastSeconds = 2;

/** Never rejects: one key's trouble is its own. */
export function createWorker(deps: WorkerDeps): Worker {
  return async (task, untilSeconds) => {
    const worked = await deps.slots.run(() => attempt(deps, task, untilSeconds));
    note(deps, task, worked);
    return worked;
  };
}

async function attempt(
  { replicate, breaker, clock }: WorkerDeps,
  task: KeyTask,
  untilSeconds: number,
): Promise<Worked> {
  const leftSeconds = untilSeconds - clock.elapsedSeconds();
  if (leftSeconds < leastSeconds) {
    const because = `${leftSeconds.toFixed(1)} s were left of this invocation, and a key needs ${leastSeconds}`;
    return { kind: 'put-off', tried: false, reason: 'out-of-time', because, atLeastSeconds: 0 };
  }
  const resting = restOf(task.pair, breaker);
  if (resting) return resting;
  const replicated = await replicate(task, untilSeconds).catch(unexpected);
  if (replicated.kind !== 'failed') {
    for (const { bucket } of task.pair.buckets) breaker.answered(bucket);
    return replicated;
  }
  const { reason, because, bucket } = replicated;
  if (bucket !== null) breaker.failed(bucket);
  return { kind: 'put-off', tried: true, reason, because, atLeastSeconds: 0 };
}

function restOf({ buckets }: BucketPair, breaker: Breaker): Worked | null {
  for (const { bucket } of buckets) {
    const seconds = breaker.restSeconds(bucket);
    if (seconds === null) continue;
    const because = `${bucket} has failed again and again, and is left alone for ${seconds.toFixed(0)} s more`;
    return { kind: 'put-off', tried: false, reason: 'bucket-resting', because, atLeastSeconds: seconds };
  }
  return null;
}

function unexpected(error: unknown): Replicated {
  const because = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'failed', reason: 'unexpected', because, bucket: null };
}

/** What is refused is told of when it is buried. */
function note({ clock, noted }: WorkerDeps, { pair, tier, key, dueMillis }: KeyTask, worked: Worked): void {
  const of = { pair: pair.name, tier: tier.name, key };
  const waitedSeconds = Math.max(0, clock.now().getTime() - dueMillis) / 1000;
  if (worked.kind === 'settled') noted({ ...worked, ...of, lagSeconds: waitedSeconds });
  else if (worked.kind === 'unfinished') noted({ ...worked, ...of });
  else if (worked.kind === 'put-off') {
    noted({ kind: 'put-off', ...of, reason: worked.reason, because: worked.because, waitedSeconds });
  }
}
