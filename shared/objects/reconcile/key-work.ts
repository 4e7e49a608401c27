// What a reconciliation asks of whoever replicates one key, and what it hears back.
import type { Origin } from '../../model/replica.ts';
import type { Alike } from '../outcome.ts';
import type { Side } from './classify.ts';

export type KeyOutcome =
  /** `alike` null here and below: neither side has it, or it was not seen on both. */
  | { kind: 'nothing'; alike: Alike | null }
  /** `left`: what the side that was written cannot carry, each in words. */
  | { kind: 'copied'; to: Side; sizeBytes: number; alike: Alike | null; left: readonly string[]; keptAside: boolean }
  | { kind: 'restamped'; at: Side; alike: Alike | null; left: readonly string[] }
  | { kind: 'removed'; at: Side }
  /** Cannot be done, and trying again will not help: a person must look. */
  | { kind: 'refused'; reason: string; because: string }
  /** Did not work this time. `bucket`: the one that did not answer, or null. */
  | { kind: 'failed'; reason: string; because: string; bucket: string | null }
  /** A large copy that was stopped before the time limit; what it has done stays. */
  | { kind: 'unfinished' };

/**
 * Looks at one key on both sides, decides and does it. `agreed`: the version that both sides had when they were last alike, which
 * makes a side that has lost it since a deleter. Never throws for a bucket, except `Withheld`, which goes through.
 */
export type SyncKey = (
  key: string,
  about: {
    agreed: Origin | null /** When the work must have stopped, on `Clock.elapsedSeconds`. */;
    untilSeconds: number;
  },
) => Promise<KeyOutcome>;
