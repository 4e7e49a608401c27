// From what processes note to what people are told: lag, what waits, and whether anything moves at all.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addLag, type LagHistogram, lagAt, mergeLags } from '../../../../shared/objects/status/lag-histogram.ts';
import { progressOf, type TierProgress } from '../../../../shared/objects/status/no-progress.ts';
import { clearRecords, readRecords } from '../../../../shared/objects/status/read-status.ts';
import { metricPoints } from '../../../../shared/objects/status/status-metrics.ts';
import { createStatusRecorder } from '../../../../shared/objects/status/status-recorder.ts';
import { summariseStatus } from '../../../../shared/objects/status/summarise-status.ts';
import { createFakeBucket, createFakeObjectStore, type StoreFaults } from '../../../support/fake-object-store.ts';
import { createVirtualTime } from '../../../support/virtual-time.ts';

describe('the lag histogram', () => {
  const lags = fc.array(fc.double({ min: 0.05, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 200 });

  test('a percentile is the exact one, or less than a fifth above it', () => {
    fc.assert(
      fc.property(lags, fc.constantFrom(0.5, 0.9, 0.99, 1), (all, share) => {
        const histogram: LagHistogram = {};
        for (const lag of all) addLag(histogram, lag);
        const exact = all.toSorted((one, other) => one - other)[Math.ceil(all.length * share) - 1]!;
        const told = lagAt(histogram, share)!;
        expect(told).toBeGreaterThanOrEqual(exact * (1 - 1e-6));
        expect(told).toBeLessThanOrEqual(exact * 1.2);
      }),
    );
  });

  test('the histograms of many processes add up to the one of all, in any order', () => {
    fc.assert(
      fc.property(fc.array(lags, { maxLength: 5 }), (processes) => {
        const histogramOf = (all: number[]) => {
          const made: LagHistogram = {};
          for (const lag of all) addLag(made, lag);
          return made;
        };
        expect(mergeLags(processes.toReversed().map(histogramOf))).toEqual(histogramOf(processes.flat()));
      }),
    );
  });

  test('of nothing there is no percentile; a clock that runs ahead is no lag', () => {
    expect(lagAt({}, 0.5)).toBeNull();
    const histogram: LagHistogram = {};
    addLag(histogram, -3);
    expect(lagAt(histogram, 0.5)).toBe(0.05);
  });
});

const idle: TierProgress = {
  waiting: 0,
  oldestSeconds: null,
  neverEmptySeconds: null,
  lastDoneSecondsAgo: null,
  lastSaidSecondsAgo: 30,
  everySeconds: null,
};

test.each([
  ['nothing waits', {}, 'idle', 'nothing waits'],
  ['something was done just now', { waiting: 900, lastDoneSecondsAgo: 20 }, 'moving', '20 s ago'],
  ['what waits has just come', { waiting: 3, oldestSeconds: 60 }, 'waiting', '3 keys wait'],
  ['what waits came long after the last was done', { waiting: 1, lastDoneSecondsAgo: 9000 }, 'waiting', '1 keys wait'],
  [
    'the oldest has waited too long',
    { waiting: 3, oldestSeconds: 901 },
    'stuck',
    'has waited 901 s, 900 s are allowed',
  ],
  ['the queue is never empty', { waiting: 3, neverEmptySeconds: 1000 }, 'stuck', 'has not been empty for 1000 s'],
  [
    'never empty, and something is done all the time',
    { waiting: 3, neverEmptySeconds: 1000, lastDoneSecondsAgo: 5 },
    'moving',
    '5 s ago',
  ],
  [
    'within a window nothing needs to be done',
    { waiting: 3, oldestSeconds: 3000, everySeconds: 3600 },
    'waiting',
    'their turn',
  ],
  ['after the window it does', { waiting: 3, oldestSeconds: 4600, everySeconds: 3600 }, 'stuck', '4500 s are allowed'],
  ['the queue does not answer', { waiting: null }, 'unknown', 'could not be found out'],
  ['the queue does not answer, and the oldest is too old', { waiting: null, oldestSeconds: 901 }, 'stuck', '901 s'],
  [
    'keys wait, and nobody of that site says anything',
    { waiting: 5, lastSaidSecondsAgo: null },
    'stuck',
    'no process of the site has said anything at all',
  ],
])('%s', (_, change, kind, says) => {
  const progress = progressOf({ ...idle, ...change }, 900);
  expect(progress.kind).toBe(kind);
  expect(progress.because).toContain(says);
});

const PAIRS = [
  {
    name: 'assets',
    tiers: [
      { name: 'critical', prefix: 'critical/', everySeconds: null },
      { name: 'logs', prefix: 'logs/', everySeconds: 3600 },
    ],
  },
];

async function world(faults: StoreFaults = () => null) {
  const { clock } = createVirtualTime();
  let seconds = 0;
  const at = {
    ...clock,
    elapsedSeconds: () => seconds,
    now: () => new Date(Date.parse('2026-11-25T02:00:30Z') + seconds * 1000),
  };
  const store = createFakeObjectStore({ name: 'state', bucket: createFakeBucket('unique'), clock, faults });
  const recorder = (process: string) => createStatusRecorder({ store, site: 'aws', process, clock: at });
  const summary = async (depths: Record<string, number | null> = {}) => {
    const { records } = await readRecords(store, 'aws', at.now(), 60);
    return summariseStatus(records, PAIRS, {
      site: 'aws',
      now: at.now(),
      noProgressSeconds: 900,
      depthOf: (_pair, tier) => depths[tier] ?? null,
    });
  };
  return {
    store,
    at,
    recorder,
    summary,
    pass: (more: number) => {
      seconds += more;
    },
  };
}

describe('records', () => {
  test('of many processes and minutes become one summary for each tier', async () => {
    const { recorder, at, pass, summary, store } = await world();
    const [one, other] = [recorder('one'), recorder('other')];
    const ago = (seconds: number) => at.now().getTime() - seconds * 1000;
    one.note('assets', 'critical', { kind: 'replicated', bytes: 100, lagSeconds: 1 });
    one.note('assets', 'critical', { kind: 'failed', reason: 'throttled' });
    one.note('assets', 'critical', { kind: 'retried' });
    await one.flush({ now: true });
    pass(60);
    for (let index = 0; index < 99; index += 1) {
      other.note('assets', 'critical', { kind: 'replicated', bytes: 10, lagSeconds: 4 });
    }
    other.note('assets', 'critical', { kind: 'conflict' });
    other.note('assets', 'logs', { kind: 'dead-letter', reason: 'malformed' });
    other.note('assets', 'logs', { kind: 'waiting', sinceMillis: ago(120) });
    await other.flush({ now: true });
    const [critical, logs] = await summary({ critical: 0, logs: 2 });
    expect(critical).toMatchObject({
      replicated: 100,
      bytes: 1090,
      failures: { throttled: 1 },
      retries: 1,
      conflicts: 1,
      deadLetters: 0,
      progress: { kind: 'moving' },
    });
    expect(critical?.lag.p50).toBeGreaterThan(3.9);
    expect(critical?.lag.p99).toBeLessThan(5);
    expect(logs).toMatchObject({ deadLetters: 1, waiting: 2, oldestSeconds: 120, progress: { kind: 'waiting' } });
    pass(3600);
    expect((await summary())[0]).toMatchObject({ replicated: 99 });
    expect(await clearRecords(store, 'aws', at.now(), { hours: 1, limit: 100 })).toBe(1);
  });

  test('are put at most every 10 s, grown within their minute, and whole when it is over', async () => {
    const { recorder, pass, summary, store } = await world();
    const one = recorder('one');
    for (let index = 0; index < 40; index += 1) {
      one.note('assets', 'critical', { kind: 'retried' });
      await one.flush({ now: false });
      pass(1);
    }
    await one.flush({ now: true });
    expect((await summary())[0]?.retries).toBe(40);
    expect(await store.list('.causeway/status/', { startAfter: null, limit: 10 })).toEqual([
      '.causeway/status/aws/2026-11-25T02:00/one.json',
      '.causeway/status/aws/2026-11-25T02:01/one.json',
    ]);
  });

  test('wait for a store that does not answer, and are put with the next', async () => {
    let down = true;
    const { recorder, pass, summary } = await world(() => (down ? { kind: 'unknown-before' } : null));
    const one = recorder('one');
    one.note('assets', 'critical', { kind: 'retried' });
    await one.flush({ now: true });
    pass(120);
    down = false;
    one.note('assets', 'critical', { kind: 'retried' });
    await one.flush({ now: true });
    expect((await summary())[0]?.retries).toBe(2);
  });

  test('tell a tier that stands still from one that is only busy', async () => {
    const { recorder, pass, summary } = await world();
    const tick = recorder('tick');
    for (let minute = 0; minute < 20; minute += 1) {
      tick.note('assets', 'critical', { kind: 'queued', keys: 7 });
      await tick.flush({ now: true });
      pass(60);
    }
    expect((await summary({ critical: 7 }))[0]?.progress.kind).toBe('stuck');
    tick.note('assets', 'critical', { kind: 'queued', keys: 0 });
    await tick.flush({ now: true });
    pass(60);
    expect((await summary({ critical: 7 }))[0]?.progress.kind).toBe('waiting');
  });
});

test('metrics say what is known, and leave a gap where nothing is', async () => {
  const { recorder, at, summary } = await world();
  const one = recorder('one');
  one.note('assets', 'critical', { kind: 'replicated', bytes: 100, lagSeconds: 1 });
  one.note('assets', 'critical', { kind: 'failed', reason: 'time-out' });
  await one.flush({ now: true });
  const [critical, logs] = await summary({ critical: 0 });
  const named = (points: ReturnType<typeof metricPoints>) =>
    Object.fromEntries(points.map(({ name, value }) => [name, value]));
  expect(named(metricPoints(critical!, at.now()))).toMatchObject({
    ReplicatedObjects: 1,
    OldestUnreplicated: 0,
    WaitingKeys: 0,
    NoProgress: 0,
    Failures: 1,
  });
  expect(Object.keys(named(metricPoints(logs!, at.now())))).toEqual([
    'ReplicatedObjects',
    'ReplicatedBytes',
    'Retries',
    'Conflicts',
    'DeadLetters',
  ]);
  expect(metricPoints(critical!, at.now()).find(({ name }) => name === 'Failures')?.dimensions).toEqual({
    site: 'aws',
    pair: 'assets',
    tier: 'critical',
    reason: 'time-out',
  });
});
