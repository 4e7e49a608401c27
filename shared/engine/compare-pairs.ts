// The scheduled comparison of the pairs that this site answers for: each pair's first site does, so that one begins it.
import type { BucketPair, PairedBucket } from '../model/replica.ts';
import type { Provider } from '../model/site.ts';
import { type Site, type Strategy, siteOf } from '../model/strategy.ts';
import { providersOf } from '../objects/reconcile/cost.ts';
import type { PairWork } from '../objects/reconcile/pair-work.ts';
import { reconcileWhenDue, type Scheduled } from '../objects/reconcile/scheduled.ts';
import { createSyncKey } from '../objects/reconcile/sync-key.ts';
import { defaultLimits } from '../objects/replicate.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { errorFields, type Log } from './log.ts';

export type CompareDeps = {
  strategy: Strategy;
  here: Site;
  clouds: Record<Provider, Cloud>;
  /** Beside this site. */
  store: ObjectStore;
  clock: Clock;
  chance: Chance;
  log: Log;
};

/** `failed`: a listing or a store did not answer; the next invocation goes on. */
export type Compared = { pair: BucketPair['name']; outcome: Scheduled | { kind: 'failed'; because: string } };

const keysAtOnce = 16;

/** One pair after another; one that fails does not keep the next from being compared. */
export async function comparePairs(deps: CompareDeps, untilSeconds: number): Promise<Compared[]> {
  const { strategy, here, log } = deps;
  const compared: Compared[] = [];
  for (const pair of strategy.objects?.pairs ?? []) {
    if (pair.buckets[0].site !== here.name) continue;
    const one = { pair: pair.name, outcome: await comparePair(deps, pair, untilSeconds) };
    const loud = one.outcome.kind === 'failed' || one.outcome.kind === 'refused';
    log(loud ? 'ERROR' : 'INFO', `the comparison of ${pair.name}: ${one.outcome.kind}`, { compared: one });
    compared.push(one);
  }
  return compared;
}

async function comparePair(deps: CompareDeps, pair: BucketPair, untilSeconds: number): Promise<Compared['outcome']> {
  try {
    return await reconcileWhenDue(await workOf(deps, pair), untilSeconds, new AbortController().signal);
  } catch (error) {
    deps.log('WARNING', `the comparison of ${pair.name} was broken off`, errorFields(error));
    return { kind: 'failed', because: error instanceof Error ? error.message : String(error) };
  }
}

async function workOf(
  { strategy, clouds, store, clock, chance, here }: CompareDeps,
  pair: BucketPair,
): Promise<PairWork> {
  const { objects } = strategy;
  if (!objects) throw new Error('the strategy pairs no buckets');
  const open = ({ site: name, bucket }: PairedBucket) => {
    const site = siteOf(strategy, name);
    return clouds[site.provider].objectBucket(site, bucket);
  };
  const [left, right] = pair.buckets;
  return {
    pair,
    ends: { left: await open(left), right: await open(right) },
    providers: providersOf(pair, (name) => siteOf(strategy, name).provider),
    store,
    limits: objects.reconcile,
    makeSync: (ends) => createSyncKey(pair, ends, { clock, chance, limits: defaultLimits, freshSeconds: 0 }),
    concurrency: keysAtOnce,
    clock,
    chance,
    owner: `${here.name}-${chance.id()}`,
  };
}
