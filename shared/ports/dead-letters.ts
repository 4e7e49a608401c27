// The queue of what nobody could do: for a person to look at, and to send again when it was mended.

export type DeadLetter = {
  /** A word to count by. */
  reason: string;
  /** What was tried, and the way out. */
  because: string;
  /** The key, or that it was a record of an event. */
  what: string;
  /** The record as it came, to be mended and sent again; null: it was understood, and `what` names the key. */
  record: string | null;
};

/** Every function throws `QueueUnavailable`: for `put` that means UNKNOWN, it may be there; twice is better than not at all. */
export type DeadLetters = { put(letters: readonly DeadLetter[]): Promise<void> };
