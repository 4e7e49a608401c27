// What the parsers of storage events answer: hints of keys to look at, and what is none, each with its reason.
import type { ObjectHint } from './replica.ts';

/**
 * One record of a delivery. `ignored`: understood, and nothing to replicate (a test, an ACL, what an overwrite replaced). `rejected`: not
 * what its source sends, or of a source that is not taken; delivering it again will not help. `record`: its text, so that a person can mend
 * it and send it again.
 */
export type HeardObject =
  | { kind: 'hint'; hint: ObjectHint }
  | { kind: 'ignored'; because: string }
  | { kind: 'rejected'; because: string; record: string };

/** What one message of a queue held: it is acknowledged, or handed back, as a whole. Null: it came without a queue. */
export type HeardMessage = { messageId: string | null; heard: HeardObject[] };
