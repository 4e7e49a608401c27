// The report's two files, and the timeline on a terminal and in a pipe.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reportPage } from '../../../../infra/local/report/page.ts';
import { DrillReport, judgeObjective, verdictOf } from '../../../../infra/local/report/report.ts';
import { createTimeline, type DrillStatus } from '../../../../infra/local/report/timeline.ts';
import { writeReport } from '../../../../infra/local/report/write-report.ts';
import { handClock } from '../hand-clock.ts';
import { sampleReport } from './sample-report.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-report-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('both files are written, and the one for programs reads back as it was', async () => {
  const report = sampleReport();
  const written = await writeReport(join(directory, 'new', 'run'), report);
  expect(DrillReport.parse(JSON.parse(readFileSync(written.json, 'utf8')))).toEqual(report);
  expect(readFileSync(written.html, 'utf8')).toContain('Every objective held');
});

test('the page needs no network, escapes what it shows, and closes what it opens', () => {
  const page = reportPage(sampleReport());
  expect(page).not.toMatch(/(src|href)=|@import|url\(|<script/);
  expect(page).toContain('&lt;Route 53&gt; did not answer &amp; records follow');
  expect(page).not.toContain('<Route 53>');
  for (const tag of ['section', 'table', 'svg', 'g', 'text', 'tr', 'td', 'div', 'span', 'ul', 'li']) {
    const opened = page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length ?? 0;
    expect([tag, page.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0]).toEqual([tag, opened]);
  }
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('what was not measured is a dash and holds nothing', async () => {
  const objectives = [judgeObjective('recovery time (RTO)', 'seconds', 90, null)];
  expect(objectives[0]?.held).toBeNull();
  expect(verdictOf(objectives)).toBe('failed');
  expect(verdictOf([])).toBe('failed');
  const page = reportPage({ ...sampleReport(), rtoSeconds: null, objectives, verdict: 'failed' });
  expect(page).toContain('<strong>–</strong><span class="quiet">until the slowest client');
  expect(page).toContain('not measured');
  expect(page).toContain('Not every objective held');
});

test('a verdict that the objectives do not bear out is not written', async () => {
  const missed = [judgeObjective('data loss (RPO)', 'seconds', 60, 61)];
  await expect(writeReport(directory, { ...sampleReport(), objectives: missed })).rejects.toThrow(
    'the report says "passed" and its 1 objectives say "failed"',
  );
});

test('a run that ended before anything began still makes a page', () => {
  const empty = { ...sampleReport(), steps: [], timeline: [], clientSeconds: [], facts: {} };
  expect(reportPage(empty)).not.toMatch(/NaN|undefined|Infinity/);
  const stuck = sampleReport();
  stuck.steps = [
    { ...stuck.steps[0]!, status: 'blocked', startedAt: null, endedAt: null, by: null, attempts: 0 },
    { ...stuck.steps[1]!, status: 'claimed', endedAt: null },
  ];
  expect(reportPage(stuck)).toContain('not begun');
});

const status = (more: Partial<DrillStatus> = {}): DrillStatus => ({
  writer: 'aws',
  epoch: '1',
  lease: 'renewed 2 s ago',
  dns: 'aws (127.0.0.2)',
  clients: { acknowledged: 24, refused: 0, unknown: 0 },
  steps: [],
  ...more,
});

test('in a pipe the timeline is plain lines, with seconds from the failure once it was made', async () => {
  const clock = handClock();
  let text = '';
  const timeline = createTimeline({
    out: { write: (more) => (text += more) },
    isTTY: false,
    columns: 80,
    color: false,
    clock,
  });
  await clock.advance(2);
  timeline.entry('aws', 'serving', 'good');
  await clock.advance(3);
  timeline.failure();
  await clock.advance(1.5);
  timeline.entry('aws', 'killed', 'bad');
  timeline.status(status({ steps: [{ action: 'take_authority', status: 'claimed', attempts: 1 }] }));
  timeline.status(status({ steps: [{ action: 'take_authority', status: 'claimed', attempts: 1 }] }));
  timeline.status(status({ steps: [{ action: 'take_authority', status: 'done', attempts: 2 }] }));
  expect(text.split('\n')).toEqual([
    '   +2.0s  aws        serving',
    '   +1.5s  aws        killed',
    '   +1.5s  step       take_authority: claimed',
    '   +1.5s  step       take_authority: done (attempt 2)',
    '',
  ]);
  expect(timeline.entries().map((entry) => entry.atSeconds)).toEqual([-3, 1.5]);
});

test('on a terminal the status stays below the lines, is redrawn in place, and fits the width', () => {
  const screen = screenOf();
  const timeline = createTimeline({ out: screen, isTTY: true, columns: 50, color: false, clock: handClock() });
  timeline.status(status());
  timeline.entry('aws', 'killed', 'bad');
  timeline.status(status({ writer: 'nobody', clients: { acknowledged: 0, refused: 12, unknown: 6 } }));
  timeline.say('the lease of aws has run out');
  const lines = screen.lines();
  expect(lines).toEqual([
    '   +0.0s  aws        killed',
    '   +0.0s  the lease of aws has run out',
    '  writer nobody   epoch 1   lease renewed 2 s ago',
    '  dns aws (127.0.0.2)   clients 0/s acknowledged…',
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(50);
});

test('the end shows the verdict, objectives and steps, and the path last', () => {
  const screen = screenOf();
  const timeline = createTimeline({ out: screen, isTTY: true, columns: 80, color: false, clock: handClock() });
  timeline.status(status());
  timeline.finish(sampleReport(), '/var/drill/report.html');
  const lines = screen.lines();
  expect(lines.at(-1)).toBe('/var/drill/report.html');
  expect(lines[1]).toContain('PASSED  The AWS region was killed');
  expect(lines).toContain('  recovery time (RTO)         61.4 s   at most 90.0 s   held');
  expect(lines.join('\n')).toContain(
    'detection 13.2 s   authority 12.6 s   promotion 3.9 s   traffic 31.7 s   epoch 1 -> 2',
  );
  expect(lines.join('\n')).not.toContain('lease renewed');
});

/** As much of a terminal as the timeline uses: lines, cursor up, erase below. */
function screenOf(): { write(text: string): void; lines(): string[] } {
  let lines: string[] = [];
  return {
    lines: () => lines,
    write: (text) => {
      const [, up, after] = text.split('\u001b[');
      // `ESC[<n>A` and then `ESC[J`, always together.
      const redraw = up?.endsWith('A') && after?.startsWith('J');
      if (redraw) lines = lines.slice(0, lines.length - Number.parseInt(up ?? '', 10));
      const rest = redraw ? (after ?? '').slice(1) : text;
      lines.push(...rest.split('\n').slice(0, -1));
    },
  };
}
