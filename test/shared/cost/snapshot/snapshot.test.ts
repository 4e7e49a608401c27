// A snapshot of a provider's bill: exact by every cut, once however often it is taken, and never half.
import { describe, expect, test } from 'vitest';
import { rowsKey, stateKey } from '../../../../shared/cost/snapshot/keys.ts';
import { CostRow } from '../../../../shared/model/cost.ts';
import { CostUnavailable } from '../../../../shared/ports/cost-source.ts';
import { charge, createSnapshotWorld, type SnapshotWorld, sumOf } from '../../../support/cost-snapshot-world.ts';

const window = ['2026-11-22', '2026-11-23', '2026-11-24'];

/** Two services on each of the last three days, the last of them not settled. */
function world(): SnapshotWorld {
  const made = createSnapshotWorld();
  made.bill.charges = window.flatMap((date, index) => [
    charge({ date, billed: 12_000_000_001n + BigInt(index), effective: 11_000_000_001n }),
    charge({ date, service: 'Amazon S3', category: 'storage', sku: 'a', billed: 61n, effective: 61n }),
    charge({
      date,
      service: 'Amazon S3',
      category: 'storage',
      sku: 'b',
      environment: null,
      billed: -30n,
      effective: 0n,
    }),
  ]);
  made.bill.openFrom = '2026-11-24';
  return made;
}

const kinds = (outcome: { days: { kind: string }[] }) => outcome.days.map(({ kind }) => kind);

describe('a day', () => {
  test('is kept in both buckets alike: rows as FOCUS has them, sums, and what they are made of', async () => {
    const { run, day, rows, bill, held } = world();
    expect(kinds(await run())).toEqual(['taken', 'taken', 'taken']);
    const kept = day('aws', '2026-11-24');
    expect(kept).toMatchObject({
      rows: 3,
      estimated: true,
      takenAt: '2026-11-25T06:00:00.000Z',
      revisions: [],
      sums: sumOf(bill.charges.filter(({ date }) => date === '2026-11-24')),
      parts: [
        { category: 'compute', service: 'Amazon EC2', environment: 'production', billed: '12.000000003' },
        { category: 'storage', service: 'Amazon S3', environment: null, billed: '-0.00000003', effective: '0' },
        { category: 'storage', service: 'Amazon S3', environment: 'production', billed: '0.000000061' },
      ],
    });
    expect(day('aws', '2026-11-22')?.estimated).toBe(false);
    expect(rows('gcp', '2026-11-24').map((row) => CostRow.parse(row).SkuId)).toEqual(['box', 'a', 'b']);
    expect(held('aws')).toEqual(held('gcp'));
  });

  test('that is told and cost nothing is a day; one that is not told is none', async () => {
    const { run, day, state, bill } = world();
    bill.charges = bill.charges.filter(({ date }) => date === '2026-11-22');
    bill.emptyDates = ['2026-11-23'];
    expect(kinds(await run())).toEqual(['taken', 'taken', 'troubled']);
    expect(day('gcp', '2026-11-23')).toMatchObject({ rows: 0, sums: [], parts: [] });
    expect(day('gcp', '2026-11-24')).toBeNull();
    expect(state('aws')?.troubled).toMatchObject([{ date: '2026-11-24', trouble: 'not-there-yet', attempts: 1 }]);
  });

  test('before the first that was ever told is missed by nobody, and one after it is', async () => {
    const { run, state, bill, clock } = world();
    const all = bill.charges;
    bill.charges = [];
    await run();
    expect(state('aws')?.troubled.map(({ date }) => date)).toEqual(window);
    bill.charges = all.filter(({ date }) => date === '2026-11-23');
    clock.advance(3600);
    await run();
    expect(state('gcp')?.troubled.map(({ date }) => date)).toEqual(['2026-11-24']);
  });

  test('of two currencies keeps them apart', async () => {
    const { run, day, bill } = world();
    bill.charges = [
      charge({ date: '2026-11-23', currency: 'USD' }),
      charge({ date: '2026-11-23', currency: 'EUR', billed: 7n, effective: 7n }),
    ];
    await run();
    expect(day('aws', '2026-11-23')?.sums).toEqual([
      { currency: 'EUR', billed: '0.000000007', effective: '0.000000007' },
      { currency: 'USD', billed: '1.5', effective: '1.25' },
    ]);
  });

  test('whose bill names more services than a record holds tells the smallest together, and loses nothing', async () => {
    const { run, day, bill } = world();
    bill.charges = Array.from({ length: 1200 }, (_, index) =>
      charge({ date: '2026-11-23', service: `Service ${index}`, billed: BigInt(index + 1), effective: BigInt(index) }),
    );
    await run();
    const kept = day('gcp', '2026-11-23');
    expect(kept?.sums).toEqual(sumOf(bill.charges));
    const together = kept?.parts.filter(({ service }) => service === null) ?? [];
    expect(kept?.parts).toHaveLength(1001);
    expect(together.map(({ billed }) => billed)).toEqual([sumOf(bill.charges.slice(0, 200))[0]?.billed]);
  });

  test('is written in parts through a draft when it is large, and no draft stays', async () => {
    const { run, rows, buckets, held, bill } = world();
    bill.charges = Array.from({ length: 400 }, (_, index) =>
      charge({ date: '2026-11-23', sku: `sku ${(index * 7919) % 401}` }),
    );
    await run({ partBytes: 1000 });
    expect(rows('aws', '2026-11-23')).toHaveLength(400);
    expect(held('aws')).toEqual(held('gcp'));
    expect([...held('aws').keys()].filter((key) => key.includes('drafts'))).toEqual([]);
    expect(buckets.aws.uploads.size + buckets.gcp.uploads.size).toBe(0);
    const before = held('aws');
    expect(kinds(await run({ partBytes: 1000 }))).toEqual(['troubled', 'unchanged', 'troubled']);
    expect(held('aws')).toEqual(before);
  });
});

