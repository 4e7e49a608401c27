// The demonstration of three months, in a shorter world: what it says it did, it did.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runDemo } from '../../../../infra/local/cost/demo.ts';

/** Three weeks of two clouds, and the machine may be busy. */
const patienceMilliseconds = 120_000;

test('every day of both clouds is taken once, and what Google Cloud exports late is seen as a restatement', {
  timeout: patienceMilliseconds,
}, async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'local';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
  const folder = mkdtempSync(join(tmpdir(), 'causeway-cost-demo-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const page = join(folder, 'report.html');
  const lines: string[] = [];
  const runs = await runDemo({
    strategy: readFileSync(new URL('../../../../infra/local/strategy.yaml', import.meta.url), 'utf8'),
    print: (line) => void lines.push(line),
    seed: 7,
    today: '2026-11-25',
    days: 26,
    page,
  });
  for (const site of ['aws', 'gcp'] as const) {
    const taken = runs[site].flatMap(({ days }) => days.filter(({ kind }) => kind === 'taken').map(({ date }) => date));
    expect(taken).toHaveLength(26);
    expect(new Set(taken).size).toBe(26);
    expect(lines.some((line) => line.startsWith(`${site}: 5 runs, 26 days taken, `))).toBe(true);
  }
  expect(lines).toContain(`Written to ${page}.`);
  expect(readFileSync(page, 'utf8')).toContain('<svg');
  expect(lines.some((line) => /gcp: \S+ was restated: .*USD/.test(line))).toBe(true);
});
