// The summary of a rehearsal: every scenario that was played, one row each.
import * as z from 'zod';
import { Instant } from '../../../shared/model/signal.ts';
import type { DrillReport } from './report.ts';

const Measured = z.number().nullable();

const SummaryRow = z.object({
  scenario: z.string(),
  /** `not-run`: the world could not be started, or the drill itself broke: nothing was shown. */
  verdict: z.enum(['passed', 'failed', 'not-run']),
  because: z.string(),
  /** What the scenario shows when it passes. */
  proves: z.string(),
  durationSeconds: z.number(),
  /** Null where no recovery is asked for, or what could not be measured. */
  rtoSeconds: Measured,
  rpoSeconds: Measured,
  acknowledgedWrites: Measured,
  lostWrites: Measured,
  dualWrites: Measured,
  epochBefore: Measured,
  epochAfter: Measured,
  objectives: z.int().nonnegative(),
  /** Names of those that were not held. */
  missed: z.array(z.string()),
  /** The report's page, relative to the summary. */
  report: z.string().nullable(),
});
export type SummaryRow = z.infer<typeof SummaryRow>;

export const DrillSummary = z.object({
  schema: z.literal(1),
  verdict: z.enum(['passed', 'failed']),
  startedAt: Instant,
  endedAt: Instant,
  rows: z.array(SummaryRow),
  facts: z.record(z.string(), z.string()),
});
export type DrillSummary = z.infer<typeof DrillSummary>;

type About = { proves: string; durationSeconds: number; recovers: boolean };

export function rowOf(report: DrillReport, about: About, page: string): SummaryRow {
  const { proves, durationSeconds, recovers } = about;
  const { scenario, verdict, because, rpoSeconds, acknowledgedWrites, lostWrites, dualWrites } = report;
  return {
    scenario,
    verdict,
    because,
    proves,
    durationSeconds,
    rtoSeconds: recovers ? report.rtoSeconds : null,
    rpoSeconds,
    acknowledgedWrites,
    lostWrites,
    dualWrites,
    epochBefore: report.epochBefore,
    epochAfter: report.epochAfter,
    objectives: report.objectives.length,
    missed: report.objectives.filter(({ held }) => held !== true).map(({ name }) => name),
    report: page,
  };
}

export function rowNotRun(scenario: string, about: About, because: string): SummaryRow {
  const { proves, durationSeconds } = about;
  return {
    scenario,
    verdict: 'not-run',
    because,
    proves,
    durationSeconds,
    rtoSeconds: null,
    rpoSeconds: null,
    acknowledgedWrites: null,
    lostWrites: null,
    dualWrites: null,
    epochBefore: null,
    epochAfter: null,
    objectives: 0,
    missed: [],
    report: null,
  };
}

/** Passed when something was played and all of it passed. */
export function verdictOfAll(rows: readonly SummaryRow[]): DrillSummary['verdict'] {
  return rows.length > 0 && rows.every(({ verdict }) => verdict === 'passed') ? 'passed' : 'failed';
}
