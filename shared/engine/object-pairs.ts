// The pairs of buckets that a strategy declares, opened at both clouds: what a key of one of them comes to.
import type { BucketPair, PairedBucket } from '../model/replica.ts';
import type { Provider } from '../model/site.ts';
import { type Strategy, siteOf } from '../model/strategy.ts';
import type { Outcome } from '../objects/outcome.ts';
import { defaultLimits, defaultRoomBytes, type ReplicateOptions, replicateKey } from '../objects/replicate.ts';
import type { Side } from '../objects/sight.ts';
import { createRoom } from '../objects/slots.ts';
import type { Replicate, Replicated } from '../objects/worker.ts';
import type { Clock } from '../ports/clock.ts';
import type { Cloud } from '../ports/cloud.ts';
import { lazily } from './lazily.ts';

/** Younger than any event that is not late: it was not deleted on the other side, and that side's history is not read. */
const freshSeconds = 60;

export function createPairs(strategy: Strategy, clouds: Record<Provider, Cloud>, clock: Clock): Replicate {
  const options: ReplicateOptions = { clock, limits: defaultLimits, room: createRoom(defaultRoomBytes), freshSeconds };
  const open = async ({ site: name, bucket }: PairedBucket): Promise<Side> => {
    const site = siteOf(strategy, name);
    return { site: name, bucket: await clouds[site.provider].objectBucket(site, bucket) };
  };
  const sidesOf = new Map(
    (strategy.objects?.pairs ?? []).map(({ name, buckets: [left, right] }) => [
      name,
      lazily(async () => [await open(left), await open(right)] as const),
    ]),
  );
  return async ({ pair, key, heard, retried }, untilSeconds) => {
    const sides = await sidesOf.get(pair.name)?.();
    if (!sides) throw new Error(`the pair ${pair.name} is not of this strategy`);
    const work = { key, sides, heard, agreed: null, again: retried, untilSeconds };
    return replicatedOf(await replicateKey(work, options), pair, sides);
  };
}

function replicatedOf(outcome: Outcome, pair: BucketPair, sides: readonly [Side, Side]): Replicated {
  switch (outcome.kind) {
    case 'done': {
      const { what: did, bytes: sizeBytes, keptAside, left, because } = outcome;
      return { kind: 'settled', did, sizeBytes, keptAside: keptAside.length, left, because };
    }
    case 'refused':
      return { kind: 'settled', did: 'left', sizeBytes: 0, keptAside: 0, left: [], because: outcome.because };
    case 'unfinished':
      return { kind: 'unfinished' };
    case 'poison':
      return { kind: 'refused', reason: outcome.reason, because: outcome.because };
    case 'transient': {
      const sick = sides.findIndex(({ bucket }) => bucket.name === outcome.bucket);
      // What is contended or corrupt is one object's trouble, and none of its bucket.
      const isOfBucket = outcome.reason !== 'contended' && outcome.reason !== 'corrupt';
      const { reason, because } = outcome;
      return { kind: 'failed', reason, because, bucket: isOfBucket ? (pair.buckets[sick]?.bucket ?? null) : null };
    }
  }
}
