// Drills, whole: real databases, real DNS, the functions in their own processes; with timings that fit a test.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runDrill } from '../../../../infra/local/drill/drill.ts';
import { scenarios } from '../../../../infra/local/drill/scenarios.ts';
import { killAll, type ProcessGroup } from '../../../../infra/local/process-group.ts';
import { DrillReport } from '../../../../infra/local/report/report.ts';
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

let dir: string;
let groups: () => ProcessGroup[] = () => [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'causeway-drill-test-'));
});

afterEach(async () => {
  await killAll(groups());
  rmSync(dir, { recursive: true, force: true });
});

async function drill(name: string) {
  const printed: string[] = [];
  const scenario = scenarios.find((one) => one.name === name)!;
  const { report, path } = await runDrill({
    scenario,
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
  return { report, path, printed: `${printed.join('')}\ntroubles:\n${troubles}` };
}

describe('the drill', () => {
  it('loses AWS, and the application comes back in GCP', { timeout: 240_000 }, async () => {
    const { report, path, printed } = await drill('aws-region-lost');
    expect(
      report.objectives.filter((one) => one.held !== true),
      printed,
    ).toEqual([]);
    expect(report).toMatchObject({ verdict: 'passed', epochBefore: 1, epochAfter: 2, dualWrites: 0 });
    expect(report.steps.map((step) => [step.action, step.status])).toEqual([
      ['take_authority', 'done'],
      ['update_dns: route_to_gcp', 'done'],
      ['scale_gcp_cluster: min_replicas=10', 'done'],
      ['promote_gcp_db: read_write_mode', 'done'],
      ['notify: ops_team', 'done'],
      ['create_incident: severity=high', 'done'],
      ['verify_service', 'done'],
    ]);
    expect(report.steps.every((step) => step.by?.startsWith('gcp keeper'))).toBe(true);
    expect(report.acknowledgedWrites).toBeGreaterThan(20);
    expect(DrillReport.parse(JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')))).toEqual(report);
    expect(existsSync(path)).toBe(true);
    expect(groups().flatMap((group) => group.members())).toEqual([]);
  });

  it('cuts AWS off, and the old side refuses its first write before the new side accepts one', {
    timeout: 240_000,
  }, async () => {
    const { report, printed } = await drill('partition');
    expect(
      report.objectives.filter((one) => one.held !== true),
      printed,
    ).toEqual([]);
    expect(report).toMatchObject({ verdict: 'passed', epochBefore: 1, epochAfter: 2, dualWrites: 0 });
    const measured = (name: RegExp) => report.objectives.find((one) => name.test(one.name))?.measured;
    expect(measured(/^first refusal of the old side/)).toBeLessThan(0);
    expect(measured(/^last acceptance of the old side/)).toBeLessThan(0);
    expect(measured(/^aws finds itself deposed/)).toBeGreaterThanOrEqual(0);
    expect(groups().flatMap((group) => group.members())).toEqual([]);
  });

  it('loses GCP, and traffic stays on AWS without a promotion', { timeout: 240_000 }, async () => {
    const { report, printed } = await drill('gcp-region-lost');
    expect(
      report.objectives.filter((one) => one.held !== true),
      printed,
    ).toEqual([]);
    expect(report).toMatchObject({ verdict: 'passed', epochBefore: 1, epochAfter: 1, dualWrites: 0, lostWrites: 0 });
    expect(report.steps.map((step) => [step.action, step.status])).toEqual([
      ['update_dns: route_to_aws', 'done'],
      ['verify_aws_capacity: true', 'done'],
      ['notify: ops_team', 'done'],
      ['create_incident: severity=medium', 'done'],
      ['verify_service', 'done'],
    ]);
    expect(groups().flatMap((group) => group.members())).toEqual([]);
  });
});