describe('again', () => {
  test('changes nothing', async () => {
    const { run, held, clock, buckets } = world();
    await run();
    const before = { aws: held('aws'), gcp: held('gcp') };
    clock.advance(86_400 / 2);
    const writes = buckets.aws.writes();
    expect(kinds(await run({ home: 'gcp' }))).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect({ aws: held('aws'), gcp: held('gcp') }).toEqual(before);
    expect(buckets.aws.writes() - writes).toBe(1);
  });

  test('at the same time, from both sides, changes nothing either', async () => {
    const { run, held } = world();
    const runs = await Promise.all([run({ home: 'aws' }), run({ home: 'gcp' }), run({ home: 'aws' })]);
    expect(runs.flatMap(kinds).filter((kind) => kind === 'troubled')).toEqual([]);
    expect(held('aws')).toEqual(held('gcp'));
    const alone = world();
    await alone.run();
    expect(held('aws')).toEqual(alone.held('aws'));
  });

  test('asks for no settled day, and for the totals alone of one that is only open', async () => {
    const { run, bill, clock } = world();
    await run();
    clock.advance(5 * 86_400);
    bill.charges.push(charge({ date: '2026-11-27' }), charge({ date: '2026-11-28' }), charge({ date: '2026-11-29' }));
    bill.asked = [];
    const outcome = await run();
    expect(bill.asked).toEqual([
      { what: 'totals', range: { fromDate: '2026-11-24', toDate: '2026-11-30' } },
      { what: 'rows', range: { fromDate: '2026-11-27', toDate: '2026-11-30' } },
    ]);
    expect(outcome.days.map(({ date, kind }) => [date, kind])).toEqual([
      ['2026-11-24', 'unchanged'],
      ['2026-11-25', 'troubled'],
      ['2026-11-26', 'troubled'],
      ['2026-11-27', 'taken'],
      ['2026-11-28', 'taken'],
      ['2026-11-29', 'taken'],
    ]);
  });

  test('says of a day that its month was closed', async () => {
    const { run, bill, day, clock } = world();
    await run();
    clock.advance(86_400 * 8);
    bill.openFrom = '9999-12-31';
    bill.asked = [];
    const outcome = await run();
    expect(outcome.days.find(({ date }) => date === '2026-11-24')?.kind).toBe('settled');
    expect(day('gcp', '2026-11-24')).toMatchObject({
      estimated: false,
      takenAt: '2026-11-25T06:00:00.000Z',
      revisions: [],
    });
  });
});

