// One day of a bill into one bucket: rows first, and then the record that names them. Twice is once, and later wins.
import type { Amount, CostDate, CostRow, CostSum, DayTotal } from '../../model/cost.ts';
import type { CostDay, CostDayTrouble, CostRevision } from '../../model/cost-day.ts';
import type { Provider } from '../../model/site.ts';
import { compareParts, compareRows } from './compare-rows.ts';
import { changeDay, isLater, withRevision } from './day-record.ts';
import { type GatheredDay, gatherDay } from './gather-day.ts';
import { type Draft, layDown, letGo } from './hold.ts';
import { draftPrefix, rowsKey } from './keys.ts';
import { type HeldRows, holdRows } from './rows-file.ts';
import type { Shelf } from './shelf.ts';

export type DayOutcome =
  /** The first that is known of it. */
  | { kind: 'taken'; date: CostDate; day: CostDay }
  /** The provider says something else than before. */
  | { kind: 'restated'; date: CostDate; day: CostDay; revision: CostRevision }
  /** It says the same, and that it will not change any more. */
  | { kind: 'settled'; date: CostDate; day: CostDay }
  | { kind: 'unchanged'; date: CostDate }
  /** Somebody has taken it after us. */
  | { kind: 'overtaken'; date: CostDate }
  | { kind: 'troubled'; date: CostDate; trouble: CostDayTrouble; because: string };

export type TakeWork = {
  shelf: Shelf;
  provider: Provider;
  /** When the provider was asked. */
  takenAt: string;
  newId: () => string;
  partBytes: number;
};

export async function takeDay(work: TakeWork, told: DayTotal, rows: AsyncIterable<CostRow[]>): Promise<DayOutcome> {
  const { shelf, provider } = work;
  const { date } = told;
  const gather = gatherDay();
  const held = await holdRows(shelf, draftOf(work), textsOf(gather, rows));
  const found = gather.found();
  const trouble = troubleOf(told, found);
  const outcome: DayOutcome = trouble ? { kind: 'troubled', date, ...trouble } : await keepDay(work, told, found, held);
  await letGo(shelf, held.held).catch(() => undefined);
  return outcome;

  function draftOf({ newId, partBytes }: TakeWork): Draft {
    const id = newId();
    return { id, key: `${draftPrefix(provider)}${id}`, partBytes };
  }
}

async function* textsOf(gather: ReturnType<typeof gatherDay>, rows: AsyncIterable<CostRow[]>): AsyncGenerator<string> {
  for await (const page of rows) yield gather.take(page);
  yield gather.end();
}

type Trouble = { trouble: CostDayTrouble; because: string };

/** Rows that are not what the totals say are never written: a page may have been lost, or come twice. */
function troubleOf({ sums }: DayTotal, found: GatheredDay): Trouble | null {
  if (found.disorder !== null) {
    return {
      trouble: 'out-of-order',
      because: `${found.disorder}: a page may have come twice or in part. The day is asked for again by the next run; what is known of it stays.`,
    };
  }
  const [difference] = differences(sums, found.sums);
  if (difference === undefined) return null;
  return {
    trouble: 'sums-differ',
    because: `${difference}, in ${found.rows} rows. Nothing of it is kept; what is known of the day stays. It is asked for again by the next run: a bill that changed between two answers is right then. When it stays, compare with the provider's console and tell its support.`,
  };
}

function differences(told: readonly CostSum[], found: readonly CostSum[]): string[] {
  const currencies = new Set([...told, ...found].map(({ currency }) => currency));
  return [...currencies].sort().flatMap((currency) => {
    const of = (sums: readonly CostSum[], kind: 'billed' | 'effective'): Amount =>
      sums.find((sum) => sum.currency === currency)?.[kind] ?? '0';
    return (['billed', 'effective'] as const).flatMap((kind) => {
      const [total, sum] = [of(told, kind), of(found, kind)];
      return total === sum ? [] : [`the provider tells ${total} ${currency} ${kind}, and its rows add up to ${sum}`];
    });
  });
}

async function keepDay(
  work: TakeWork,
  told: DayTotal,
  found: GatheredDay,
  { held, digest }: HeldRows,
): Promise<DayOutcome> {
  const { shelf, provider, takenAt } = work;
  const { date, estimated } = told;
  const day: CostDay = {
    schema: 1,
    provider,
    date,
    digest,
    rowsKey: rowsKey(provider, date, digest),
    rows: found.rows,
    sums: found.sums,
    parts: found.parts.map(({ rows: _, ...part }) => part),
    estimated,
    takenAt,
    revisions: [],
    revisionsLeftOut: 0,
  };
  const change = await changeDay(shelf, provider, date, async (before) => {
    if (before?.digest === digest) {
      if (!before.estimated || estimated)
        return { kind: 'nothing' as const, outcome: { kind: 'unchanged' as const, date } };
      const settled = { ...before, estimated };
      return { kind: 'write' as const, day: settled, outcome: { kind: 'settled' as const, date, day: settled } };
    }
    if (before && isLater(before, day)) {
      return { kind: 'nothing' as const, outcome: { kind: 'overtaken' as const, date } };
    }
    await layDown(shelf, held, day.rowsKey);
    if (!before) return { kind: 'write' as const, day, outcome: { kind: 'taken' as const, date, day } };
    const restated = withRevision(day, before, await changesBetween(shelf, before, day));
    const revision = restated.revisions.at(-1);
    if (!revision) throw new Error(`the revision of ${date} is not among its revisions`);
    return {
      kind: 'write' as const,
      day: restated,
      outcome: { kind: 'restated' as const, date, day: restated, revision },
    };
  });
  return change.outcome;
}

async function changesBetween(shelf: Shelf, before: CostDay, after: CostDay): Promise<CostRevision['changes']> {
  const changes = await shelf.ask((bucket) => compareRows(bucket, before.rowsKey, after.rowsKey));
  return changes ?? compareParts(before.parts, after.parts);
}
