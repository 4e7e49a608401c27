// What a billing account of Google Cloud costs, from its export to BigQuery: asked for by partitions, since a query is paid for by what it reads.
import * as z from 'zod';
import { addDays, dateOf } from '../../shared/cost/calendar.ts';
import { amountOf } from '../../shared/cost/money.ts';
import type { CostRow } from '../../shared/model/cost.ts';
import { type CostOfAsking, type CostRange, type CostSource, CostUnavailable } from '../../shared/ports/cost-source.ts';
import { type Asked, type BigQueryCallOptions, createBigQueryCall } from './bigquery-call.ts';
import { type BillingTable, queryTypes, rowsQuery, totalsQuery } from './billing-export-query.ts';
import { type RowShape, rowOf, sumsByDay, ToldRow, ToldTotal } from './billing-export-rows.ts';

export type BillingExportOptions = Omit<BigQueryCallOptions, 'name'> &
  RowShape & { table: BillingTable; now: () => Date };

/** Rows go on being appended: both queries take those that were exported before one moment, so that one adds up to the other. */
export function createBillingExport(options: BillingExportOptions): CostSource {
  const { table, tag, now } = options;
  const name = `the billing export ${table.project}.${table.dataset}.${table.table}`;
  const { run, estimateBytes, spent } = createBigQueryCall({ ...options, name });
  let asOf: Date | null = null;

  function asked(query: string, { fromDate, toDate }: CostRange, before: Date): Asked {
    const params = {
      tag,
      from_time: new Date(fromDate),
      to_time: new Date(toDate),
      // What was used on a day is exported on that day or later, up to now.
      partition_from: new Date(fromDate),
      partition_to: new Date(addDays(dateOf(before), 1)),
      exported_before: before,
    };
    return { query, params, types: queryTypes };
  }

  function understood<T>(schema: z.ZodType<T>, rows: unknown[]): T[] {
    const read = z.array(schema).safeParse(rows);
    if (read.success) return read.data;
    throw new CostUnavailable(name, 'invalid', `a row cannot be understood: ${z.prettifyError(read.error)}`);
  }

  function inRange(what: string, { fromDate, toDate }: CostRange): string {
    return `${what}, ${fromDate} to ${toDate}`;
  }

  async function* rows(range: CostRange): AsyncGenerator<CostRow[]> {
    if (isEmpty(range)) return;
    for await (const page of run(inRange('rows', range), asked(rowsQuery(table), range, asOf ?? now()))) {
      const told = understood(ToldRow, page);
      if (told.length > 0) yield told.map((row) => priced(name, () => rowOf(row, options)));
    }
  }

  return {
    name,
    provider: 'gcp',
    async totals(range) {
      asOf = now();
      if (isEmpty(range)) return [];
      const told: ToldTotal[] = [];
      for await (const page of run(inRange('totals', range), asked(totalsQuery(table), range, asOf))) {
        told.push(...understood(ToldTotal, page));
      }
      const days = priced(name, () => sumsByDay(told));
      const at = asOf;
      return [...days].map(([date, sums]) => ({ date, sums, estimated: at.getTime() < closedAt(date) }));
    },
    rows,
    async estimate(range) {
      if (isEmpty(range)) return paid(0, 0);
      const readBytes: number[] = [];
      for (const query of [totalsQuery(table), rowsQuery(table)]) {
        readBytes.push(await estimateBytes(inRange('what it would read', range), asked(query, range, now())));
      }
      return paid(readBytes.length, billedBytes(readBytes));
    },
    spent: () => paid(spent().requests, spent().readBytes),
  };
}

/** Amounts are texts made from decimals: what is none was not answered by our query. */
function priced<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new CostUnavailable(name, 'invalid', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Google closes a month within some days of the next; until then rows of it may still come. */
const closingDays = 5;

function closedAt(date: string): number {
  const [year = 0, month = 0] = date.split('-').map(Number);
  return Date.UTC(year, month, 1 + closingDays);
}

/** On demand, in USD for a tebibyte (https://cloud.google.com/bigquery/pricing, read 2026-11): the first of each month is free, which is not told here. */
const microsPerTebibyte = 6_250_000n;
/** What a query is charged for at least. */
const leastBytes = 10 * 1024 * 1024;

function billedBytes(queries: readonly number[]): number {
  return queries.reduce((sum, bytes) => sum + Math.max(bytes, leastBytes), 0);
}

function paid(requests: number, readBytes: number): CostOfAsking {
  const micros = (BigInt(readBytes) * microsPerTebibyte + 2n ** 40n - 1n) / 2n ** 40n;
  return { requests, readBytes, amount: amountOf(`${micros}e-6`), currency: 'USD' };
}

function isEmpty({ fromDate, toDate }: CostRange): boolean {
  return fromDate >= toDate;
}
