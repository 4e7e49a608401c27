// Two buckets brought to the same: what the one knows later of a day, the other gets, rows first. No provider is asked for it.
import type { CostDate } from '../../model/cost.ts';
import type { CostDay } from '../../model/cost-day.ts';
import type { Provider } from '../../model/site.ts';
import { changeDay, isLater } from './day-record.ts';
import { holdBytes, layDown, letGo } from './hold.ts';
import { draftPrefix } from './keys.ts';
import type { Shelf } from './shelf.ts';

export type LevelWork = { provider: Provider; newId: () => string; partBytes: number };

/** Whether `to` got anything. `day` is what `from` holds. */
export async function bring(work: LevelWork, day: CostDay, from: Shelf, to: Shelf): Promise<boolean> {
  const change = await changeDay(to, work.provider, day.date, async (held) => {
    if (held && !isLater(day, held)) return { kind: 'nothing' };
    await copyRows(work, day.rowsKey, from, to);
    return { kind: 'write', day };
  });
  return change.kind === 'write';
}

async function copyRows({ provider, newId, partBytes }: LevelWork, key: string, from: Shelf, to: Shelf): Promise<void> {
  const there = await to.ask((bucket) => bucket.look(key));
  if (there.kind === 'present') return;
  await from.ask(async (bucket) => {
    const look = await bucket.look(key);
    const read = look.kind === 'present' ? await bucket.read(look.object, null) : null;
    // A lifecycle that clears rows leaves sums that are as good here as there.
    if (read?.kind !== 'bytes') return;
    const id = newId();
    const held = await holdBytes(to, { id, key: `${draftPrefix(provider)}${id}`, partBytes }, read.bytes);
    await layDown(to, held, key);
    await letGo(to, held).catch(() => undefined);
  });
}

/** Of the records that the shelves hold of a day: the latest, where it is, and the shelves that lack it. */
export type Spread = { date: CostDate; latest: CostDay | null; at: Shelf | null; behind: Shelf[] };

export function spreadOf(date: CostDate, held: readonly { shelf: Shelf; day: CostDay | null }[]): Spread {
  const [first, ...rest] = held.flatMap(({ shelf, day }) => (day ? [{ shelf, day }] : []));
  if (!first) return { date, latest: null, at: null, behind: [] };
  const latest = rest.reduce((best, one) => (isLater(one.day, best.day) ? one : best), first);
  const behind = held.filter(({ day }) => day === null || isLater(latest.day, day)).map(({ shelf }) => shelf);
  return { date, latest: latest.day, at: latest.shelf, behind };
}
