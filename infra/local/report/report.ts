// The report of a drill: what was promised, what was measured, and who did what when.
import * as z from 'zod';
import { StepStatus } from '../../../shared/model/run.ts';
import { Instant } from '../../../shared/model/signal.ts';

/** What could not be measured is null, and never 0. */
const Measured = z.number().nullable();

export const Objective = z.object({
  name: z.string(),
  unit: z.enum(['seconds', 'count']),
  /** The most that is allowed. */
  limit: z.number(),
  measured: Measured,
  /** Null: could not be measured, which holds nothing. */
  held: z.boolean().nullable(),
});
export type Objective = z.infer<typeof Objective>;

export const ReportStep = z.object({
  action: z.string(),
  status: StepStatus,
  by: z.string().nullable(),
  attempts: z.int().nonnegative(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  detail: z.string().nullable(),
});
export type ReportStep = z.infer<typeof ReportStep>;

/** Each lane shows its last entry until the next one. */
export const Lane = z.enum(['aws', 'gcp', 'witness', 'authority', 'database', 'dns']);
export type Lane = z.infer<typeof Lane>;

export const TimelineEntry = z.object({
  /** Seconds since the failure; negative before it. */
  atSeconds: z.number(),
  lane: Lane,
  text: z.string(),
  tone: z.enum(['good', 'warning', 'bad', 'neutral']),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const DrillReport = z.object({
  schema: z.literal(1),
  scenario: z.string(),
  verdict: z.enum(['passed', 'failed']),
  /** One sentence: what happened and how it ended. */
  because: z.string(),
  startedAt: Instant,
  /** The moment of the failure, from which all seconds below are counted. */
  failedAt: Instant,
  endedAt: Instant,
  /** From the failure until the slowest client was served again. */
  rtoSeconds: Measured,
  /** How much time the lost writes span. */
  rpoSeconds: Measured,
  /** The four parts of the recovery, each from the end of the one before: seen, writer changed, database open, names moved. */
  detectionSeconds: Measured,
  authoritySeconds: Measured,
  promotionSeconds: Measured,
  trafficSeconds: Measured,
  acknowledgedWrites: z.int().nullable(),
  lostWrites: z.int().nullable(),
  dualWrites: z.int().nullable(),
  epochBefore: z.int().nullable(),
  epochAfter: z.int().nullable(),
  steps: z.array(ReportStep),
  objectives: z.array(Objective),
  timeline: z.array(TimelineEntry),
  /** Requests of the clients by outcome, for each second since the failure. */
  clientSeconds: z.array(
    z.object({
      atSecond: z.int(),
      acknowledged: z.int().nonnegative(),
      refused: z.int().nonnegative(),
      unknown: z.int().nonnegative(),
    }),
  ),
  /** What the numbers hold for: version, host, runtimes, timings. */
  facts: z.record(z.string(), z.string()),
});
export type DrillReport = z.infer<typeof DrillReport>;

/** An objective against its measure: held when something was measured and is no more than the limit. */
export function judgeObjective(
  name: string,
  unit: Objective['unit'],
  limit: number,
  measured: number | null,
): Objective {
  return { name, unit, limit, measured, held: measured === null ? null : measured <= limit };
}

/** Passed when there is an objective and all were measured and held. */
export function verdictOf(objectives: readonly Objective[]): DrillReport['verdict'] {
  return objectives.length > 0 && objectives.every((objective) => objective.held === true) ? 'passed' : 'failed';
}
