// What every source of costs must keep: run on the fake, and on each adapter through its official client over its stand-in.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CostRow } from '../../shared/model/cost.ts';
import { type CostRange, type CostSource, CostUnavailable } from '../../shared/ports/cost-source.ts';
import { allRows, august, charge, ordered, sumsByDay, type ToldCharge, totalsByDay } from '../support/cost-charges.ts';

export type CostSourceFault =
  /** The rate is exceeded, for that many requests. */
  | { kind: 'throttle'; requests: number }
  | { kind: 'refuse' }
  | { kind: 'not-there' }
  | { kind: 'silence' }
  /** The first page of rows comes, the second does not. */
  | { kind: 'break-half-way' };

export type CostSourceWorld = {
  source: CostSource;
  /** From now on the provider tells these charges, and that of these days it tells nothing else. */
  tell(charges: readonly ToldCharge[], emptyDates?: readonly string[]): void;
  fail(fault: CostSourceFault): void;
  /** How many seconds were waited between requests. */
  waitedSeconds(): number;
  /** What was said of services without a category. */
  said(): string[];
  /** Services as this provider calls them. */
  services: { compute: string; storage: string };
  /** Whether a day on which nothing was charged is told as such. */
  tellsEmptyDays: boolean;
  /** Whether totals are told of each currency, or of the account's alone. */
  totalsEveryCurrency: boolean;
  /** Makes the provider tell each row twice; null: it cannot, its rows are sums. */
  double: (() => void) | null;
  close(): Promise<void>;
};

/** How the adapters are opened: three rows make a page, and these are the environments. */
export const rowsPerPage = 3;
export const tag = 'environment';
export const environmentOf = (value: string) =>
  ({ production: 'production', prod: 'production', dev: 'development' })[value] ?? null;
/** Where clocks stand. */
export const startsAt = '2026-11-25T06:00:00.000Z';

