// One key of a reconciliation: replicated as after an event, with the baseline as a witness, and tried again when a bucket fails.
import type { BucketPair } from '../../model/replica.ts';
import type { Chance } from '../../ports/clock.ts';
import type { Outcome } from '../outcome.ts';
import { type ReplicateOptions, replicateKey } from '../replicate.ts';
import type { KeyOutcome, SyncKey } from './key-work.ts';
import type { Ends } from './listings.ts';

export type SyncKeyOptions = ReplicateOptions & { chance: Chance };

/** How often a key is tried whose bucket did not answer, and the longest wait before the second time; it doubles. */
const TRIES = 4;
const FIRST_WAIT_SECONDS = 0.5;

export function createSyncKey({ buckets }: BucketPair, ends: Ends, options: SyncKeyOptions): SyncKey {
  const [left, right] = buckets;
  const sides = [
    { site: left.site, bucket: ends.left },
    { site: right.site, bucket: ends.right },
  ] as const;
  return async (key, { agreed, untilSeconds }) => {
    for (let tried = 1; ; tried += 1) {
      // Events may have been lost, which is why this is done at all: nothing is taken on trust.
      const work = { key, sides, heard: null, agreed, again: true, untilSeconds };
      const outcome = outcomeOf(await replicateKey(work, options), left.site);
      if (outcome.kind !== 'failed' || tried === TRIES) return outcome;
      const waitSeconds = FIRST_WAIT_SECONDS * 2 ** (tried - 1) * options.chance.fraction();
      if (options.clock.elapsedSeconds() + waitSeconds >= untilSeconds) return outcome;
      await options.clock.sleep(waitSeconds);
    }
  };
}

function outcomeOf(outcome: Outcome, leftSite: string): KeyOutcome {
  switch (outcome.kind) {
    case 'done':
      return outcomeOfDeed(outcome, outcome.at === leftSite ? 'left' : 'right');
    case 'unfinished':
      return { kind: 'unfinished' };
    case 'refused':
    case 'poison':
      return { kind: 'refused', reason: outcome.reason, because: outcome.because };
    case 'transient':
      return { kind: 'failed', reason: outcome.reason, because: outcome.because, bucket: outcome.bucket };
  }
}

function outcomeOfDeed(done: Extract<Outcome, { kind: 'done' }>, side: 'left' | 'right'): KeyOutcome {
  const { alike, left } = done;
  switch (done.what) {
    case 'nothing':
      return { kind: 'nothing', alike };
    case 'removed':
      return { kind: 'removed', at: side };
    case 'restamped':
      return { kind: 'restamped', at: side, alike, left };
    case 'copied':
      return { kind: 'copied', to: side, sizeBytes: done.bytes, alike, left, keptAside: done.keptAside.length > 0 };
  }
}
