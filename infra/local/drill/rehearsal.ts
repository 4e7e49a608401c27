// A rehearsal: every scenario one after another, and one summary of all. One that cannot be run does not keep the next from being played.
import { join } from 'node:path';
import { systemClock } from '../../../shared/engine/system.ts';
import { type DrillSummary, rowNotRun, rowOf, type SummaryRow, verdictOfAll } from '../report/summary.ts';
import { writeSummary } from '../report/write-report.ts';
import { type DrillOptions, runDrill } from './drill.ts';
import type { DrillScenario } from './scenario.ts';

export type RehearsalOptions = Omit<DrillOptions, 'scenario' | 'timeline'> & {
  scenarios: readonly DrillScenario[];
  /** A timeline of its own for each scenario: each counts from its own failure. */
  timeline: () => DrillOptions['timeline'];
  /** Told before each scenario, and with its row after it. */
  onScenario: (scenario: DrillScenario, number: number) => void;
  onRow: (row: SummaryRow) => void;
};

/** Resolves with the summary and its path, whatever the verdicts. */
export async function rehearse(options: RehearsalOptions): Promise<{ summary: DrillSummary; path: string }> {
  const startedAt = systemClock.now().toISOString();
  const rows: SummaryRow[] = [];
  let facts: Record<string, string> = {};
  for (const [index, scenario] of options.scenarios.entries()) {
    options.onScenario(scenario, index + 1);
    const began = systemClock.elapsedSeconds();
    const about = () => ({
      proves: scenario.proves,
      durationSeconds: systemClock.elapsedSeconds() - began,
      recovers: scenario.expects.service === 'recovers',
    });
    try {
      const timeline = options.timeline();
      const dir = join(options.dir, scenario.name);
      const { report } = await runDrill({ ...options, scenario, timeline, dir });
      rows.push(rowOf(report, about(), `${scenario.name}/report.html`));
      facts = { ...pick(report.facts) };
    } catch (error) {
      rows.push(rowNotRun(scenario.name, about(), error instanceof Error ? error.message : String(error)));
    }
    const row = rows.at(-1);
    if (row) options.onRow(row);
  }
  const summary: DrillSummary = {
    schema: 1,
    verdict: verdictOfAll(rows),
    startedAt,
    endedAt: systemClock.now().toISOString(),
    rows,
    facts,
  };
  const { html } = await writeSummary(options.dir, summary);
  return { summary, path: html };
}

/** What all scenarios of a rehearsal have in common; their own findings stand in their reports. */
function pick(facts: Record<string, string>): Record<string, string> {
  const common = ['machine', 'node', 'timings', 'load', 'strategy'];
  return Object.fromEntries(Object.entries(facts).filter(([name]) => common.includes(name)));
}
