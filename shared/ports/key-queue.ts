// A queue of keys to be looked at again: what a windowed tier collects, and what an unfinished copy goes on from.

/** Which key of which pair, from which side's event, and since when it waits (milliseconds since 1970). */
export type QueuedKey = {
  pair: string;
  key: string;
  site: string;
  sinceMillis: number;
  /** When an event said that it was deleted at that side, which a bucket without versions does not remember. Null: none did. */
  deletedMillis: number | null;
  /** How long it has waited because it was tried in vain; not counted is what it waited for its turn. */
  failedSeconds: number;
};

export type QueuedBatch = {
  keys: QueuedKey[];
  /** For so long, since it was asked for, nobody else is given them: what was wanted, or as long as the service holds anything. */
  heldSeconds: number;
  /** Forgets the batch: it has been done, or handed on. */
  done(): Promise<void>;
};

/** At least once, in any order. Every function throws `QueueUnavailable`: for `push` that means UNKNOWN, it may be there. */
export type KeyQueue = {
  readonly name: string;
  push(keys: readonly QueuedKey[], options: { delaySeconds: number }): Promise<void>;
  /** Takes up to `limit` keys; what is not called done in `heldSeconds` is there again. An empty batch: nothing waits. */
  take(limit: number, holdSeconds: number): Promise<QueuedBatch>;
  /** About how many wait. */
  depth(): Promise<number>;
};

export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';
}