describe('a restatement', () => {
  test('keeps the difference alone, by service and environment, and the rows of before', async () => {
    const { run, bill, day, held, clock } = world();
    await run();
    const first = day('aws', '2026-11-23');
    bill.charges = bill.charges.map((one) =>
      one.date === '2026-11-23' && one.sku === 'a' ? { ...one, billed: 161n } : one,
    );
    bill.charges.push(
      charge({ date: '2026-11-23', service: 'Amazon RDS', category: 'database', billed: 5n, effective: 4n }),
    );
    clock.advance(3600);
    expect(kinds(await run())).toEqual(['unchanged', 'restated', 'unchanged']);
    const later = day('gcp', '2026-11-23');
    expect(later?.revisions).toEqual([
      {
        at: '2026-11-25T07:00:00.000Z',
        from: first?.digest,
        to: later?.digest,
        changes: [
          {
            category: 'database',
            service: 'Amazon RDS',
            environment: 'production',
            transfer: false,
            currency: 'USD',
            billed: '0.000000005',
            effective: '0.000000004',
            rows: 1,
          },
          {
            category: 'storage',
            service: 'Amazon S3',
            environment: 'production',
            transfer: false,
            currency: 'USD',
            billed: '0.0000001',
            effective: '0',
            rows: 1,
          },
        ],
      },
    ]);
    expect([...held('aws').keys()]).toContain(rowsKey('aws', '2026-11-23', first?.digest ?? ''));
    expect(held('aws')).toEqual(held('gcp'));
  });

  test('whose earlier rows were cleared away is told by its sums', async () => {
    const { run, bill, day, buckets, clock } = world();
    await run();
    clock.advance(60);
    buckets.aws.remove(day('aws', '2026-11-23')?.rowsKey ?? '');
    bill.charges = bill.charges.map((one) => (one.date === '2026-11-23' ? { ...one, billed: one.billed + 1n } : one));
    await run();
    expect(day('gcp', '2026-11-23')?.revisions[0]?.changes).toMatchObject([
      { service: 'Amazon EC2', billed: '0.000000001', rows: null },
      { service: 'Amazon S3', environment: null, billed: '0.000000001', rows: null },
      { service: 'Amazon S3', environment: 'production', billed: '0.000000001', rows: null },
    ]);
  });

  test('that was asked for earlier never takes the place of a later one', async () => {
    const { run, bill, day, clock } = world();
    let inTheMiddle: Promise<unknown> | null = null;
    bill.pages = (pages) => {
      const early = pages.map((page) => [...page]);
      if (inTheMiddle === null) {
        // The second run asks later, and of a bill that was restated since.
        clock.advance(60);
        bill.charges = bill.charges.map((one) => (one.sku === 'a' ? { ...one, billed: 62n } : one));
        inTheMiddle = run();
      }
      return early;
    };
    const late = await run();
    await inTheMiddle;
    const settled = await run();
    expect(kinds(settled)).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(day('aws', '2026-11-23')?.sums[0]?.billed).toBe('12.000000034');
    expect(late.days).toHaveLength(3);
  });
});

