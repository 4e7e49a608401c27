// A comparison of one pair, opened for what the strategy declares: the same by the schedule and by hand.
import type { BucketPair } from '../model/replica.ts';
import { type Site, type Strategy, siteOf } from '../model/strategy.ts';
import { providersOf } from '../objects/reconcile/cost.ts';
import type { PairWork } from '../objects/reconcile/pair-work.ts';
import { createSyncKey } from '../objects/reconcile/sync-key.ts';
import { defaultLimits, defaultRoomBytes } from '../objects/replicate.ts';
import { createRoom } from '../objects/slots.ts';
import type { ObjectBucket } from '../ports/object-bucket.ts';

export type OpenBucket = (site: Site, bucket: string) => Promise<ObjectBucket>;

/** Keys that are worked on at once. */
const keysAtOnce = 16;

/** Nothing is asked of either bucket while this is put together. `store`: beside the pair's first site. Throws where no pair is declared. */
export async function openPairWork(
  pair: BucketPair,
  strategy: Strategy,
  { open, store, clock, chance, owner }: Pick<PairWork, 'store' | 'clock' | 'chance' | 'owner'> & { open: OpenBucket },
): Promise<PairWork> {
  if (!strategy.objects) throw new Error('the strategy pairs no buckets');
  const [left, right] = pair.buckets;
  const limited = { limits: defaultLimits, room: createRoom(defaultRoomBytes) };
  const end = ({ site, bucket }: typeof left) => open(siteOf(strategy, site), bucket);
  return {
    pair,
    ends: { left: await end(left), right: await end(right) },
    providers: providersOf(pair, (site) => siteOf(strategy, site).provider),
    store,
    limits: strategy.objects.reconcile,
    // What is compared may be as old as it likes: the other side's history is always read.
    makeSync: (ends) => createSyncKey(pair, ends, { clock, chance, ...limited, freshSeconds: 0 }),
    concurrency: keysAtOnce,
    clock,
    chance,
    owner,
  };
}
