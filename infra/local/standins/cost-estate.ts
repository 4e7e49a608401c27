// A synthetic estate and what it costs day by day: with weekends, growth, noise, one anomaly and one restatement, the same for the same seed.
import { createHash } from 'node:crypto';
import type { ExportRow } from './billing-export-row.ts';
import type { BillCharge } from './cost-explorer-bill.ts';
import { awsLines, type CostLine, gcpLines } from './cost-lines.ts';

export type CostEstateOptions = {
  seed: number;
  /** Before it there was no estate: nothing is told. */
  firstDate: string;
  billingAccount: string;
  project: string;
};

export type CostEstate = {
  /** What Cost Explorer tells of a day at that moment; null: nothing, yet or at all. */
  awsBill(date: string, now: Date): BillCharge[] | null;
  /** Every row about that day, also those that are exported days later. */
  gcpRows(date: string): ExportRow[];
};

/** Both clouds tell of an hour some hours after it. */
const toldAfterHours = 10;
const hourMillis = 3_600_000;
const dayMillis = 24 * hourMillis;

/** Days after the first: traffic to the internet is several times what it should be, for two days. */
const anomalyDay = 62;
const anomalyFactor = 4.5;
/** On this day the database was charged too much, and it was taken back days later. */
const restatedDay = 47;
const restatedAfterDays = 4;
const restatement = { aws: -6.4, gcp: -3.85 };

