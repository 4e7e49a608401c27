// Plays one scenario of the drill whole, with timings that fit a test, and leaves nothing behind.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { runDrill } from '../../../../infra/local/drill/drill.ts';
import type { DrillScenario } from '../../../../infra/local/drill/scenario.ts';
import { scenarios } from '../../../../infra/local/drill/scenarios.ts';
import { killAll, type ProcessGroup } from '../../../../infra/local/process-group.ts';
import type { DrillReport } from '../../../../infra/local/report/report.ts';
import { createTimeline } from '../../../../infra/local/report/timeline.ts';
import { systemClock } from '../../../../shared/engine/system.ts';

/** Short enough for a test, and long enough for two busy cores. */
const timings = [
  { path: ['authority', 'beat'], value: '2s' },
  { path: ['authority', 'ttl'], value: '10s' },
  { path: ['authority', 'margin'], value: '1s' },
  { path: ['authority', 'confirm_window'], value: '4s' },
  { path: ['dns', 'ttl'], value: '2s' },
];

export const drillTimeout = 240_000;

export type Played = { report: DrillReport; path: string; dir: string };

/** To be called once in a test file. The function that it returns plays a scenario and expects every objective to be held. */
export function drillPlayer(): (scenario: string | DrillScenario) => Promise<Played> {
  let dir: string;
  let groups: () => ProcessGroup[] = () => [];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'causeway-drill-test-'));
  });
  afterEach(async () => {
    await killAll(groups());
    rmSync(dir, { recursive: true, force: true });
  });

  return async (scenario) => {
    const printed: string[] = [];
    const { report, path } = await runDrill({
      scenario: typeof scenario === 'string' ? scenarios.find((one) => one.name === scenario)! : scenario,
      timings,
      capacity: { nodeStartSeconds: 1, podStartSeconds: 1 },
      timeline: createTimeline({
        out: { write: (text: string) => printed.push(text) },
        isTTY: false,
        columns: 120,
        color: false,
        clock: systemClock,
      }),
      dir,
      keep: (find) => {
        groups = find;
      },
      beforeSeconds: 3,
      sustainedSeconds: 4,
    });
    const troubles = readFileSync(join(dir, 'troubles.log'), 'utf8');
    const missed = report.objectives.filter((one) => one.held !== true);
    expect(missed, `${printed.join('')}\ntroubles:\n${troubles}`).toEqual([]);
    expect(report).toMatchObject({ verdict: 'passed', dualWrites: 0 });
    expect(groups().flatMap((group) => group.members())).toEqual([]);
    return { report, path, dir };
  };
}
