// A partitioned table of the billing export: rows by the day on which they were exported, and which of them a query reads.

import { holds, type Parameters, type Row, Timestamp } from './bigquery-evaluate.ts';
import type { Condition, Query } from './bigquery-parse.ts';
import { SqlNotUnderstood } from './bigquery-tokens.ts';
import type { ExportRow } from './billing-export-row.ts';

/** What a row counts in bytes: about what the columns take that a bill is read from. */
const rowBytes = 400;

export type BillingTable = {
  /** Throws without conditions that bound the partitions from both sides, as a table does that requires a filter. */
  read(query: Query, parameters: Parameters): { rows: Row[]; readBytes: number };
};

/** Rows that are exported after `now` are not there yet. */
export function createBillingTable(rows: readonly ExportRow[], now: () => Date): BillingTable {
  const partitions = new Map<string, { at: number; row: Row }[]>();
  for (const row of rows) {
    const date = row.export_time.slice(0, 10);
    const partition = partitions.get(date) ?? [];
    partition.push({ at: Date.parse(row.export_time), row: typed(row, date) });
    partitions.set(date, partition);
  }
  return {
    read(query, parameters) {
      const bounds = query.named.select.where.filter(isOfPartition);
      const lower = bounds.some(({ is }) => is === '>=' || is === '>');
      const upper = bounds.some(({ is }) => is === '<' || is === '<=');
      if (!lower || !upper) {
        throw new SqlNotUnderstood(
          "Cannot query over the table without a filter over column(s) '_PARTITIONTIME' that can be used for partition elimination, from both sides",
        );
      }
      const until = now().getTime();
      const read = [...partitions]
        .filter(([date]) => bounds.every((each) => holds(each, { _PARTITIONTIME: midnight(date) }, parameters)))
        .flatMap(([, partition]) => partition.filter(({ at }) => at <= until).map(({ row }) => row));
      return { rows: read, readBytes: read.length * rowBytes };
    },
  };
}

function isOfPartition({ left }: Condition): boolean {
  return left.kind === 'path' && left.names.join('.') === '_PARTITIONTIME';
}

function typed(row: ExportRow, partition: string): Row {
  return {
    ...row,
    // A struct that is null has null fields.
    project: row.project ?? { id: null, name: null, labels: [] },
    location: row.location ?? { location: null, country: null, region: null },
    usage_start_time: new Timestamp(row.usage_start_time),
    usage_end_time: new Timestamp(row.usage_end_time),
    export_time: new Timestamp(row.export_time),
    _PARTITIONTIME: midnight(partition),
  };
}

function midnight(date: string): Timestamp {
  return new Timestamp(`${date}T00:00:00Z`);
}
