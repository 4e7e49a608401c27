// `causeway cost report` over both object stores as their SDKs speak to them: what is shown, what it exits with, and what it does without.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openEstate } from '../../../infra/cli/open.ts';
import { CostReport } from '../../../shared/cost/report/report-shape.ts';
import { dayKey, stateKey } from '../../../shared/cost/snapshot/keys.ts';
import type { CostDay } from '../../../shared/model/cost-day.ts';
import { siteOf } from '../../../shared/model/strategy.ts';
import { dayOf } from '../../shared/cost/days.ts';
import { estateDays, estateStates } from '../../shared/cost/estate.ts';
import { startEstate, type TestEstate } from './estate.ts';

const NOW = '2026-11-25T09:00:00Z';
const options = { condition: { kind: 'none' }, contentType: 'application/json', cacheControl: null } as const;
/** From where the month before begins, so that it can be told what is usual of a weekday. */
const days = estateDays().filter(({ date }) => date >= '2026-10-01');

let estate: TestEstate;
beforeAll(async () => {
  estate = await startEstate([], { now: NOW });
  await keep('aws', days);
});
afterEach(() => {
  estate.faults['s3-us-east-1'] = null;
  estate.faults['gcs-us-central1'] = null;
});
afterAll(() => estate.close());

function bucket(site: 'aws' | 'gcp') {
  const { strategy, recordBucket } = openEstate(estate.terminal(), {});
  return recordBucket(siteOf(strategy, site), site === 'aws' ? 'gopro-cost' : 'gopro-cost-gcp');
}

async function keep(site: 'aws' | 'gcp', days: readonly CostDay[]): Promise<void> {
  const store = bucket(site);
  for (const state of estateStates) await store.put(stateKey(state.provider), JSON.stringify(state), options);
  await Promise.all(days.map((day) => store.put(dayKey(day.provider, day.date), JSON.stringify(day), options)));
}

describe('cost report', () => {
  it('before anything is known says so, and how to change that', async () => {
    const { out, err, code } = await estate.causeway('cost', 'report', '--month', '2026-06');
    expect(out).toBe('');
    expect(err).toMatch(
      /nothing is known of 2026-06 yet: .*`causeway cost snapshot --from 2026-06-01 --to 2026-07-01`/,
    );
    expect(code).toBe(2);
  });

  it('shows both clouds side by side, what is missing first, and exits 1 for it', async () => {
    const { out, err, code } = await estate.causeway('cost', 'report');
    expect(err).toBe('');
    expect(out).toMatch(
      /^! a day of gcp is missing, and not counted as nothing: 2026-11-08\. `causeway cost snapshot/m,
    );
    expect(out).toMatch(/compute +\$450\.92 +\$575\.56 +\$1,026\.48 +aws by 19\.2 %/);
    expect(out).toMatch(/total +\$1,347\.63 +\$1,253\.79 +\$2,601\.41/);
    expect(out).toMatch(/database +\$1,201\.77 +46\.2 % +30 % +\+16\.2/);
    expect(out).toMatch(/Forecast +\$3,\d{3}\.\d\d for the month, between/);
    expect(out).toMatch(/Unusual, up +Compute Engine at gcp in staging cost \$36\.71 on 2026-11-17/);
    expect(code).toBe(1);
  });

  it('reads the bucket that answers when the other does not, and says so', async () => {
    await keep(
      'gcp',
      days.filter(({ date }) => date >= '2026-11-01'),
    );
    estate.faults['s3-us-east-1'] = { kind: 'refuse', status: 503, code: 'SlowDown' };
    const { out, code } = await estate.causeway('cost', 'report');
    expect(out).toMatch(/^! a bucket did not answer, and the other was read: /m);
    expect(out).toMatch(/total +\$1,347\.63/);
    expect(code).toBe(1);
    estate.faults['gcs-us-central1'] = { kind: 'refuse', status: 503, code: 'SlowDown' };
    const dark = await estate.causeway('cost', 'report');
    expect(dark.code).toBe(2);
    expect(dark.out).toBe('');
  });

  it('says the same as data, in the documented shape', async () => {
    const { out } = await estate.causeway('cost', 'report', '--json', '--month', '2026-10');
    const report = CostReport.parse(JSON.parse(out));
    expect(report).toMatchObject({ application: 'go-pro', month: '2026-10', basis: 'effective' });
    expect(report.coverage.map(({ known, missing }) => [known, missing])).toEqual([
      [31, []],
      [31, []],
    ]);
    expect(report.currencies[0]?.forecast).toEqual({ kind: 'none', because: 'every day of the month is known' });
  });

  it('prints CSV that keeps to RFC 4180, with an empty cell for what is not known', async () => {
    const { out } = await estate.causeway('cost', 'report', '--csv');
    const lines = out.split('\r\n');
    expect(lines[0]).toBe('month,currency,section,name,provider,amount,share_percent,target_percent,drift_points,note');
    expect(lines).toContain('2026-11,USD,day,2026-11-08,gcp,,,,,missing');
    expect(lines.find((line) => line.includes(',anomaly,'))).toMatch(/,"Compute Engine at gcp .*"$/);
    expect(lines.at(-1)).toBe('');
  });

  it('writes the page, and says where', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cost-page-'));
    try {
      const { out } = await estate.causeway('cost', 'report', '--html', join(folder, 'november.html'));
      expect(out).toContain(`Written to ${join(folder, 'november.html')}.`);
      expect(readFileSync(join(folder, 'november.html'), 'utf8')).toContain('Costs of go-pro in November 2026');
      const refused = await estate.causeway('cost', 'report', '--html', join(folder, 'none/november.html'));
      expect(refused.err).toContain('give a file in a folder that is there and yours');
      expect(refused.code).toBe(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('shows what is invoiced when asked for, which need not be what it effectively costs', async () => {
    const day = dayOf('aws', '2026-02-03', [{ category: 'compute', service: 'EC2', amount: '10', billed: '310' }]);
    await keep('aws', [day]);
    const { out } = await estate.causeway('cost', 'report', '--month', '2026-02');
    expect(out).toMatch(/total +\$10\.00 +not known +\$10\.00/);
    const { out: billed } = await estate.causeway('cost', 'report', '--month', '2026-02', '--billed');
    expect(billed).toMatch(/total +\$310\.00/);
  });

  it('refuses a month that is none, and two shapes at once', async () => {
    expect((await estate.causeway('cost', 'report', '--month', '2026-13')).code).toBe(2);
    expect((await estate.causeway('cost', 'report', '--month', '2026-12')).err).toContain('2026-12 has not begun');
    expect((await estate.causeway('cost', 'report', '--json', '--csv')).code).toBe(2);
  });

  it('names a record that it cannot read, and goes on without it', async () => {
    await bucket('aws').put(dayKey('aws', '2026-10-03'), '{"schema":2}', options);
    const { out, code } = await estate.causeway('cost', 'report', '--month', '2026-10');
    expect(out).toMatch(/holds something at cost\/v1\/aws\/2026\/10\/03\/day\.json that this version cannot read/);
    expect(out).toMatch(/aws: 30 days known/);
    expect(code).toBe(1);
  });
});
