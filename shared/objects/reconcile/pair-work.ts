// What a comparison of one pair works with, and how its buckets are metered for one run.
import type { BucketPair } from '../../model/replica.ts';
import type { Provider } from '../../model/site.ts';
import type { ObjectReplication } from '../../model/strategy.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { FoundBaseline } from './baseline.ts';
import type { Checkpoint, FoundState, Scope } from './checkpoint.ts';
import type { Side } from './classify.ts';
import type { UsageBySide } from './cost.ts';
import type { SyncKey } from './key-work.ts';
import type { Ends } from './listings.ts';
import { createMeteredBucket } from './metered-bucket.ts';

export type PairWork = {
  pair: BucketPair;
  ends: Ends;
  providers: Record<Side, Provider>;
  /** Beside the first of the pair's sites: the baseline and the checkpoint lie there. */
  store: ObjectStore;
  limits: ObjectReplication['reconcile'];
  /** Makes what replicates one key between these two buckets, which count what is asked of them. */
  makeSync: (ends: Ends) => SyncKey;
  concurrency: number;
  clock: Clock;
  chance: Chance;
  /** Names this process. */
  owner: string;
};

/** A run that has been begun or taken up, and where it stands. */
export type Begun = {
  checkpoint: Checkpoint;
  found: FoundState;
  /** What both sides held when they were last alike; null: nobody knows. */
  baseline: FoundBaseline | null;
  /** Whose place the next baseline takes: the same, or one that speaks of other buckets. */
  replaces: FoundBaseline | null;
  /** Sentences for a person: that a run is gone on with, that a baseline is not used. */
  notes: string[];
};

/** Both buckets for one run: what is asked of them is added to `usage`, and a side that the scope does not write to is not written to. */
export function meteredEnds({ ends }: PairWork, { writesTo }: Scope, usage: UsageBySide): Ends {
  return {
    left: createMeteredBucket(ends.left, usage.left, writesTo.includes('left')),
    right: createMeteredBucket(ends.right, usage.right, writesTo.includes('right')),
  };
}