describe('bad input', () => {
  test.each<[string, (world: SnapshotWorld) => void, string, string]>([
    [
      'a page that was lost',
      ({ bill }) => {
        bill.pages = (pages) => pages.filter((_, index) => index !== 1);
      },
      'sums-differ',
      'the provider tells 12.000000033 USD billed, and its rows add up to 0',
    ],
    [
      'a page that came twice',
      ({ bill }) => {
        bill.pages = (pages) => pages.flatMap((page, index) => (index === 1 ? [page, page] : [page]));
      },
      'out-of-order',
      'came after one that follows it',
    ],
    [
      'a row that was told twice',
      ({ bill }) => {
        bill.pages = (pages) => pages.map((page, index) => (index === 1 ? page.flatMap((row) => [row, row]) : page));
      },
      'sums-differ',
      'its rows add up to 24.000000066',
    ],
  ])('%s refuses its day and no other, and what was known of it stays', async (_, spoil, trouble, says) => {
    const made = world();
    await made.run();
    const before = made.held('aws');
    made.clock.advance(86_400 / 2);
    spoil(made);
    const outcome = await made.run();
    expect(kinds(outcome)).toEqual(['unchanged', 'troubled', 'unchanged']);
    expect(outcome.days[1]).toMatchObject({ trouble });
    expect(made.held('aws')).toEqual(before);
    const [troubled] = made.state('gcp')?.troubled ?? [];
    expect(troubled).toMatchObject({ date: '2026-11-23', trouble, sinceTime: '2026-11-25T18:00:00.000Z', attempts: 1 });
    expect(troubled?.because).toContain(says);
    made.bill.pages = (pages) => pages;
    await made.run();
    expect(made.state('aws')?.troubled).toEqual([]);
  });

  test('one charge in two rows is one row when that is what the provider adds up', async () => {
    const { run, rows, day, bill } = world();
    bill.charges.push(charge({ date: '2026-11-23', billed: 1n, effective: 1n }));
    expect(kinds(await run())).toEqual(['taken', 'taken', 'taken']);
    expect(rows('aws', '2026-11-23')).toHaveLength(3);
    expect(day('aws', '2026-11-23')?.sums).toEqual(sumOf(bill.charges.filter(({ date }) => date === '2026-11-23')));
  });

  test('an answer that cannot be understood is found by halves: every other day is taken', async () => {
    const made = world();
    made.bill.onAsk = (what, { fromDate, toDate }) => {
      if (what === 'rows' && fromDate <= '2026-11-22' && '2026-11-22' < toDate) {
        throw new CostUnavailable('the bill', 'invalid', '"a dollar" is no amount of money');
      }
    };
    const outcome = await made.run();
    expect(kinds(outcome)).toEqual(['troubled', 'taken', 'taken']);
    expect(outcome.days[0]).toMatchObject({ trouble: 'invalid', because: expect.stringContaining('a dollar') });
  });

  test.each(['refused', 'throttled'] as const)('what is %s is not asked for again and again', async (reason) => {
    const made = world();
    made.bill.onAsk = (what) => {
      if (what === 'rows') throw new CostUnavailable('the bill', reason, 'no');
    };
    expect(kinds(await made.run())).toEqual(['troubled', 'troubled', 'troubled']);
    expect(made.bill.asked).toHaveLength(2);
    expect(made.state('gcp')?.troubled.map(({ trouble }) => trouble)).toEqual([reason, reason, reason]);
  });

  test('a record that a newer version wrote is left alone, and told', async () => {
    const made = world();
    await made.run();
    const write = async (text: string) => {
      const { createFakeObjectBucket } = await import('../../../support/fake-object-bucket.ts');
      const { crc32c, crc32cText } = await import('../../../../shared/objects/crc32c.ts');
      const state = made.buckets.aws;
      const bucket = createFakeObjectBucket({
        name: 'a',
        state,
        clock: made.clock,
        faults: () => null,
        pageSize: 9,
        traits: {},
        keep: 'bytes',
      });
      const live = state.live('cost/v1/aws/2026/11/23/day.json');
      const bytes = Buffer.from(text);
      const { attributes } = live?.version ?? { attributes: null };
      if (!live || !attributes) throw new Error('there is no record');
      await bucket.write({ key: live.version.key, attributes, stamp: null }, bytes, crc32cText(crc32c(bytes)), {
        kind: 'tag',
        tag: live.version.tag,
        revision: 1,
      });
    };
    await write('{"schema":2}');
    const outcome = await made.run();
    expect(outcome.days[1]).toMatchObject({
      kind: 'troubled',
      trouble: 'unreadable',
      because: expect.stringContaining('delete it'),
    });
    expect(kinds(outcome)).toEqual(['unchanged', 'troubled', 'unchanged']);
    expect(Buffer.from(made.held('aws').get('cost/v1/aws/2026/11/23/day.json') ?? '', 'base64').toString()).toBe(
      '{"schema":2}',
    );
  });
});

describe('a bucket that cannot be reached', () => {
  test.each(['aws', 'gcp'] as const)(
    'at %s does not lose the snapshot in the other, and is caught up with',
    async (away) => {
      const { run, held, faults, state, bill, clock } = world();
      const other = away === 'aws' ? 'gcp' : 'aws';
      faults[away] = () => ({ kind: 'unknown-before' });
      const outcome = await run();
      expect(kinds(outcome)).toEqual(['taken', 'taken', 'taken']);
      expect(outcome.unreached).toMatchObject([{ site: away, because: expect.stringContaining('next run') }]);
      expect(state(other)?.unreached).toMatchObject([{ site: away, sinceTime: state(other)?.lastRunTime }]);
      faults[away] = () => null;
      clock.advance(86_400 * 40);
      bill.asked = [];
      const later = await run({ home: away });
      expect(later.caughtUp).toEqual(window.map((date) => ({ site: away, date })));
      expect(held('aws')).toEqual(held('gcp'));
      expect(bill.asked.filter(({ what }) => what === 'rows')).toEqual([]);
    },
  );

  test('in the middle of a day is left for the other, and no day is missing', async () => {
    const { run, held, faults } = world();
    let calls = 0;
    faults.aws = ({ operation, key }) => {
      if (operation === 'write' && key.includes('/2026/11/23/')) calls += 1;
      return calls > 0 ? { kind: 'unknown-before' } : null;
    };
    const outcome = await run();
    expect(kinds(outcome)).toEqual(['taken', 'taken', 'taken']);
    expect(outcome.unreached).toMatchObject([{ site: 'aws' }]);
    faults.aws = () => null;
    await run();
    expect(held('aws')).toEqual(held('gcp'));
  });

  test('on either side asks no provider for what could not be kept', async () => {
    const { run, faults, bill } = world();
    faults.aws = () => ({ kind: 'unknown-before' });
    faults.gcp = () => ({ kind: 'unknown-before' });
    await expect(run()).rejects.toThrow('no cost bucket can be reached, so that no provider was asked');
    expect(bill.asked).toEqual([]);
  });
});