export function costSourceContract(name: string, start: () => Promise<CostSourceWorld>): void {
  describe(`cost source contract: ${name}`, () => {
    let world: CostSourceWorld;
    let source: CostSource;
    let compute: string;
    let storage: string;
    beforeEach(async () => {
      world = await start();
      ({ source } = world);
      ({ compute, storage } = world.services);
    });
    afterEach(() => world.close());

    const trouble = async (work: Promise<unknown>) => {
      const error = await work.then(() => null).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(CostUnavailable);
      return error instanceof CostUnavailable ? error : new CostUnavailable('nobody', 'failed', 'nothing was thrown');
    };
    const bothTold = async (range: CostRange = august) => ({
      totals: await source.totals(range),
      rows: await allRows(source, range),
    });
    const many = () =>
      ['2026-08-03', '2026-08-04', '2026-08-05'].flatMap((date, day) =>
        [compute, storage].flatMap((service) =>
          ['production', 'staging', null].map((environment, at) =>
            charge({ date, service, environment, cost: `${day + 1}.${at}7` }),
          ),
        ),
      );

    it('tells the days of the range, the oldest first, and leaves out what the provider does not tell', async () => {
      world.tell([
        charge({ service: compute, date: '2026-08-31' }),
        charge({ service: compute, date: '2026-08-02' }),
        charge({ service: compute, date: '2026-07-31' }),
        charge({ service: compute, date: '2026-09-01' }),
      ]);
      const { totals, rows } = await bothTold();
      expect(totals.map(({ date }) => date)).toEqual(['2026-08-02', '2026-08-31']);
      expect(rows.map((row) => row.ChargePeriodStart)).toEqual(['2026-08-02T00:00:00Z', '2026-08-31T00:00:00Z']);
    });

    it('gives rows that the model takes, whose sums are the totals', async () => {
      world.tell(many());
      const { totals, rows } = await bothTold();
      for (const row of rows) expect(CostRow.parse(row)).toEqual(row);
      expect(sumsByDay(rows)).toEqual(totalsByDay(totals));
      expect(totals.map(({ sums }) => sums)).toEqual([
        [{ currency: 'USD', billed: '7.02', effective: '7.02' }],
        [{ currency: 'USD', billed: '13.02', effective: '13.02' }],
        [{ currency: 'USD', billed: '19.02', effective: '19.02' }],
      ]);
    });

    it('gives every page, ordered by day and key', async () => {
      world.tell(many());
      const rows = await allRows(source, august);
      expect(rows).toHaveLength(18);
      expect(rows).toEqual(ordered(rows));
      expect(new Set(rows.map((row) => row.ChargePeriodStart)).size).toBe(3);
    });

    it('orders services whose names begin alike, and values with odd signs, as their keys are ordered', async () => {
      const services = [storage, `${storage} Glacier`, `${storage}!`, 'A "quoted" \\ one', 'Übersetzung', '漢字'];
      world.tell(services.flatMap((service) => [charge({ service }), charge({ service, environment: null })]));
      const rows = await allRows(source, august);
      expect(rows).toHaveLength(12);
      expect(rows).toEqual(ordered(rows));
    });

    it('throws when a page fails half-way: what came before is no whole', async () => {
      world.tell(many());
      world.fail({ kind: 'break-half-way' });
      expect((await trouble(allRows(source, august))).reason).toBe('failed');
    });

    it('passes on what the provider tells twice, so that it no longer adds up', async () => {
      if (world.double === null) return;
      world.tell(many());
      const totals = await source.totals(august);
      world.double();
      const rows = await allRows(source, august);
      expect(rows).toHaveLength(36);
      expect(rows).toEqual(ordered(rows));
      expect(sumsByDay(rows)).not.toEqual(totalsByDay(totals));
    });

    it('waits and asks again when it is throttled', async () => {
      world.tell([charge({ service: compute })]);
      world.fail({ kind: 'throttle', requests: 2 });
      expect(totalsByDay(await source.totals(august))).toEqual({
        '2026-08-03': [{ currency: 'USD', billed: '10.25', effective: '10.25' }],
      });
      expect(world.waitedSeconds()).toBeGreaterThan(1);
      expect(world.waitedSeconds()).toBeLessThan(10);
    });

    it('gives up when it is throttled again and again', async () => {
      world.tell([charge({ service: compute })]);
      world.fail({ kind: 'throttle', requests: 1000 });
      const error = await trouble(source.totals(august));
      expect([error.reason, error.source]).toEqual(['throttled', source.name]);
      expect(source.spent().requests).toBe(5);
    });

    it('says which permission is missing, and asks once', async () => {
      world.tell([charge({ service: compute })]);
      world.fail({ kind: 'refuse' });
      const error = await trouble(source.totals(august));
      expect(error.reason).toBe('refused');
      expect(error.message).toMatch(/role|service account/);
      expect(source.spent().requests).toBe(1);
      expect((await trouble(allRows(source, august))).reason).toBe('refused');
    });

    it('tells a bill that is not there yet from one that may not be read', async () => {
      world.fail({ kind: 'not-there' });
      expect((await trouble(source.totals(august))).reason).toBe('not-there-yet');
      expect((await trouble(allRows(source, august))).reason).toBe('not-there-yet');
    });

    it('does not ask again when no answer came: it may have been paid for', async () => {
      world.tell([charge({ service: compute })]);
      world.fail({ kind: 'silence' });
      expect((await trouble(source.totals(august))).reason).toBe('time-out');
      expect(source.spent().requests).toBe(1);
    });

    it('keeps a day on which nothing was charged apart from one that is not told', async () => {
      world.tell([charge({ service: compute })], ['2026-08-09']);
      const told = (await source.totals(august)).map(({ date, sums }) => [date, sums.length]);
      expect(told).toEqual([['2026-08-03', 1], ...(world.tellsEmptyDays ? [['2026-08-09', 0]] : [])]);
      expect(await allRows(source, august)).toHaveLength(1);
    });

    it('answers a range without days without asking', async () => {
      world.tell([charge({ service: compute })]);
      const none = { fromDate: '2026-08-03', toDate: '2026-08-03' };
      expect(await source.totals(none)).toEqual([]);
      expect(await allRows(source, none)).toEqual([]);
      expect(await source.estimate(none)).toMatchObject({ requests: 0, amount: '0' });
      expect(source.spent()).toMatchObject({ requests: 0, amount: '0' });
    });

    it('never adds two currencies', async () => {
      world.tell([
        charge({ service: compute, cost: '5' }),
        charge({ service: compute, cost: '7', currency: 'EUR' }),
        charge({ service: storage, cost: '3', currency: 'EUR' }),
      ]);
      const { totals, rows } = await bothTold();
      expect(sumsByDay(rows)).toEqual({
        '2026-08-03': [
          { currency: 'EUR', billed: '10', effective: '10' },
          { currency: 'USD', billed: '5', effective: '5' },
        ],
      });
      const dollars = { currency: 'USD', billed: '5', effective: '5' };
      const euros = { currency: 'EUR', billed: '10', effective: '10' };
      expect(totalsByDay(totals)).toEqual({ '2026-08-03': world.totalsEveryCurrency ? [euros, dollars] : [dollars] });
    });

    it('reads exponents, and adds to the last digit', async () => {
      world.tell([
        charge({ service: compute, cost: '6.123E-7' }),
        charge({ service: storage, cost: '0.1' }),
        charge({ service: storage, cost: '0.2', environment: 'dev' }),
        charge({ service: compute, cost: '-4E-8', environment: null }),
      ]);
      const { totals, rows } = await bothTold();
      expect(totals[0]?.sums).toEqual([{ currency: 'USD', billed: '0.3000005723', effective: '0.3000005723' }]);
      expect(rows.map((row) => row.BilledCost).sort()).toEqual(['-0.00000004', '0.0000006123', '0.1', '0.2']);
      expect(sumsByDay(rows)).toEqual(totalsByDay(totals));
    });

    it('takes credits off', async () => {
      world.tell([charge({ service: compute, cost: '10.25', credit: '-0.75' })]);
      const { totals, rows } = await bothTold();
      expect(totals[0]?.sums).toEqual([{ currency: 'USD', billed: '9.5', effective: '9.5' }]);
      expect(rows.map((row) => row.BilledCost)).toEqual(['9.5']);
    });

    it('tells environments by the tag: named, with a value that the strategy does not know, and without one', async () => {
      world.tell(
        ['prod', 'production', 'Team Rocket', null].map((environment, at) =>
          charge({ service: compute, environment, cost: String(at + 1) }),
        ),
      );
      const rows = await allRows(source, august);
      const told = rows.map((row) => [row.BilledCost, row.Tags, row.x_Environment]);
      expect(told.sort()).toEqual([
        ['1', { environment: 'prod' }, 'production'],
        ['2', { environment: 'production' }, 'production'],
        ['3', { environment: 'Team Rocket' }, null],
        ['4', {}, null],
      ]);
    });

    it('tells what left the provider apart, and counts it once', async () => {
      world.tell([
        charge({ service: compute, cost: '10' }),
        charge({ service: compute, cost: '2.5', transfer: true }),
        charge({ service: storage, cost: '1.5', transfer: true, environment: null }),
      ]);
      const { totals, rows } = await bothTold();
      const told = rows.map((row) => [row.ServiceName, row.BilledCost, row.x_Transfer, row.x_Category]);
      expect(told.sort()).toEqual(
        [
          [compute, '10', false, 'compute'],
          [compute, '2.5', true, 'network'],
          [storage, '1.5', true, 'network'],
        ].sort(),
      );
      expect(totals[0]?.sums).toEqual([{ currency: 'USD', billed: '14', effective: '14' }]);
    });

    it('says once that a service has no category, and counts it as other', async () => {
      world.tell(['production', 'dev'].map((environment) => charge({ service: 'Flux Capacitors', environment })));
      const rows = await allRows(source, august);
      await allRows(source, august);
      expect(rows.map((row) => row.x_Category)).toEqual(['other', 'other']);
      expect(world.said().filter((said) => said.includes('Flux Capacitors'))).toHaveLength(1);
    });

    it('calls a day estimated until the month is closed', async () => {
      const dates = ['2026-10-31', '2026-11-01', '2026-11-24'];
      world.tell(dates.map((date) => charge({ service: compute, date })));
      const totals = await source.totals({ fromDate: '2026-10-01', toDate: '2026-12-01' });
      expect(totals.map(({ date, estimated }) => [date, estimated])).toEqual([
        ['2026-10-31', false],
        ['2026-11-01', true],
        ['2026-11-24', true],
      ]);
    });

    it('tells a restated day as it is now, and still adds up', async () => {
      world.tell([charge({ service: compute, cost: '10' }), charge({ service: storage, cost: '4' })]);
      await bothTold();
      world.tell([charge({ service: compute, cost: '8' }), charge({ service: storage, cost: '4' })]);
      const { totals, rows } = await bothTold();
      expect(totals[0]?.sums).toEqual([{ currency: 'USD', billed: '12', effective: '12' }]);
      expect(sumsByDay(rows)).toEqual(totalsByDay(totals));
    });

    it('says before what asking would cost, and after what it cost', async () => {
      world.tell(many());
      const before = await source.estimate(august);
      expect(before.requests).toBeGreaterThan(1);
      expect(Number(before.amount)).toBeGreaterThan(0);
      await bothTold();
      expect(source.spent().requests).toBeGreaterThanOrEqual(before.requests);
      expect(Number(source.spent().amount)).toBeGreaterThan(0);
    });
  });
}
