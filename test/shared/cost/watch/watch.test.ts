// The watch: budgets, rises, stalled snapshots and providers' notices, each told once, by however many runs in however many clouds.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayKey, stateKey } from '../../../../shared/cost/snapshot/keys.ts';
import { findingsIn, tellNotices, type WatchDeps, watchCosts } from '../../../../shared/cost/watch/watch.ts';
import type { CostDay, CostState } from '../../../../shared/model/cost-day.ts';
import type { CostNotice } from '../../../../shared/model/cost-notice.ts';
import type { Notification } from '../../../../shared/model/notification.ts';
import { createFakeBucket, createFakeObjectStore, type StoreFaults } from '../../../support/fake-object-store.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { aPlan, dayOf, stateOf } from '../days.ts';
import { estateDays, estateStates, RISEN } from '../estate.ts';

const NOW = '2026-11-25T09:00:00Z';
const rise = { ...aPlan, budgets: [] };

/** Two buckets with what is kept, and runs that look at them. */
function world(days: readonly CostDay[], states: readonly CostState[], plan = aPlan) {
  const buckets = [createFakeBucket('content'), createFakeBucket('unique')];
  const clock = createManualClock(NOW);
  const told: (Notification & { channel: string })[] = [];
  for (const { objects, nextVersion } of buckets) {
    const put = (key: string, value: unknown) => {
      const body = JSON.stringify(value);
      objects.set(key, { body, version: nextVersion(body), cacheControl: null });
    };
    for (const day of days) put(dayKey(day.provider, day.date), day);
    for (const state of states) put(stateKey(state.provider), state);
  }
  let ids = 0;
  const run = (by: string, faults: readonly StoreFaults[] = [() => null, () => null]): WatchDeps => ({
    application: 'gopro',
    plan,
    stores: buckets.map((bucket, index) =>
      createFakeObjectStore({ name: `bucket-${index}`, bucket, clock, faults: faults[index] ?? (() => null) }),
    ),
    tell: async (channel, notification) => {
      told.push({ ...notification, channel });
    },
    clock,
    chance: { fraction: () => 0.5, id: () => `id-${++ids}` },
    by,
  });
  return { run, told, clock, buckets };
}

describe('what is told of the days that are kept', () => {
  const { run, told } = world(estateDays(), estateStates);
  const watched = watchCosts(run('aws'));

  it('is a budget at its highest threshold, what it is expected to come to, and what rose', async () => {
    expect((await watched).trouble).toEqual([]);
    expect(told.map(({ title, channel }) => [title, channel])).toEqual([
      ['gopro: 80 % of the budget whole_estate is spent', 'ops'],
      ['gopro: the budget whole_estate is expected to come to 111 %', 'ops'],
      ['gopro: Compute Engine at gcp costs $25.16 a day more than usual', 'ops'],
    ]);
  });

  it('says what it rests on: sums, forecast with its error, the days that are not known', async () => {
    await watched;
    expect(told[0]?.text).toBe(
      [
        '$2,601.41 of $3,000.00 for 2026-11 is spent, 86.7 % (everything).',
        'For the whole month $3,331.23 is foretold, 111 %.',
        'Days that are not known, and not counted: gcp 2026-11-08.',
        '`causeway cost report` shows where it goes.',
      ].join('\n'),
    );
    expect(told[1]?.text).toMatch(/foretold so \d times in the past, 8 days ahead, it was off by/);
    expect(told[2]?.text).toMatch(new RegExp(`cost \\$36\\.71 on ${RISEN}; on Tuesdays it usually costs`));
  });
});

