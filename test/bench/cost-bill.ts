// A month's bill of any number of rows, made up page by page as they are asked for, and its totals by whole numbers.
import type { CostRow, DayTotal } from '../../shared/model/cost.ts';
import type { CostSource } from '../../shared/ports/cost-source.ts';

const services = [
  'AWS Lambda',
  'AmazonCloudWatch',
  'Amazon EC2',
  'Amazon ElastiCache',
  'Amazon RDS',
  'Amazon S3',
].sort();
const environments = ['development', 'production', 'staging', null];
const pageRows = 5000;

export type BenchBill = { dates: string[]; rowsPerDay: number; restated: boolean };

/** In billionths of a dollar. One row in a thousand was restated. */
function billionths(index: number, restated: boolean): number {
  return 1_000_003 + ((index * 7919) % 900_000_000) + (restated && index % 1000 === 0 ? 17 : 0);
}

function amountOf(value: bigint | number): string {
  const digits = value.toString().padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
}

function rowOf(date: string, index: number, perService: number, restated: boolean): CostRow {
  const environment = environments[index % environments.length] ?? null;
  const cost = amountOf(billionths(index, restated));
  const month = date.slice(0, 7);
  return {
    ChargePeriodStart: `${date}T00:00:00Z`,
    ChargePeriodEnd: `${date}T23:59:59Z`,
    BillingPeriodStart: `${month}-01T00:00:00Z`,
    BillingPeriodEnd: `${month}-30T00:00:00Z`,
    ProviderName: 'AWS',
    BillingAccountId: '123456789012',
    SubAccountId: null,
    ServiceName: services[Math.floor(index / perService)] ?? '',
    RegionId: 'us-east-1',
    SkuId: `sku-${String(index).padStart(9, '0')}`,
    ChargeCategory: 'Usage',
    BillingCurrency: 'USD',
    BilledCost: cost,
    EffectiveCost: cost,
    Tags: environment === null ? {} : { environment },
    x_Category: 'compute',
    x_Environment: environment,
    x_Transfer: index % 50 === 0,
  };
}

export function createBenchBill(bill: BenchBill): CostSource {
  const { dates, rowsPerDay } = bill;
  const perService = Math.ceil(rowsPerDay / services.length);
  const spent = () => ({ requests: 0, readBytes: null, amount: '0', currency: 'USD' as const });
  return {
    name: 'a made-up bill',
    provider: 'aws',
    async totals({ fromDate, toDate }) {
      let sum = 0n;
      for (let index = 0; index < rowsPerDay; index += 1) sum += BigInt(billionths(index, bill.restated));
      const total = amountOf(sum);
      return dates
        .filter((date) => fromDate <= date && date < toDate)
        .map(
          (date): DayTotal => ({ date, sums: [{ currency: 'USD', billed: total, effective: total }], estimated: true }),
        );
    },
    async *rows({ fromDate, toDate }) {
      for (const date of dates.filter((one) => fromDate <= one && one < toDate)) {
        for (let from = 0; from < rowsPerDay; from += pageRows) {
          const length = Math.min(pageRows, rowsPerDay - from);
          yield Array.from({ length }, (_, index) => rowOf(date, from + index, perService, bill.restated));
        }
      }
    },
    estimate: async () => spent(),
    spent,
  };
}
