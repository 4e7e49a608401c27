// The journal: the append-only record of signals, decisions and step results, one hash chain per appender.
import * as z from 'zod';
import { Evidence, Run, Step } from './run.ts';
import { Instant, Rejection, Signal } from './signal.ts';
import { Override } from './situation.ts';

/** What can have happened; kinds are in the past tense. */
export const JournalEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('signal-received'), signal: Signal }),
  z.object({ kind: z.literal('signal-rejected'), rejection: Rejection }),
  z.object({
    kind: z.literal('decided'),
    rule: z.string(),
    because: z.string(),
    blockedBy: z.string().nullable(),
    unblock: z.string().nullable(),
    evidence: z.array(Evidence),
  }),
  z.object({ kind: z.literal('run-opened'), run: Run }),
  z.object({ kind: z.literal('run-ended'), run: Run }),
  z.object({ kind: z.literal('step-changed'), run: z.string(), step: Step }),
  z.object({
    kind: z.literal('authority-taken'),
    writer: z.string(),
    epoch: z.int(),
    because: z.string(),
  }),
  z.object({
    kind: z.literal('writer-fenced'),
    site: z.string(),
    epoch: z.int(),
    because: z.string(),
  }),
  z.object({
    kind: z.literal('operator-commanded'),
    command: z.string(),
    by: z.string(),
    reason: z.string(),
  }),
  z.object({
    kind: z.literal('override-used'),
    override: Override,
    usedBy: z.string(),
  }),
  z.object({
    kind: z.literal('notified'),
    channel: z.string(),
    dedupKey: z.string(),
    outcome: z.string(),
  }),
  z.object({
    kind: z.literal('readiness-lost'),
    site: z.string(),
    /** Each with what was found. */
    findings: z.array(z.string()),
  }),
  z.object({ kind: z.literal('readiness-regained'), site: z.string(), about: z.array(z.string()) }),
  z.object({
    kind: z.literal('trouble-met'),
    where: z.string(),
    message: z.string(),
  }),
]);
export type JournalEvent = z.infer<typeof JournalEvent>;

/** One link of a chain. `hash` is the SHA-256 (hex) of the entry's canonical JSON without `hash`. */
export const JournalEntry = z.object({
  schema: z.literal(1),
  appender: z.string(),
  sequence: z.int().nonnegative(),
  at: Instant,
  /** The situation's epoch that the appender knew; null before it has read one. */
  epoch: z.int().nullable(),
  previousHash: z.string(),
  event: JournalEvent,
  hash: z.string(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;
