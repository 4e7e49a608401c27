// How the replication of one key ended, with all that a log line, a metric and a dead letter need.
import type { ObjectVersion, Origin } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';

/** `origin`: which version it is; its time is what lag counts from. */
export type Alike = { left: ObjectVersion; right: ObjectVersion; origin: Origin };

export type Deed = 'nothing' | 'copied' | 'restamped' | 'removed';

export type Outcome = { because: string } & (
  | {
      kind: 'done';
      what: Deed;
      /** The side that was written; null: none was. */
      at: SiteName | null;
      bytes: number;
      /** What is on both sides now, in the order in which they were named; null: neither has it, or nobody looked again. */
      alike: Alike | null;
      /** Where the versions that lost a conflict are kept. */
      keptAside: readonly string[];
      /** What the destination cannot carry, each in words. */
      left: readonly string[];
    }
  /** Out of time in the middle of a large copy: to be called again, which goes on from there. */
  | { kind: 'unfinished'; bytes: number; doneBytes: number }
  /** Nothing that calling again would change; reconciliation, or a person, decides. Nothing was done. */
  | { kind: 'refused'; reason: 'origin-lost' }
  /** Will never do as it is: to be put aside with its reason. */
  | { kind: 'poison'; reason: 'uncarriable' | 'invalid' }
  /** To be called again later: `refused` and `corrupt` also to be told to a person, for they seldom mend themselves. */
  | {
      kind: 'transient';
      reason: 'time-out' | 'throttled' | 'failed' | 'refused' | 'corrupt' | 'contended';
      bucket: string | null;
    }
);
