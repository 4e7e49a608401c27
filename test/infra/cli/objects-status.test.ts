// `causeway objects status`: what stands still is said first, from what processes noted, what queues hold and how the last comparison went.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEstate } from '../../../infra/cli/open.ts';
import type { HttpServer } from '../../../infra/local/standins/http.ts';
import { startSqsStandin } from '../../../infra/local/standins/sqs.ts';
import { createSqsQueue, type SqsQueue } from '../../../infra/local/standins/sqs-queue.ts';
import { siteStores } from '../../../shared/engine/site-stores.ts';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import { createStatusRecorder, type Noted } from '../../../shared/objects/status/status-recorder.ts';
import { startEstate, type TestEstate } from './estate.ts';

const ENDS = ['events', 'again', 'dead', 'assets-user_uploads', 'assets-logs', 'assets-backups', 'assets-other'];

let estate: TestEstate;
let sqs: HttpServer;
let queues: Record<string, SqsQueue>;

beforeEach(async () => {
  const made = ENDS.map((end) =>
    createSqsQueue({
      name: `gopro-objects-${end}`,
      region: 'us-east-1',
      account: '123456789012',
      visibilitySeconds: 30,
      redrive: null,
      doubleFraction: 0,
      clock: systemClock,
      chance: systemChance,
    }),
  );
  queues = Object.fromEntries(made.map((queue, index) => [ENDS[index] ?? '', queue]));
  sqs = await startSqsStandin({ host: '127.0.0.1', port: 0, queues: made, faults: () => null });
  estate = await startEstate([
    { path: ['objects', 'queues'], value: { aws: `${sqs.url}/123456789012/gopro-objects` } },
  ]);
});
afterEach(async () => {
  await Promise.all([estate.close(), sqs.close()]);
});

/** As a process of a site notes it, some minutes ago. */
async function noted(site: string, minutesAgo: number, tier: string, ...all: Noted[]): Promise<void> {
  const now = () => new Date(Date.now() - minutesAgo * 60_000);
  const store = siteStores(openEstate(estate.terminal(), {}).around).beside(site);
  const recorder = createStatusRecorder({ store, site, process: `p${minutesAgo}`, clock: { ...systemClock, now } });
  for (const one of all) recorder.note('assets', tier, one);
  await recorder.flush({ now: true });
}

describe('objects status', () => {
  it('of an estate in which nothing has happened says so, and exits 0', async () => {
    const { out, err, code } = await estate.causeway('objects', 'status');
    expect(err).toBe('');
    expect(out).toMatch(/^Nothing needs you\.$/m);
    expect(out).toContain('assets: never compared to its end; every 1d, the next is due now');
    expect(code).toBe(0);
  });

  it('shows each tier: copies, bytes, lag, retries, failures by reason, and the queues', async () => {
    const copied = Array.from({ length: 20 }, (): Noted => ({ kind: 'replicated', bytes: 1000, lagSeconds: 2 }));
    await noted(
      'aws',
      3,
      'critical_assets',
      ...copied,
      { kind: 'failed', reason: 'throttled' },
      { kind: 'retried' },
      { kind: 'conflict' },
    );
    queues['assets-logs']?.send('{}');
    const { out, code } = await estate.causeway('objects', 'status');
    expect(out).toMatch(
      /assets\/critical_assets +at once +20 +20\.0 KB +2\.\d s +2\.\d s +2\.\d s +- +0 +1 +1 +0 +moving/,
    );
    expect(out).toMatch(/failed assets\/critical_assets: 1 x throttled/);
    expect(out).toMatch(/queue +1 waiting +http:\/\/.*gopro-objects-assets-logs/);
    expect(out).toMatch(/queue +not declared +events/);
    expect(code).toBe(0);
    const { out: json } = await estate.causeway('objects', 'status', '--json');
    expect(JSON.parse(json).sites[0].tiers[0]).toMatchObject({
      tier: 'critical_assets',
      replicated: 20,
      failures: { throttled: 1 },
      progress: { kind: 'moving' },
    });
  });

  it('says first what stands still and what lies in the dead letters, and exits 1', async () => {
    const since = Date.now() - 3 * 3600_000;
    await noted(
      'aws',
      1,
      'critical_assets',
      { kind: 'failed', reason: 'time-out' },
      { kind: 'waiting', sinceMillis: since },
    );
    queues.dead?.send('{}');
    const { out, code } = await estate.causeway('objects', 'status');
    const [first, second] = out.split('\n');
    expect(first).toMatch(
      /^! assets\/critical_assets at aws stands still: the oldest event has waited \d+ s, 900 s are allowed, and nothing was replicated meanwhile/,
    );
    expect(second).toMatch(/^! 1 records are in http:.*gopro-objects-dead/);
    expect(code).toBe(1);
  });

  it('takes a queue that does not answer for unknown, and not for empty', async () => {
    await sqs.close();
    const { out, code } = await estate.causeway('objects', 'status');
    expect(out).toMatch(/^! the queue http:.*gopro-objects-events: /m);
    expect(out).toMatch(/queue +no answer/);
    expect(code).toBe(1);
    sqs = await startSqsStandin({ host: '127.0.0.1', port: 0, queues: [], faults: () => null });
  });

  it('tells how the last comparison went', async () => {
    await estate.causeway('objects', 'sync', '--yes');
    const { out } = await estate.causeway('objects', 'status');
    expect(out).toMatch(/assets: last compared to its end .* ago; every 1d, the next is due in 24 h/);
    expect(out).toMatch(/the last ended .* ago, by ada@desk: 0 copied \(0 B\), 0 deleted, 0 not done/);
  });

  it('exits 2 without a pair of that name', async () => {
    const { err, code } = await estate.causeway('objects', 'status', '--pair', 'asets');
    expect(code).toBe(2);
    expect(err).toContain('the pairs are assets');
  });
});
