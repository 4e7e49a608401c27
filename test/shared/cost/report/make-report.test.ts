// A month's report: every cut adds up to the provider's own totals, what is not known is null, and currencies stay apart.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addAmounts, amountOf } from '../../../../shared/cost/money.ts';
import { makeReport } from '../../../../shared/cost/report/make-report.ts';
import { reportCsv } from '../../../../shared/cost/report/report-csv.ts';
import { CostReport } from '../../../../shared/cost/report/report-shape.ts';
import { costCategories } from '../../../../shared/model/cost.ts';
import type { CostDay, CostState } from '../../../../shared/model/cost-day.ts';
import { aPlan, dayOf, spread, stateOf } from '../days.ts';

type Given = {
  days: readonly CostDay[];
  month?: string;
  now?: string;
  states?: readonly CostState[];
  plan?: typeof aPlan;
};

function reportOf({ days, month = '2026-11', now = '2026-12-08T09:00:00Z', states = [], plan = aPlan }: Given) {
  return makeReport({
    application: 'gopro',
    plan,
    estate: { standby: 'gcp', production: 'production' },
    month,
    now: new Date(now),
    basis: 'effective',
    days,
    states,
    unread: [],
  });
}

const parts = fc.array(
  fc.record({
    category: fc.constantFrom(...costCategories),
    service: fc.constantFrom('one', 'two', null),
    environment: fc.constantFrom('production', 'staging', 'elsewhere', null),
    transfer: fc.boolean(),
    currency: fc.constantFrom('USD', 'EUR'),
    amount: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 14n }).map((digits) => amountOf(`${digits}e-9`)),
  }),
  { maxLength: 6 },
);
const days = fc
  .uniqueArray(
    fc.record({
      provider: fc.constantFrom('aws' as const, 'gcp' as const),
      day: fc.integer({ min: 1, max: 30 }),
      parts,
    }),
    {
      maxLength: 12,
      selector: ({ provider, day }) => `${provider} ${day}`,
    },
  )
  .map((all) =>
    all.map(({ provider, day, parts: said }) => dayOf(provider, `2026-11-${String(day).padStart(2, '0')}`, said)),
  );

describe('sums', () => {
  it('are by every cut the sums that the providers told, to the last digit, in each currency by itself', () => {
    fc.assert(
      fc.property(days, (kept) => {
        const report = reportOf({ days: kept });
        for (const one of report.currencies) {
          const told = (provider: string | null) =>
            addAmounts(
              ...kept
                .filter((day) => provider === null || day.provider === provider)
                .flatMap(({ sums }) =>
                  sums.filter(({ currency }) => currency === one.currency).map(({ effective }) => effective),
                ),
            );
          const added = (amounts: readonly (string | null)[]) => addAmounts(...amounts.map((amount) => amount ?? '0'));
          expect(one.total.all).toBe(told(null));
          expect(one.total.aws ?? '0').toBe(told('aws'));
          expect(one.total.gcp ?? '0').toBe(told('gcp'));
          expect(added(one.categories.map(({ all }) => all))).toBe(told(null));
          expect(added(one.environments.map(({ amount }) => amount))).toBe(told(null));
          expect(added(one.services.map(({ amount }) => amount))).toBe(told(null));
          expect(added(one.daily.map(({ all }) => all))).toBe(told(null));
        }
        const known = new Set(kept.flatMap(({ sums }) => sums.map(({ currency }) => currency)));
        expect(report.currencies.map(({ currency }) => currency)).toEqual([...known].sort());
        expect(CostReport.safeParse(report).success).toBe(true);
        expect(reportCsv(report).split('\r\n').at(-1)).toBe('');
      }),
      { numRuns: 40 },
    );
  });
});

const aws = (from: string, to: string, amount: string) =>
  spread('aws', from, to, [{ category: 'compute', service: 'EC2', amount }]);

