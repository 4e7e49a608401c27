// Runs and steps: a scenario being carried out, as both clouds see it in the register.
import * as z from 'zod';
import { Action } from './scenario.ts';
import { Instant } from './signal.ts';
import { SiteName } from './site.ts';

/**
 * A claim on a step. It carries a duration and no end time: who wants to take a step over must itself have watched
 * the same claim for that long, so that no two clocks are compared.
 */
export const Claim = z.object({
  by: z.string(),
  attempt: z.int().positive(),
  deadlineSeconds: z.number().positive(),
});
export type Claim = z.infer<typeof Claim>;

/**
 * pending: not begun. claimed: somebody is at it. unknown: tried, and nobody could find out how it ended, so it is observed
 * before anything else. blocked: cannot go on until `blocker` is lifted. refused: will never be done, and why is said.
 */
export const StepStatus = z.enum(['pending', 'claimed', 'unknown', 'blocked', 'done', 'failed', 'refused']);
export type StepStatus = z.infer<typeof StepStatus>;

export const Step = z.object({
  id: z.string(),
  /** The user's own spelling. */
  written: z.string(),
  action: Action,
  /** Ids of the steps that must be done before. */
  after: z.array(z.string()),
  /** The site whose keeper must do it (database work); null: any keeper of either cloud. */
  onlyAt: SiteName.nullable(),
  status: StepStatus,
  attempts: z.int().nonnegative(),
  claim: Claim.nullable(),
  by: z.string().nullable(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** What was found or done, in a sentence. */
  detail: z.string().nullable(),
  /** What stops it and what would unblock it, in a sentence. */
  blocker: z.string().nullable(),
});
export type Step = z.infer<typeof Step>;

/** One observer's part in the case that a run was opened on. */
export const Evidence = z.object({
  vantage: z.string(),
  ground: z.string(),
  says: z.string(),
});
export type Evidence = z.infer<typeof Evidence>;

/** A planned move: nobody is down, so that nothing may be lost. */
export const HandOver = z.object({
  from: SiteName,
  /** From the moment at which the writer may fence; when the other side has not taken the role by then, the writer takes it back. */
  deadlineSeconds: z.number().positive(),
});
export type HandOver = z.infer<typeof HandOver>;

/** aborted: a planned move that ended with the role where it was. overtaken: one that a loss made pointless, and that gave way. */
export const RunOutcome = z.enum(['done', 'done-with-failures', 'abandoned', 'aborted', 'overtaken']);
export type RunOutcome = z.infer<typeof RunOutcome>;

export const Run = z.object({
  id: z.string(),
  scenario: z.string(),
  /** The site that the run moves the application to, or keeps it on. */
  target: SiteName,
  /** The epoch when the run was opened; taking authority in the run raises the situation's epoch by one. */
  epochBefore: z.int().positive(),
  /** Null: the run answers a loss. */
  handOver: HandOver.nullable().default(null),
  because: z.string(),
  evidence: z.array(Evidence),
  openedAt: Instant,
  openedBy: z.string(),
  /** From when the patience of its steps is counted: its opening, the end of the last pause, or the hand-over of a planned move. */
  patientSince: Instant,
  steps: z.array(Step).min(1),
  /** Set when nothing is left to do; the run then leaves the situation for the journal. */
  outcome: RunOutcome.nullable(),
  endedAt: Instant.nullable(),
});
export type Run = z.infer<typeof Run>;
