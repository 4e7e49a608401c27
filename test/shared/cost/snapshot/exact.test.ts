// Whatever a bill holds, and wherever a run is killed: sums by every cut are the provider's own, and the buckets end alike.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { costCategories } from '../../../../shared/model/cost.ts';
import type { CostDay } from '../../../../shared/model/cost-day.ts';
import {
  amountOfBillionths,
  type Charge,
  createBill,
  createSnapshotWorld,
  type SnapshotWorld,
  sumOf,
} from '../../../support/cost-snapshot-world.ts';
import type { BucketFault } from '../../../support/fake-object-bucket.ts';

const dates = ['2026-11-22', '2026-11-23', '2026-11-24'];

const someCharge: fc.Arbitrary<Charge> = fc.record({
  date: fc.constantFrom(...dates),
  service: fc.constantFrom('Amazon EC2', 'Amazon S3', 'Amazon "S3"', 'Ä\ud83d\udcb0 service', 'Amazon EC'),
  category: fc.constantFrom(...costCategories),
  environment: fc.constantFrom(null, 'production', 'staging', ''),
  transfer: fc.boolean(),
  currency: fc.constantFrom('USD', 'USD', 'EUR'),
  sku: fc.constantFrom('a', 'b', 'ab', 'a b'),
  billed: fc.bigInt({ min: -(10n ** 14n), max: 10n ** 20n }),
  effective: fc.bigInt({ min: -1000n, max: 1000n }),
});
const someCharges = fc.array(someCharge, { minLength: 1, maxLength: 40 });

type Cut = {
  category: string;
  service: string | null;
  environment: string | null;
  transfer: boolean;
  currency: string;
};
const cuts: readonly (keyof Cut)[] = ['category', 'service', 'environment', 'transfer'];

/** What parts, rows or charges come to by currency and one more name: by whole numbers, and not with what is tried. */
function sumsBy(cut: keyof Cut, list: readonly (Cut & { billed: bigint; effective: bigint })[]): Map<string, string> {
  const sums = new Map<string, [bigint, bigint]>();
  for (const one of list) {
    const name = JSON.stringify([one.currency, one[cut]]);
    const [billed, effective] = sums.get(name) ?? [0n, 0n];
    sums.set(name, [billed + one.billed, effective + one.effective]);
  }
  return new Map([...sums].map(([name, both]) => [name, both.map(amountOfBillionths).join(' ')] as const).sort());
}

function billionthsOf(amount: string): bigint {
  const [whole = '', rest = ''] = amount.replace('-', '').split('.');
  const value = BigInt(whole + rest.padEnd(9, '0'));
  return amount.startsWith('-') ? -value : value;
}

function whole<T extends { billed: string; effective: string }>(one: T) {
  return { ...one, billed: billionthsOf(one.billed), effective: billionthsOf(one.effective) };
}

function expectExact(world: SnapshotWorld): void {
  for (const date of dates) {
    const charges = world.bill.charges.filter((one) => one.date === date);
    const day = world.day('aws', date);
    if (charges.length === 0) {
      expect(day).toBeNull();
      continue;
    }
    expect(day?.sums).toEqual(sumOf(charges));
    const parts = (day?.parts ?? []).map(whole);
    const rows = world.rows('gcp', date).map((row) => ({
      category: row.x_Category,
      service: row.ServiceName,
      environment: row.x_Environment,
      transfer: row.x_Transfer,
      currency: row.BillingCurrency,
      billed: billionthsOf(row.BilledCost),
      effective: billionthsOf(row.EffectiveCost),
    }));
    for (const cut of cuts) {
      expect(sumsBy(cut, parts)).toEqual(sumsBy(cut, charges));
      expect(sumsBy(cut, rows)).toEqual(sumsBy(cut, charges));
    }
  }
}

function worldOf(charges: Charge[]): SnapshotWorld {
  return createSnapshotWorld('aws', { ...createBill(), charges });
}

test('sums by category, service, environment and transfer are the totals of the provider, in rows and in records', async () => {
  await fc.assert(
    fc.asyncProperty(someCharges, async (charges) => {
      const world = worldOf(charges);
      await world.run({ partBytes: 300 });
      expectExact(world);
      expect(world.held('aws')).toEqual(world.held('gcp'));
    }),
    { numRuns: 60 },
  );
});

/** What was first said of a day, and what each restatement added: together they are what is said now. */
function expectDifferencesAddUp(first: CostDay, later: CostDay): void {
  const changes = later.revisions.flatMap((revision) => revision.changes);
  for (const cut of cuts) {
    const then = sumsBy(cut, [...first.parts, ...changes].map(whole));
    const now = sumsBy(cut, later.parts.map(whole));
    for (const [name, sum] of now) expect([name, then.get(name)]).toEqual([name, sum]);
    for (const [name, sum] of then) if (!now.has(name)) expect([name, sum]).toEqual([name, '0 0']);
  }
}