describe('what is not known', () => {
  it('is a side that is null, and no zero; a day that was told and holds nothing is one', () => {
    const quiet = dayOf('gcp', '2026-11-02', []);
    const kept = [...aws('2026-11-01', '2026-11-03', '20')];
    expect(reportOf({ days: kept }).currencies[0]?.total).toEqual({ aws: '20', gcp: null, all: '20' });
    const told = reportOf({ days: [...kept, quiet] });
    expect(told.currencies[0]?.total).toEqual({ aws: '20', gcp: '0', all: '20' });
    expect(told.currencies[0]?.daily.slice(0, 2).map(({ gcp }) => gcp)).toEqual([null, '0']);
  });

  it('is named with the way to know it, and what the snapshots met', () => {
    const gap = aws('2026-11-01', '2026-11-11', '100').filter(
      ({ date }) => date !== '2026-11-04' && date !== '2026-11-05',
    );
    const states = [
      stateOf('aws', '2026-11-11T06:00:00Z', {
        troubled: [
          {
            date: '2026-11-04',
            trouble: 'sums-differ',
            because: 'rows lack $3',
            sinceTime: '2026-11-06T06:00:00Z',
            lastTime: '2026-11-11T06:00:00Z',
            attempts: 5,
          },
        ],
      }),
    ];
    const { findings, coverage } = reportOf({ days: gap, states, now: '2026-11-11T09:00:00Z' });
    expect(coverage[0]?.missing).toEqual(['2026-11-04', '2026-11-05']);
    expect(findings[0]).toBe(
      '2 days of aws are missing, and not counted as nothing: 2026-11-04 to 2026-11-05. `causeway cost snapshot --provider aws --from 2026-11-04 --to 2026-11-06` asks for them',
    );
    expect(findings[1]).toBe('a day of aws could not be taken: 2026-11-04, since 2026-11-06T06:00:00Z: rows lack $3');
    expect(findings[2]).toMatch(/^nothing is known of gcp in 2026-11, and it is in no sum/);
  });

  it('is nobody’s worry for two days, while providers are still telling', () => {
    const one = { ...aPlan, sources: aPlan.sources.slice(0, 1) };
    const { findings, coverage } = reportOf({
      days: aws('2026-11-01', '2026-11-10', '90'),
      plan: one,
      now: '2026-11-11T09:00:00Z',
    });
    expect(coverage[0]?.missing).toEqual(['2026-11-10']);
    expect(findings).toEqual([]);
  });

  it('keeps two clouds from being compared on days that one of them has not told', () => {
    const gcp = spread('gcp', '2026-11-01', '2026-11-03', [{ category: 'compute', service: 'GCE', amount: '10' }]);
    const report = reportOf({ days: [...aws('2026-11-01', '2026-11-11', '100'), ...gcp] });
    expect(report.currencies[0]).toMatchObject({
      comparedDays: 2,
      categories: [{ category: 'compute', aws: '100', gcp: '10', cheaper: { provider: 'gcp', percent: '50' } }],
    });
  });
});

describe('this month against the last', () => {
  it('sets the same days beside each other, and leaves out what only one of the months knows', () => {
    const kept = [...aws('2026-10-01', '2026-10-05', '40'), ...aws('2026-11-01', '2026-11-07', '72')];
    const [usd] = reportOf({ days: kept, now: '2026-11-10T09:00:00Z' }).currencies;
    expect(usd?.toDate).toEqual({
      days: 4,
      leftOut: ['2026-11-05', '2026-11-06'],
      now: { aws: '48', gcp: null, all: '48' },
      before: { aws: '40', gcp: null, all: '40' },
      changePercent: { aws: '20', gcp: null, all: '20' },
    });
  });

  it('leaves out a day that the month before did not have', () => {
    const kept = [...aws('2026-02-01', '2026-03-01', '28'), ...aws('2026-03-01', '2026-04-01', '31')];
    const [usd] = reportOf({ days: kept, month: '2026-03', now: '2026-04-10T09:00:00Z' }).currencies;
    expect(usd?.toDate).toMatchObject({ days: 28, leftOut: ['2026-03-29', '2026-03-30', '2026-03-31'] });
  });

  it('does not set a day that is still open beside a whole one', () => {
    const estimated = { estimated: true, takenAt: '2026-11-07T06:00:00Z' };
    const november = aws('2026-11-01', '2026-11-08', '70').map((day) => ({ ...day, ...estimated }));
    const states = [stateOf('aws', '2026-11-07T06:00:00Z')];
    const kept = [...aws('2026-10-01', '2026-11-01', '31'), ...november];
    const [usd] = reportOf({ days: kept, states, now: '2026-11-07T09:00:00Z' }).currencies;
    expect(usd?.toDate.days).toBe(4);
    expect(usd?.daily[5]).toMatchObject({ estimated: ['aws'], open: ['aws'] });
    expect(usd?.daily[3]).toMatchObject({ estimated: ['aws'], open: [] });
  });
});

