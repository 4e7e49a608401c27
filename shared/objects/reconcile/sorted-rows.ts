// A sorted stream that is read a page at a time and looked at row by row: what a merge in constant memory stands on.
import { compareKeys } from './key-order.ts';

export type SortedRows<Row> = {
  /** The next row, or null at the end; `fill` must have been awaited since the last `take`. */
  peek(): Row | null;
  take(): void;
  /** Whether `fill` has to be awaited before `peek`: once in a page. */
  readonly needsPage: boolean;
  fill(): Promise<void>;
};

/**
 * Rows of `pages` in the order of their keys; `skips` are left out. Throws when a key is not above the one before it: a merge of
 * such a stream would take what it has passed for deleted.
 */
export function sortedRows<Row extends { key: string }>(
  what: string,
  pages: AsyncIterable<readonly Row[]>,
  skips: (key: string) => boolean = () => false,
): SortedRows<Row> {
  const source = pages[Symbol.asyncIterator]();
  let page: readonly Row[] = [];
  let index = 0;
  let before: string | null = null;
  let ended = false;

  return {
    get needsPage() {
      return !ended && index >= page.length;
    },
    peek: () => page[index] ?? null,
    take() {
      index += 1;
    },
    async fill() {
      while (!ended && index >= page.length) {
        const read = await source.next();
        ended = read.done === true;
        page = read.done ? [] : read.value.filter(({ key }) => !skips(key));
        index = 0;
        for (const { key } of page) {
          if (before !== null && compareKeys(before, key) >= 0) throw outOfOrder(what, before, key);
          before = key;
        }
      }
    },
  };
}

function outOfOrder(what: string, before: string, key: string): Error {
  return new Error(
    `${what} is not in the order of its keys: ${JSON.stringify(key)} came after ${JSON.stringify(before)}. Comparing it could take objects for deleted, so that nothing is done`,
  );
}
