// The summary of a rehearsal: one row for each scenario, a verdict that they bear out, and a page that leads to each report.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DrillSummary, rowNotRun, rowOf, verdictOfAll } from '../../../../infra/local/report/summary.ts';
import { writeSummary } from '../../../../infra/local/report/write-report.ts';
import { sampleReport } from './sample-report.ts';

const about = { proves: 'it <b>holds</b>', durationSeconds: 110, recovers: true };

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'causeway-summary-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function summaryOf(rows: DrillSummary['rows']): DrillSummary {
  return {
    schema: 1,
    verdict: verdictOfAll(rows),
    startedAt: '2026-11-20T03:00:00.000Z',
    endedAt: '2026-11-20T03:30:00.000Z',
    rows,
    facts: { node: 'v20' },
  };
}

describe('the summary of a rehearsal', () => {
  it('passes only when every scenario was run and passed', () => {
    const passed = rowOf({ ...sampleReport(), verdict: 'passed' }, about, 'a/report.html');
    expect(verdictOfAll([passed])).toBe('passed');
    expect(verdictOfAll([passed, rowNotRun('partition', about, 'no free network')])).toBe('failed');
    expect(verdictOfAll([])).toBe('failed');
  });

  it('names what was not held, and asks for no recovery where the service was not to be lost', () => {
    const report = sampleReport();
    const [first, ...others] = report.objectives;
    const row = rowOf(
      { ...report, objectives: [{ ...first!, held: false }, ...others] },
      { ...about, recovers: false },
      'a/report.html',
    );
    expect(row.missed).toContain(first?.name);
    expect(row).toMatchObject({ rtoSeconds: null, objectives: report.objectives.length });
  });

  it('is written as a file for programs and a page for people, which leads to each report', async () => {
    const rows = [
      rowOf({ ...sampleReport(), verdict: 'passed', scenario: 'partition' }, about, 'partition/report.html'),
      rowNotRun('keeper-dead', about, 'the <gcp> region could not start'),
    ];
    const written = await writeSummary(dir, summaryOf(rows));
    expect(DrillSummary.parse(JSON.parse(readFileSync(written.json, 'utf8')))).toMatchObject({
      verdict: 'failed',
      rows,
    });
    const page = readFileSync(written.html, 'utf8');
    expect(page).toContain('1 of 2 scenarios passed');
    expect(page).toContain('href="partition/report.html"');
    expect(page).toContain('it &lt;b&gt;holds&lt;/b&gt;');
    expect(page).toContain('the &lt;gcp&gt; region could not start');
    expect(page).not.toMatch(/(src|href)="https?:/);
  });

  it('is refused when its rows say otherwise', async () => {
    const rows = [rowNotRun('partition', about, 'no free network')];
    await expect(writeSummary(dir, { ...summaryOf(rows), verdict: 'passed' })).rejects.toThrow(
      'the summary says "passed" and its 1 rows say "failed"',
    );
  });
});