describe('time', () => {
  test('that is over ends a run between two pages, and the next goes on there', async () => {
    const { run, bill, clock, state, held } = world();
    bill.pages = function* (pages) {
      for (const page of pages) {
        clock.advance(10);
        yield page;
      }
    };
    const first = await run({ untilSeconds: 15 });
    expect(kinds(first)).toEqual(['taken', 'troubled', 'troubled']);
    expect(state('aws')).toMatchObject({ resumeDate: '2026-11-23' });
    bill.asked = [];
    const second = await run({ untilSeconds: clock.elapsedSeconds() + 25 });
    expect(second.days.map(({ date, kind }) => [date, kind])).toEqual([
      ['2026-11-22', 'troubled'],
      ['2026-11-23', 'taken'],
      ['2026-11-24', 'taken'],
    ]);
    await run();
    expect(state('gcp')).toMatchObject({ resumeDate: null, troubled: [] });
    expect(held('aws')).toEqual(held('gcp'));
  });

  test('that one day alone uses up does not keep the others from being taken', async () => {
    const { run, bill, clock, state } = world();
    bill.pages = function* (pages) {
      for (const page of pages) {
        clock.advance(page[0]?.ChargePeriodStart.startsWith('2026-11-22') ? 100 : 1);
        yield page;
      }
    };
    expect(kinds(await run({ untilSeconds: 50 }))).toEqual(['troubled', 'troubled', 'troubled']);
    expect(state('aws')).toMatchObject({ resumeDate: '2026-11-23' });
    const next = await run({ untilSeconds: clock.elapsedSeconds() + 50 });
    expect(kinds(next)).toEqual(['troubled', 'taken', 'taken']);
    expect(state('aws')?.troubled).toMatchObject([{ date: '2026-11-22', attempts: 2, trouble: 'out-of-time' }]);
  });
});

describe('a range', () => {
  const range = { fromDate: '2026-11-20', toDate: '2026-11-23' };

  test('fills in what is missing, and leaves what is settled', async () => {
    const { run, bill } = world();
    await run();
    bill.charges.push(charge({ date: '2026-11-20' }));
    bill.asked = [];
    const outcome = await run({ wanted: { kind: 'range', range, again: false } });
    expect(outcome.days.map(({ date, kind }) => [date, kind])).toEqual([
      ['2026-11-20', 'taken'],
      ['2026-11-21', 'troubled'],
    ]);
    expect(bill.asked.at(-1)).toEqual({ what: 'rows', range: { fromDate: '2026-11-20', toDate: '2026-11-21' } });
  });

  test('takes settled days too where a person says again', async () => {
    const { run, bill, clock } = world();
    await run();
    clock.advance(60);
    bill.charges = bill.charges.map((one) => (one.date === '2026-11-22' ? { ...one, billed: one.billed + 7n } : one));
    const outcome = await run({ wanted: { kind: 'range', range, again: true } });
    expect(outcome.days.at(-1)).toMatchObject({ date: '2026-11-22', kind: 'restated' });
  });
});

test('drafts that a killed run left are cleared two days later', async () => {
  const { run, buckets, faults, bill, clock } = world();
  bill.charges = Array.from({ length: 400 }, (_, index) => charge({ date: '2026-11-23', sku: `sku ${index * 7919}` }));
  faults.aws = ({ operation }) => (operation === 'keepAside' ? { kind: 'dies', at: 'before' } : null);
  void run({ partBytes: 1000 });
  while (![...buckets.aws.entries.keys()].some((key) => key.includes('/drafts/'))) await new Promise(setImmediate);
  faults.aws = () => null;
  const drafts = () => [...buckets.aws.entries.keys()].filter((key) => key.includes('/drafts/'));
  await run({ partBytes: 1000 });
  expect(drafts()).toHaveLength(1);
  clock.advance(86_400 * 3);
  await run({ partBytes: 1000 });
  expect(drafts()).toEqual([]);
  expect(buckets.aws.live(stateKey('aws'))).not.toBeNull();
});
