// What is told of every key that goes through: for the log, and for the figures that people watch.
import type { BucketPair, ReplicationTier } from '../model/replica.ts';

export type Settled = {
  /** `left`: nobody can tell from the two buckets what is right; the next comparison knows more. */
  did: 'nothing' | 'copied' | 'restamped' | 'removed' | 'left';
  sizeBytes: number;
  /** How many versions lost a conflict and were kept aside. */
  keptAside: number;
  /** What the destination cannot carry, each in words. */
  left: readonly string[];
  because: string;
};

export type Note =
  | { kind: 'ignored'; because: string }
  /** Left to its tier's window. */
  | { kind: 'collected'; pair: string; tier: string; keys: number }
  /** `lagSeconds`: since it could have been replicated for the first time. */
  | ({ kind: 'settled'; lagSeconds: number } & Settled & OfKey)
  | ({ kind: 'unfinished' } & OfKey)
  | ({ kind: 'put-off'; reason: string; because: string; waitedSeconds: number } & OfKey)
  /** Something else did not work; what it was about comes again by itself. */
  | { kind: 'trouble'; because: string }
  /** In the dead-letter queue; `pair` null: nobody knows whose it was. */
  | { kind: 'buried'; pair: string | null; tier: string | null; what: string; reason: string; because: string };

type OfKey = { pair: BucketPair['name']; tier: ReplicationTier['name']; key: string };

/** Must not throw, and is not waited for. */
export type Noted = (note: Note) => void;
