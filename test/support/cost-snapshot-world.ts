// A provider's bill that a test writes, two cost buckets that it may break, and runs of the real snapshot between them.
import { gunzipSync } from 'node:zlib';
import { rowKey } from '../../shared/cost/row-key.ts';
import { dayKey, stateKey } from '../../shared/cost/snapshot/keys.ts';
import type { Wanted } from '../../shared/cost/snapshot/plan-days.ts';
import { createShelf } from '../../shared/cost/snapshot/shelf.ts';
import { type SnapshotOutcome, takeSnapshot } from '../../shared/cost/snapshot/snapshot.ts';
import type { CostRow, CostSum, DayTotal } from '../../shared/model/cost.ts';
import { CostDay, CostState } from '../../shared/model/cost-day.ts';
import type { Provider } from '../../shared/model/site.ts';
import type { CostRange, CostSource } from '../../shared/ports/cost-source.ts';
import { type BucketFaults, createFakeObjectBucket } from './fake-object-bucket.ts';
import { createFakeObjectState, type FakeObjectState } from './fake-object-state.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

export type Charge = {
  date: string;
  service: string;
  category: CostRow['x_Category'];
  environment: string | null;
  transfer: boolean;
  currency: string;
  sku: string;
  /** In billionths: tests reckon with these, and not with what they try. */
  billed: bigint;
  effective: bigint;
};

export function charge(given: Partial<Charge> & Pick<Charge, 'date'>): Charge {
  return {
    service: 'Amazon EC2',
    category: 'compute',
    environment: 'production',
    transfer: false,
    currency: 'USD',
    sku: 'box',
    billed: 1_500_000_000n,
    effective: 1_250_000_000n,
    ...given,
  };
}