describe('telling', () => {
  it('is done once, whoever runs, however often, at once or after each other, in both clouds', async () => {
    const { run, told } = world(estateDays(), estateStates);
    await Promise.all(['aws', 'gcp', 'aws', 'gcp'].map((by) => watchCosts(run(by))));
    for (const by of ['aws', 'gcp']) expect((await watchCosts(run(by))).told).toEqual([]);
    expect(told).toHaveLength(3);
    expect(new Set(told.map(({ dedupKey }) => dedupKey)).size).toBe(3);
  });

  it('is done at least once though calls are lost, and no more when all is well again', async () => {
    const fault = fc.constantFrom(null, null, null, 'unknown-before' as const, 'unknown-after' as const);
    const days = estateDays().filter(({ date }) => date >= '2026-11-20');
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { minLength: 40, maxLength: 40 }), async (faults) => {
        const budgets = aPlan.budgets.map((budget) => ({ ...budget, thresholdPercents: [5, 10] }));
        const { run, told, clock } = world(days, estateStates, { ...rise, budgets });
        let call = 0;
        const flaky: StoreFaults = ({ operation, key }) => {
          if (!key.includes('/told/') || operation === 'list') return null;
          const kind = faults[call++ % faults.length];
          return kind ? { kind } : null;
        };
        for (let round = 0; round < 4; round += 1) {
          await Promise.all([watchCosts(run('aws', [flaky, flaky])), watchCosts(run('gcp', [flaky, flaky]))]);
          clock.advance(1000);
        }
        await watchCosts(run('aws'));
        clock.advance(1000);
        const before = told.length;
        await watchCosts(run('gcp'));
        expect(told.length).toBeGreaterThanOrEqual(1);
        expect(told).toHaveLength(before);
      }),
      { numRuns: 25 },
    );
  });

  it('is taken over from who died after claiming it, and not before its time', async () => {
    const { run, told, clock } = world(estateDays(), estateStates, rise);
    const dead = watchCosts({ ...run('aws'), tell: () => new Promise(() => {}) });
    await Promise.race([dead, new Promise((resolve) => setImmediate(resolve))]);
    await watchCosts(run('gcp'));
    expect(told).toEqual([]);
    clock.advance(901);
    expect((await watchCosts(run('gcp'))).told).toHaveLength(1);
    expect(told).toHaveLength(1);
  });

  it('goes by one bucket while the other is away, and knows of it later', async () => {
    const { run, told } = world(estateDays(), estateStates, rise);
    const away: StoreFaults = () => ({ kind: 'unknown-before' });
    const alone = await watchCosts(run('gcp', [away, () => null]));
    expect(alone.told).toHaveLength(1);
    expect(alone.trouble).toEqual([expect.stringContaining('a bucket did not answer')]);
    await watchCosts(run('aws'));
    await watchCosts(run('aws'));
    expect(told).toHaveLength(1);
    await expect(watchCosts(run('aws', [away, away]))).rejects.toThrow('was not answered');
  });

  it('is not repeated when days are restated and the rise begins a day earlier', async () => {
    const { run, told, buckets } = world(estateDays(), estateStates, rise);
    await watchCosts(run('gcp'));
    const before = estateDays().find(({ provider, date }) => provider === 'gcp' && date === '2026-11-16');
    const key = dayKey('gcp', '2026-11-16');
    const parts = before?.parts.map((part) =>
      part.environment === 'staging' && part.category === 'compute' ? { ...part, effective: '37' } : part,
    );
    for (const { objects } of buckets) {
      objects.set(key, { body: JSON.stringify({ ...before, parts }), version: 'restated', cacheControl: null });
    }
    const again = await watchCosts(run('gcp'));
    expect(again.already).toEqual([expect.stringMatching(/^anomaly\/gcp-\w+\/2026-11-16$/)]);
    expect(told).toHaveLength(1);
  });

  it('tells each threshold of a budget once in a month, the highest for those below it', async () => {
    const month = (dollars: number) => [
      dayOf('aws', '2026-11-20', [{ category: 'compute', service: 'EC2', amount: String(dollars) }]),
    ];
    const all = world(month(2500), []);
    const titles = async (days: readonly CostDay[]) => {
      for (const { objects } of all.buckets) {
        for (const day of days) {
          objects.set(dayKey('aws', day.date), {
            body: JSON.stringify(day),
            version: `v${Math.random()}`,
            cacheControl: null,
          });
        }
      }
      await watchCosts(all.run('aws'));
      return all.told.splice(0).map(({ title }) => title.replace(/^.*: /, ''));
    };
    expect(await titles(month(2500))).toEqual(['80 % of the budget whole_estate is spent']);
    expect(await titles(month(1600))).toEqual([]);
    expect(await titles(month(3000))).toEqual(['100 % of the budget whole_estate is spent']);
    expect(await titles(month(3000))).toEqual([]);
  });
});

describe('what is not told', () => {
  const ids = (days: readonly CostDay[], states: readonly CostState[] = estateStates, now = NOW) =>
    findingsIn({ application: 'gopro', plan: rise }, { days: [...days], states: [...states] }, new Date(now)).map(
      ({ id }) => id,
    );

  it('is a day that is still open, whatever it costs', () => {
    const spiked = (date: string) =>
      estateDays()
        .filter((day) => day.provider === 'aws')
        .map((day) =>
          day.date === date ? { ...day, parts: day.parts.map((part) => ({ ...part, effective: '500' })) } : day,
        );
    expect(ids(spiked('2026-11-25'))).toEqual([]);
    expect(ids(spiked('2026-11-24'))).toEqual([]);
    expect(ids(spiked('2026-11-22'))).not.toEqual([]);
  });

  it('is a day that could not be taken again', () => {
    const troubled = {
      date: '2026-11-17',
      trouble: 'failed',
      because: 'x',
      sinceTime: NOW,
      lastTime: NOW,
      attempts: 1,
    } as const;
    const states = estateStates.map((state) => ({ ...state, troubled: [troubled] }));
    expect(ids(estateDays(), states)).toEqual([expect.stringMatching(/2026-11-18$/)]);
  });

  it('is what rose before anybody watched, and what fell', () => {
    expect(ids(estateDays(), estateStates, '2026-12-20T09:00:00Z').filter((id) => id.startsWith('anomaly'))).toEqual(
      [],
    );
    const fallen = estateDays().map((day) => ({
      ...day,
      parts: day.date >= '2026-11-18' ? day.parts.filter(({ category }) => category !== 'database') : day.parts,
    }));
    expect(ids(fallen)).toEqual(ids(estateDays()));
  });
});

