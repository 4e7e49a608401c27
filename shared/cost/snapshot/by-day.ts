// A stream of rows of many days, cut into its days: each is read to its end before the next begins, and nothing is kept.
import type { CostDate, CostRow } from '../../model/cost.ts';
import { CostUnavailable } from '../../ports/cost-source.ts';

export type RowsOfDay = { date: CostDate; rows: AsyncIterable<CostRow[]> };

/** A day of `dates` (ascending) without rows comes empty. Throws `CostUnavailable` (`invalid`) on a row of another day, or an earlier one. */
export async function* byDay(
  source: string,
  dates: readonly CostDate[],
  pages: AsyncIterable<CostRow[]>,
): AsyncGenerator<RowsOfDay> {
  const stranger = (row: CostRow) =>
    new CostUnavailable(
      source,
      'invalid',
      `a row of ${dateOfRow(row)} came where one of ${dates.join(', ')} was to come`,
    );
  const iterator = pages[Symbol.asyncIterator]();
  let page: CostRow[] = [];
  let index = 0;

  async function next(): Promise<CostRow | null> {
    while (index >= page.length) {
      const read = await iterator.next();
      if (read.done) return null;
      page = read.value;
      index = 0;
    }
    return page[index] ?? null;
  }

  async function* rowsOf(date: CostDate): AsyncGenerator<CostRow[]> {
    for (;;) {
      const first = await next();
      if (first === null || dateOfRow(first) > date) return;
      if (dateOfRow(first) < date) throw stranger(first);
      const start = index;
      while (index < page.length && isOf(page[index], date)) index += 1;
      yield start === 0 && index === page.length ? page : page.slice(start, index);
    }
  }

  try {
    for (const date of dates) yield { date, rows: rowsOf(date) };
    const left = await next();
    if (left !== null) throw stranger(left);
  } finally {
    await iterator.return?.();
  }
}

function isOf(row: CostRow | undefined, date: CostDate): boolean {
  return row !== undefined && dateOfRow(row) === date;
}

function dateOfRow({ ChargePeriodStart }: CostRow): CostDate {
  return ChargePeriodStart.slice(0, 10);
}