/** `1500000000n` is `1.5`. */
export function amountOfBillionths(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(10, '0');
  const text = `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
  return value < 0n ? `-${text}` : text;
}

function rowOf(one: Charge, provider: Provider): CostRow {
  const midnight = (date: string) => `${date}T00:00:00Z`;
  const after = new Date(Date.parse(one.date) + 86_400_000).toISOString().slice(0, 10);
  return {
    ChargePeriodStart: midnight(one.date),
    ChargePeriodEnd: midnight(after),
    BillingPeriodStart: midnight(`${one.date.slice(0, 7)}-01`),
    BillingPeriodEnd: midnight(`${one.date.slice(0, 7)}-28`),
    ProviderName: provider === 'aws' ? 'AWS' : 'Google Cloud',
    BillingAccountId: '123456789012',
    SubAccountId: null,
    ServiceName: one.service,
    RegionId: null,
    SkuId: one.sku,
    ChargeCategory: 'Usage',
    BillingCurrency: one.currency,
    BilledCost: amountOfBillionths(one.billed),
    EffectiveCost: amountOfBillionths(one.effective),
    Tags: one.environment === null ? {} : { environment: one.environment },
    x_Category: one.category,
    x_Environment: one.environment,
    x_Transfer: one.transfer,
  };
}

/** What charges come to by currency, by whole numbers. */
export function sumOf(charges: readonly Charge[]): CostSum[] {
  const currencies = [...new Set(charges.map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const of = (kind: 'billed' | 'effective') =>
      charges.filter((one) => one.currency === currency).reduce((sum, one) => sum + one[kind], 0n);
    return { currency, billed: amountOfBillionths(of('billed')), effective: amountOfBillionths(of('effective')) };
  });
}

export type Bill = {
  charges: Charge[];
  /** Days that are told though nothing was charged. */
  emptyDates: string[];
  /** The first day that may still change. */
  openFrom: string;
  /** Called with what was asked for, in the middle of it: throw, or change the bill. */
  onAsk: (what: 'totals' | 'rows', range: CostRange) => void;
  /** What the pages of rows are made into before they are given. */
  pages: (pages: CostRow[][]) => Iterable<CostRow[]>;
  asked: { what: 'totals' | 'rows'; range: CostRange }[];
};

export function createBill(): Bill {
  return {
    charges: [],
    emptyDates: [],
    openFrom: '9999-12-31',
    onAsk: () => {},
    pages: (pages) => pages,
    asked: [],
  };
}

function createBillSource(bill: Bill, provider: Provider, pageSize = 3): CostSource {
  const within = ({ fromDate, toDate }: CostRange, date: string) => fromDate <= date && date < toDate;
  const ask = (what: 'totals' | 'rows', range: CostRange) => {
    bill.asked.push({ what, range });
    bill.onAsk(what, range);
  };
  const spent = () => ({
    requests: bill.asked.length,
    readBytes: null,
    amount: amountOfBillionths(10_000_000n * BigInt(bill.asked.length)),
    currency: 'USD' as const,
  });
  return {
    name: `the bill of ${provider}`,
    provider,
    async totals(range) {
      ask('totals', range);
      const dates = [...new Set([...bill.charges.map(({ date }) => date), ...bill.emptyDates])].sort();
      return dates
        .filter((date) => within(range, date))
        .map((date): DayTotal => {
          const sums = sumOf(bill.charges.filter((one) => one.date === date));
          const told = sums.filter(({ billed, effective }) => billed !== '0' || effective !== '0');
          return { date, sums: told, estimated: date >= bill.openFrom };
        });
    },
    async *rows(range) {
      ask('rows', range);
      const keyed = bill.charges
        .filter(({ date }) => within(range, date))
        .map((one) => rowOf(one, provider))
        .map((row) => ({ row, key: `${row.ChargePeriodStart} ${rowKey(row)}` }))
        .sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
      const pages = Array.from({ length: Math.ceil(keyed.length / pageSize) }, (_, index) =>
        keyed.slice(index * pageSize, (index + 1) * pageSize).map(({ row }) => row),
      );
      for (const page of bill.pages(pages)) {
        await Promise.resolve();
        yield page;
      }
    },
    estimate: async () => spent(),
    spent,
  };
}

export type SnapshotWorld = {
  bill: Bill;
  clock: ManualClock;
  buckets: Record<Provider, FakeObjectState>;
  /** Faults of every client that is opened from now on. */
  faults: Record<Provider, BucketFaults>;
  /** A run that is at home at that site; `untilSeconds` by the clock. */
  run(options?: Partial<RunOptions>): Promise<SnapshotOutcome>;
  day(site: Provider, date: string): CostDay | null;
  state(site: Provider): CostState | null;
  /** The rows of a day as the bucket holds them. */
  rows(site: Provider, date: string): CostRow[];
  /** Everything that a bucket holds of days, and nothing that says when a run was. */
  held(site: Provider): Map<string, string>;
};

type RunOptions = { home: Provider; wanted: Wanted; untilSeconds: number; partBytes: number };

/** Late in November 2026: the 24th is the newest day that is over. */
const today = '2026-11-25';

export function createSnapshotWorld(provider: Provider = 'aws', bill = createBill()): SnapshotWorld {
  const clock = createManualClock(`${today}T06:00:00.000Z`);
  const nowMillis = () => clock.now().getTime();
  const stateOf = (service: 's3' | 'gcs') =>
    createFakeObjectState({ service, versioned: false, nowMillis, onEvent: () => {} });
  const buckets = { aws: stateOf('s3'), gcp: stateOf('gcs') };
  const faults: Record<Provider, BucketFaults> = { aws: () => null, gcp: () => null };
  let ids = 0;
  const chance = {
    fraction: () => 0.5,
    id: () => {
      ids += 1;
      return `id-${ids}`;
    },
  };
  const textOf = (site: Provider, key: string): Buffer | null => {
    const found = buckets[site].live(key);
    return found ? Buffer.concat([...found.content.chunks(0, found.content.sizeBytes)]) : null;
  };
  const day = (site: Provider, date: string): CostDay | null => {
    const text = textOf(site, dayKey(provider, date));
    return text === null ? null : CostDay.parse(JSON.parse(text.toString()));
  };
  return {
    bill,
    clock,
    buckets,
    faults,
    day,
    async run(options = {}) {
      const home = options.home ?? provider;
      const sites: Provider[] = home === 'aws' ? ['aws', 'gcp'] : ['gcp', 'aws'];
      const shelves = sites.map((site) => {
        const bucket = createFakeObjectBucket({
          name: `${site}-cost`,
          state: buckets[site],
          clock,
          faults: (call) => faults[site](call),
          pageSize: 100,
          traits: {},
          keep: 'bytes',
        });
        return createShelf(site, bucket, clock, chance);
      });
      return takeSnapshot(
        {
          source: createBillSource(bill, provider),
          shelves,
          clock,
          chance,
          late: () => clock.elapsedSeconds() >= (options.untilSeconds ?? Number.POSITIVE_INFINITY),
          partBytes: options.partBytes ?? 1_000_000,
          noted: () => {},
        },
        options.wanted ?? { kind: 'due', windowDays: 3 },
      );
    },
    state(site) {
      const text = textOf(site, stateKey(provider));
      return text === null ? null : CostState.parse(JSON.parse(text.toString()));
    },
    rows(site, date) {
      const file = textOf(site, day(site, date)?.rowsKey ?? '');
      if (file === null) return [];
      return gunzipSync(file)
        .toString()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    },
    held(site) {
      const keys = [...buckets[site].entries.keys()].filter((key) => key !== stateKey(provider)).sort();
      return new Map(
        keys.flatMap((key) => {
          const text = textOf(site, key);
          return text === null ? [] : [[key, text.toString('base64')] as const];
        }),
      );
    },
  };
}