describe('snapshots that stand still', () => {
  const finding = (state: CostState, now: string) =>
    findingsIn({ application: 'gopro', plan: rise }, { days: [], states: [state] }, new Date(now));
  const refused = (trouble: 'refused' | 'not-there-yet') =>
    stateOf('aws', NOW, {
      troubled: [
        {
          date: '2026-11-23',
          trouble,
          because: 'grant ce:GetCostAndUsage',
          sinceTime: '2026-11-24T06:00:00Z',
          lastTime: NOW,
          attempts: 3,
        },
      ],
    });

  it('are told when a day is refused for a day and a half, and an export after four', () => {
    expect(finding(refused('refused'), NOW)).toEqual([]);
    const [told] = finding(refused('refused'), '2026-11-25T19:00:00Z');
    expect(told?.notification).toMatchObject({
      title: 'gopro: what aws costs is not known any more',
      text: expect.stringContaining(
        '2026-11-23 could not be taken since 2026-11-24T06:00:00Z, in 3 attempts: grant ce:GetCostAndUsage',
      ),
    });
    expect(finding(refused('not-there-yet'), '2026-11-26T19:00:00Z').map(({ id }) => id)).not.toContain(
      'stalled/aws/2026-11-24',
    );
  });

  it('are told by the other cloud when no run has come', () => {
    expect(finding(stateOf('gcp', NOW), '2026-11-26T10:00:00Z')).toEqual([]);
    const [told] = finding(stateOf('gcp', NOW), '2026-11-27T10:00:00Z');
    expect(told?.notification.text).toMatch(/No snapshot of gcp has been taken since 2026-11-25T09:00:00Z/);
  });
});

describe('what providers say', () => {
  const about = { provider: 'aws', account: '123456789012', currency: 'USD', saidAt: null } as const;
  const budget: CostNotice = {
    kind: 'budget',
    ...about,
    id: 'b1',
    name: 'monthly',
    basis: 'actual',
    amount: '802.5',
    budgeted: '1000',
    threshold: { unit: 'percent', percent: 80 },
    periodStart: null,
  };
  const anomaly: CostNotice = {
    kind: 'anomaly',
    ...about,
    id: 'a1',
    name: 'services',
    about: 'Amazon EC2',
    impact: '120.4',
    actual: '200.4',
    expected: '80',
    firstDate: '2026-11-20',
    lastDate: '2026-11-21',
    causes: [{ service: 'EC2', account: null, region: 'us-east-1', usageType: 'BoxUsage', amount: null }],
    link: 'https://example.com/anomaly',
  };

  it('goes to the same channels, in our words, once however often it is delivered', async () => {
    const { run, told } = world([], []);
    await Promise.all([tellNotices(run('aws'), [budget, anomaly]), tellNotices(run('gcp'), [anomaly, budget])]);
    expect((await tellNotices(run('aws'), [budget])).already).toHaveLength(1);
    expect(told.map(({ title }) => title).sort()).toEqual([
      'gopro: aws sees Amazon EC2 cost $120.40 more than expected',
      'gopro: aws\'s budget "monthly": 80 % has been spent',
    ]);
    expect(told.find(({ title }) => title.includes('sees'))?.text).toBe(
      [
        'aws\'s monitor "services" sees Amazon EC2 cost $120.40 more than expected. $200.40 instead of $80.00. From 2026-11-20 to 2026-11-21.',
        '- EC2, BoxUsage, us-east-1',
        'See https://example.com/anomaly',
        'billing account 123456789012.',
      ].join('\n'),
    );
  });

  it('is kept to ourselves when nothing was crossed', async () => {
    const { run, told } = world([], []);
    expect(await tellNotices(run('gcp'), [{ ...budget, threshold: null }])).toEqual({
      told: [],
      already: [],
      trouble: [],
    });
    expect(told).toEqual([]);
  });
});