export function createCostEstate(options: CostEstateOptions): CostEstate {
  const dayOf = (date: string) => Math.round((Date.parse(date) - Date.parse(options.firstDate)) / dayMillis);
  const noise = (...of: (string | number)[]) => noiseOf(options.seed, of.join('|'));

  /** What a line costs an environment that day, before credits. */
  function amount(line: CostLine, value: string, date: string): number {
    const day = dayOf(date);
    const share = line.shares[value] ?? 0;
    if (line.when === 'first-of-month') return date.endsWith('-01') ? line.monthly * share : 0;
    const weekend = [0, 6].includes(new Date(Date.parse(date)).getUTCDay());
    // A dip at weekends is made up for on the other days, so that the month stays what it is.
    const week = weekend ? 1 - line.weekendDip : 1 + (line.weekendDip * 2) / 5;
    const growth = (1 + line.growth) ** (day / 30.4);
    const odd = isOdd(line, day) ? anomalyFactor : 1;
    return (line.monthly / 30.4) * share * week * growth * odd * (0.98 + 0.04 * noise(line.usage, value, date));
  }

  function awsBill(date: string, now: Date): BillCharge[] | null {
    const day = dayOf(date);
    // Of an open day the hours so far, told late.
    const hours = (now.getTime() - Date.parse(date)) / hourMillis - toldAfterHours;
    const told = Math.min(1, hours / 24);
    if (day < 0 || told <= 0) return null;
    const charges = awsLines.flatMap((line) =>
      Object.keys(line.shares).flatMap((value) => awsCharges(line, value, date, told)),
    );
    const late = hours - 24 >= restatedAfterDays * 24;
    return day === restatedDay && late ? [...charges, correction()] : charges;
  }

  function awsCharges(line: CostLine, value: string, date: string, told: number): BillCharge[] {
    const billed = amount(line, value, date) * told;
    const charge = { service: line.service, usageType: line.usage, tags: tagsOf(value), currency: 'USD' };
    if (line.usage.startsWith('HeavyUsage')) {
      // A reservation is invoiced on the first, and used all month.
      const days = new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate();
      const used = (line.monthly * (line.shares[value] ?? 0) * told) / days;
      return [{ ...charge, unblended: text(billed), netAmortized: text(used) }];
    }
    if (billed === 0) return [];
    const usage = { ...charge, unblended: text(billed), netAmortized: text(billed) };
    if (line.credited === 0) return [usage];
    const back = text(-billed * line.credited);
    return [usage, { ...charge, tags: {}, unblended: back, netAmortized: back }];
  }

  function correction(): BillCharge {
    const back = text(restatement.aws);
    return {
      service: 'Amazon Relational Database Service',
      usageType: 'InstanceUsage:db.r6g.xlarge',
      tags: tagsOf('production'),
      unblended: back,
      netAmortized: back,
      currency: 'USD',
    };
  }

  function gcpRows(date: string): ExportRow[] {
    const day = dayOf(date);
    if (day < 0) return [];
    const rows = gcpLines.flatMap((line) =>
      Object.keys(line.shares).flatMap((value) => usageRows(line, value, date, amount(line, value, date))),
    );
    return day === restatedDay ? [...rows, adjustment(date)] : rows;
  }

  /** A day's usage in four rows: the export tells of hours, now and then days late. */
  function usageRows(line: CostLine, value: string, date: string, whole: number): ExportRow[] {
    if (whole === 0) return [];
    return [0, 6, 12, 18].map((hour) => {
      const drawn = noise('export', line.usage, value, date, hour);
      const endMillis = Date.parse(date) + (hour + 6) * hourMillis;
      const lateHours = drawn < 0.01 ? 60 : 1 + drawn * (toldAfterHours - 1);
      const cost = Number((whole / 4).toFixed(8));
      const back = Number((-cost * line.credited).toFixed(8));
      return {
        ...rowOf(line, value, date),
        usage_start_time: instant(endMillis - 6 * hourMillis),
        usage_end_time: instant(endMillis),
        export_time: instant(endMillis + lateHours * hourMillis),
        cost,
        credits:
          back === 0 ? [] : [{ name: 'Sustained Usage Discount', amount: back, type: 'SUSTAINED_USAGE_DISCOUNT' }],
        cost_type: line.description === 'Tax' ? 'tax' : 'regular',
      };
    });
  }

  function adjustment(date: string): ExportRow {
    const line = gcpLines.find(({ service }) => service === 'Cloud SQL');
    if (line === undefined) throw new Error('the estate has no Cloud SQL to take anything back from');
    return {
      ...rowOf(line, 'production', date),
      usage_start_time: instant(Date.parse(date)),
      usage_end_time: instant(Date.parse(date) + hourMillis),
      export_time: instant(Date.parse(date) + restatedAfterDays * dayMillis + 15 * hourMillis),
      cost: restatement.gcp,
      credits: [],
      cost_type: 'adjustment',
    };
  }

  function rowOf(line: CostLine, value: string, date: string) {
    return {
      billing_account_id: options.billingAccount,
      service: { id: idOf(line.service), description: line.service },
      sku: { id: line.usage, description: line.description },
      project: line.service === 'Invoice' ? null : { id: options.project, name: options.project, labels: [] },
      labels: value === '' ? [] : [{ key: 'environment', value }],
      location: line.service === 'Invoice' ? null : { location: line.region, country: 'US', region: line.region },
      currency: 'USD',
      invoice: { month: date.slice(0, 7).replace('-', '') },
    };
  }

  return { awsBill, gcpRows };
}

function isOdd(line: CostLine, day: number): boolean {
  return line.usage === 'DataTransfer-Out-Bytes' && (day === anomalyDay || day === anomalyDay + 1);
}

function tagsOf(value: string): Record<string, string> {
  return value === '' ? {} : { environment: value };
}

/** Ten digits after the point, as Cost Explorer's amounts have. */
function text(amount: number): string {
  return amount.toFixed(10);
}

function instant(millis: number): string {
  return new Date(millis).toISOString();
}

/** `6F81-5844-456A`. */
function idOf(service: string): string {
  const hex = createHash('sha256').update(service).digest('hex').toUpperCase();
  return [hex.slice(0, 4), hex.slice(4, 8), hex.slice(8, 12)].join('-');
}

/** From 0 to below 1, the same for the same seed and text. */
function noiseOf(seed: number, of: string): number {
  return createHash('sha256').update(`${seed}|${of}`).digest().readUInt32BE(0) / 2 ** 32;
}