test('a restatement changes its days by its difference, and days that it leaves alone by nothing', async () => {
  await fc.assert(
    fc.asyncProperty(someCharges, someCharges, fc.subarray(dates), async (before, after, restated) => {
      const world = worldOf(before);
      await world.run();
      const first = new Map(dates.map((date) => [date, world.day('aws', date)]));
      const held = world.held('aws');
      world.clock.advance(60);
      world.bill.charges = [
        ...before.filter(({ date }) => !restated.includes(date)),
        ...after.filter(({ date }) => restated.includes(date)),
        // A day that was told goes on being told.
        ...before.filter(({ date }) => restated.includes(date)).slice(0, 1),
      ];
      await world.run();
      for (const date of dates.filter((one) => world.bill.charges.some((charge) => charge.date === one))) {
        const [one, other] = [first.get(date) ?? null, world.day('gcp', date)];
        if (one && other) expectDifferencesAddUp(one, other);
        if (!restated.includes(date)) expect(other).toEqual(one);
      }
      for (const [key, text] of held) {
        if (key.includes('rows-')) expect(world.held('gcp').get(key)).toBe(text);
      }
    }),
    { numRuns: 60 },
  );
});

const charges: Charge[] = dates.flatMap((date, index) =>
  Array.from({ length: 12 }, (_, number) => ({
    date,
    service: `Service ${number % 5}`,
    category: 'compute' as const,
    environment: number % 2 === 0 ? 'production' : null,
    transfer: number % 3 === 0,
    currency: 'USD',
    sku: `sku ${number}`,
    billed: BigInt(number * 1_000_000_007 + index),
    effective: BigInt(number),
  })),
);

/** The calls that change something, one after the other, on both buckets. */
const changing = new Set(['write', 'begin', 'writePart', 'complete', 'keepAside', 'remove']);

/** Kills the run at its nth change (of either bucket), before it or after it. Answers whether there was one. */
async function killedAt(world: SnapshotWorld, nth: number, fault: BucketFault): Promise<boolean> {
  let changes = 0;
  let struck: () => void = () => {};
  const hit = new Promise<boolean>((resolve) => {
    struck = () => resolve(true);
  });
  const faults = ({ operation }: { operation: string }): BucketFault | null => {
    if (!changing.has(operation)) return null;
    changes += 1;
    if (changes !== nth) return null;
    struck();
    return fault;
  };
  world.faults.aws = faults;
  world.faults.gcp = faults;
  const ended = world.run({ partBytes: 200 }).then(() => false);
  const killed = await Promise.race([hit, ended]);
  // What the fault does after its call is done by then: its process has ended, and waits for ever.
  await new Promise(setImmediate);
  if (fault.kind !== 'dies') await ended;
  world.faults.aws = () => null;
  world.faults.gcp = () => null;
  return killed;
}

test.each<BucketFault>([
  { kind: 'dies', at: 'before' },
  { kind: 'dies', at: 'after' },
  { kind: 'unknown-before' },
  { kind: 'unknown-after' },
  { kind: 'damaged' },
  { kind: 'conflict' },
])(
  'a run that meets $kind $at at any of its writes is healed by the next: once restated, twice snapshot',
  async (fault) => {
    const restated = charges.map((one) => (one.date === '2026-11-23' ? { ...one, billed: one.billed + 5n } : one));
    const undisturbed = worldOf(charges);
    await undisturbed.run({ partBytes: 200 });
    undisturbed.clock.advance(60);
    undisturbed.bill.charges = restated;
    await undisturbed.run({ partBytes: 200 });

    let nth = 1;
    for (; ; nth += 1) {
      const world = worldOf(charges);
      const first = await killedAt(world, nth, fault);
      world.clock.advance(60);
      world.bill.charges = restated;
      const second = await killedAt(world, nth, fault);
      world.clock.advance(60);
      await world.run({ partBytes: 200 });
      expectExact(world);
      expect(withoutDrafts(world.held('aws'))).toEqual(withoutDrafts(world.held('gcp')));
      expect(world.state('aws')).toMatchObject({ troubled: [], unreached: [] });
      world.clock.advance(86_400 * 3);
      world.bill.emptyDates = ['2026-11-25', '2026-11-26', '2026-11-27'];
      await world.run();
      expect(
        [...world.held('aws').keys(), ...world.held('gcp').keys()].filter((key) => key.includes('drafts')),
      ).toEqual([]);
      expect(world.day('gcp', '2026-11-22')).toMatchObject({ digest: undisturbed.day('gcp', '2026-11-22')?.digest });
      if (!first && !second) break;
    }
    expect(nth).toBeGreaterThan(20);
  },
);

function withoutDrafts(held: Map<string, string>): Map<string, string> {
  // A killed run may have left the rows of a state that nobody recorded: content that nothing names.
  const named = new Set([...held].filter(([key]) => key.endsWith('day.json')).map(([, text]) => rowsOf(text)));
  return new Map([...held].filter(([key]) => key.endsWith('day.json') || named.has(key)));
}

function rowsOf(text: string): string {
  return JSON.parse(Buffer.from(text, 'base64').toString()).rowsKey;
}