describe('shares', () => {
  it('name what has no environment last, and what has no target', () => {
    const said = [
      { category: 'compute', service: 'a', amount: '50' },
      { category: 'compute', service: 'b', amount: '30', environment: null },
      { category: 'compute', service: 'c', amount: '20', environment: 'sandbox' },
    ] as const;
    const report = reportOf({ days: [dayOf('aws', '2026-11-01', said)] });
    expect(
      report.currencies[0]?.environments.map(({ name, sharePercent, driftPoints }) => [
        name,
        sharePercent,
        driftPoints,
      ]),
    ).toEqual([
      ['production', '50', '-20'],
      ['staging', '0', '-20'],
      ['development', '0', '-10'],
      ['sandbox', '20', null],
      [null, '30', null],
    ]);
    expect(report.findings.at(-1)).toMatch(/^30 % of what is spent in USD has no environment that the strategy knows/);
  });

  it('are not made of credits', () => {
    const credit = dayOf('aws', '2026-11-01', [{ category: 'other', service: 'Refund', amount: '-5' }]);
    expect(reportOf({ days: [credit] }).currencies[0]?.services.map(({ sharePercent }) => sharePercent)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('what Causeway itself costs', () => {
  const day = dayOf('aws', '2026-11-01', [
    { category: 'compute', service: 'AWS Lambda', amount: '4', environment: 'causeway' },
    { category: 'compute', service: 'AWS Lambda', amount: '6' },
    { category: 'storage', service: 'Amazon Simple Storage Service', amount: '1', environment: 'causeway' },
  ]);

  it('is at most all of its services, until its resources carry an environment of their own', () => {
    expect(reportOf({ days: [day] }).currencies[0]?.own).toEqual({
      tagged: null,
      atMost: { aws: '10', gcp: null, all: '10' },
      services: ['AWS Lambda'],
    });
    const named = [...aPlan.environments.named, { name: 'causeway', values: ['causeway'] }];
    const plan = { ...aPlan, environments: { ...aPlan.environments, named } };
    expect(reportOf({ days: [day], plan }).currencies[0]?.own.tagged).toEqual({ aws: '5', gcp: null, all: '5' });
  });
});

describe('a budget', () => {
  it('is crossed at its threshold to the digit, not a fraction of a cent before', () => {
    const crossed = (amount: string) =>
      reportOf({ days: [dayOf('aws', '2026-11-01', [{ category: 'compute', service: 'EC2', amount }])] }).currencies[0]
        ?.budgets[0];
    expect(crossed('1499.999999999')).toMatchObject({ crossedPercent: null, spentPercent: '50' });
    expect(crossed('1500')).toMatchObject({ crossedPercent: 50 });
    expect(crossed('3000')).toMatchObject({ crossedPercent: 100 });
  });

  it('counts what it is of, in its own currency', () => {
    const [whole] = aPlan.budgets;
    const budgets = [
      {
        ...whole!,
        name: 'gcp_staging',
        provider: 'gcp' as const,
        environment: 'staging',
        category: 'compute' as const,
      },
    ];
    const said = (environment: string, currency = 'USD') =>
      ({ category: 'compute', service: 'GCE', amount: '7', environment, currency }) as const;
    const kept = [
      dayOf('gcp', '2026-11-01', [said('staging'), said('production'), said('staging', 'EUR')]),
      dayOf('aws', '2026-11-01', [said('staging')]),
    ];
    const [, usd] = reportOf({ days: kept, plan: { ...aPlan, budgets } }).currencies;
    expect(usd?.budgets).toEqual([
      expect.objectContaining({ spent: '7', scope: 'compute, the environment staging, at gcp' }),
    ]);
  });
});
