// The pairs of a strategy as a command works on them: which ones, which way, with which buckets.

import { openPairWork } from '../../shared/engine/pair-work.ts';
import { siteStores } from '../../shared/engine/site-stores.ts';
import type { BucketPair } from '../../shared/model/replica.ts';
import type { Scope } from '../../shared/objects/reconcile/checkpoint.ts';
import type { Side } from '../../shared/objects/reconcile/classify.ts';
import type { Begun, PairWork } from '../../shared/objects/reconcile/pair-work.ts';
import type { Surveyed } from '../../shared/objects/reconcile/survey-run.ts';
import { Unusable } from './failure.ts';
import type { Estate } from './open.ts';
import type { Terminal } from './terminal.ts';

/** A pair that has been surveyed, and what is needed to go on with it. */
export type SurveyedPair = { pair: BucketPair; work: PairWork; begun: Begun; surveyed: Surveyed };

/** The pair of that name, or all. Throws `Unusable` when there is none. */
export function pairsOf({ strategy }: Estate, name: string | undefined): BucketPair[] {
  const pairs = strategy.objects?.pairs ?? [];
  if (pairs.length === 0) throw new Unusable('the strategy pairs no buckets: declare them below objects.pairs');
  const chosen = pairs.filter((pair) => name === undefined || pair.name === name);
  if (chosen.length > 0) return chosen;
  throw new Unusable(`there is no pair "${name}": the pairs are ${pairs.map((pair) => pair.name).join(', ')}`);
}

/** Throws `Unusable` when the pair has no such direction, or the prefix is of Causeway's own keys. */
export function scopeOf(pair: BucketPair, { prefix, direction }: { prefix: string; direction: string }): Scope {
  if (prefix.startsWith('.causeway')) {
    throw new Unusable(`keys below .causeway/ are Causeway's own records, and are never replicated`);
  }
  const [left, right] = pair.buckets;
  const ways: Record<string, Side[]> = {
    both: ['left', 'right'],
    [`${left.site}-to-${right.site}`]: ['right'],
    [`${right.site}-to-${left.site}`]: ['left'],
  };
  const writesTo = Object.hasOwn(ways, direction) ? ways[direction] : undefined;
  if (writesTo) return { prefix, writesTo };
  throw new Unusable(`pair "${pair.name}" has no direction "${direction}": it has ${Object.keys(ways).join(', ')}`);
}

export async function openPair(terminal: Terminal, estate: Estate, pair: BucketPair): Promise<PairWork> {
  const { strategy, around, incarnation, objectBucket: open } = estate;
  const { clock, chance } = terminal;
  const store = siteStores(around).beside(pair.buckets[0].site);
  return openPairWork(pair, strategy, { open, store, clock, chance, owner: `operator-${incarnation}` });
}
