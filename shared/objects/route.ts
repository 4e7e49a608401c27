// Where a record of an event goes: nowhere, to be replicated now, to its tier's window, or to the dead letters. Pure.
import type { HeardObject } from '../model/object-hint.ts';
import type { BucketPair, ObjectHint, ReplicationTier } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';
import type { DeadLetter } from '../ports/dead-letters.ts';
import { ownPrefix, tierOf } from './tiers.ts';

export type HeardKey = { pair: BucketPair; tier: ReplicationTier; site: SiteName; hint: ObjectHint };

export type Route =
  | { kind: 'ignored'; because: string }
  | { kind: 'now'; of: HeardKey }
  | { kind: 'window'; of: HeardKey }
  | { kind: 'dead'; letter: DeadLetter };

/** `site`: where this runs, and whose buckets' events it hears. */
export function route(heard: HeardObject, pairs: readonly BucketPair[], site: SiteName): Route {
  if (heard.kind === 'ignored') return heard;
  if (heard.kind === 'rejected') {
    const { because, record } = heard;
    return { kind: 'dead', letter: { reason: 'not-understood', because, what: 'a record of an event', record } };
  }
  const { hint } = heard;
  if (hint.key.startsWith(ownPrefix)) return { kind: 'ignored', because: `${hint.key} is a record of Causeway's own` };
  const pair = pairs.find(({ buckets }) =>
    buckets.some((bucket) => bucket.bucket === hint.bucket && bucket.site === site),
  );
  if (!pair) return { kind: 'dead', letter: ofNoPair(hint, pairs, site) };
  const tier = tierOf(pair, hint.key);
  return { kind: tier.everySeconds === null ? 'now' : 'window', of: { pair, tier, site, hint } };
}

function ofNoPair({ bucket, key }: ObjectHint, pairs: readonly BucketPair[], site: SiteName): DeadLetter {
  const ours = pairs.flatMap(({ buckets }) => buckets).filter((paired) => paired.site === site);
  const names = ours.map((paired) => paired.bucket).join(', ') || 'none';
  const because = `the strategy pairs no bucket "${bucket}" of ${site} (paired there: ${names}): add it to objects.pairs, or take its notification away`;
  return { reason: 'bucket-of-no-pair', because, what: `${bucket}/${key}`, record: null };
}
