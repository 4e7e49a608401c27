// The scheduled comparison of the pairs that this site answers for: each pair's first site does, so that one begins it.
import type { BucketPair } from '../model/replica.ts';
import type { Provider } from '../model/site.ts';
import type { Site, Strategy } from '../model/strategy.ts';
import { reconcileWhenDue, type Scheduled } from '../objects/reconcile/scheduled.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { errorFields, type Log } from './log.ts';
import { type OpenBucket, openPairWork } from './pair-work.ts';

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
    const { strategy, here, clouds, store, clock, chance } = deps;
    const open: OpenBucket = (site, bucket) => clouds[site.provider].objectBucket(site, bucket);
    const work = await openPairWork(pair, strategy, {
      open,
      store,
      clock,
      chance,
      owner: `${here.name}-${chance.id()}`,
    });
    return await reconcileWhenDue(work, untilSeconds, new AbortController().signal);
  } catch (error) {
    deps.log('WARNING', `the comparison of ${pair.name} was broken off`, errorFields(error));
    return { kind: 'failed', because: error instanceof Error ? error.message : String(error) };
  }
}
