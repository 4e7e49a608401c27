// Both listings and the baseline side by side: every key once, in order, in constant memory.
import type { ListedObject } from '../../model/replica.ts';
import type { AgreedKey } from './agreed.ts';
import { compareKeys } from './key-order.ts';
import type { SortedRows } from './sorted-rows.ts';

/** A key with what each of the three says of it; at least one says something. */
export type MergedKey = {
  key: string;
  left: ListedObject | null;
  right: ListedObject | null;
  agreed: AgreedKey | null;
};

export type Streams = {
  left: SortedRows<ListedObject>;
  right: SortedRows<ListedObject>;
  agreed: SortedRows<AgreedKey>;
};

/** Gives each key to `visit`, which may stop the merge by answering false. Awaits once a page, and whenever `visit` does. */
export async function mergeKeys(
  { left, right, agreed }: Streams,
  visit: (merged: MergedKey) => boolean | Promise<boolean>,
): Promise<'ended' | 'stopped'> {
  const all = [left, right, agreed];
  for (;;) {
    if (all.some((rows) => rows.needsPage)) await Promise.all(all.map((rows) => rows.fill()));
    const key = least(left.peek()?.key ?? null, right.peek()?.key ?? null, agreed.peek()?.key ?? null);
    if (key === null) return 'ended';
    const merged = { key, left: takeIf(left, key), right: takeIf(right, key), agreed: takeIf(agreed, key) };
    const answer = visit(merged);
    if (!(typeof answer === 'boolean' ? answer : await answer)) return 'stopped';
  }
}

function least(...keys: (string | null)[]): string | null {
  let found: string | null = null;
  for (const key of keys) {
    if (key !== null && (found === null || compareKeys(key, found) < 0)) found = key;
  }
  return found;
}

function takeIf<Row extends { key: string }>(rows: SortedRows<Row>, key: string): Row | null {
  const row = rows.peek();
  if (row?.key !== key) return null;
  rows.take();
  return row;
}
