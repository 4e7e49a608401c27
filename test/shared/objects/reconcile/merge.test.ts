// Keys side by side: in the services' order, each once, never more than a page of each stream in memory.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ListedObject } from '../../../../shared/model/replica.ts';
import type { AgreedKey } from '../../../../shared/objects/reconcile/agreed.ts';
import { compareKeys } from '../../../../shared/objects/reconcile/key-order.ts';
import { openStreams } from '../../../../shared/objects/reconcile/listings.ts';
import { type MergedKey, mergeKeys } from '../../../../shared/objects/reconcile/merge.ts';
import { sortedRows } from '../../../../shared/objects/reconcile/sorted-rows.ts';
import { byBytes, createWorld, type Shelf, shelfBucket } from './shelves.ts';

const anyKey = fc.string({
  unit: fc.constantFrom('a', 'B', '/', '.', ' ', '+', '%', 'é', '\u{ff5e}', '\u{1f600}', '\u{10ffff}'),
  maxLength: 6,
});

test('the order of keys is that of their bytes, beyond U+FFFF too', () => {
  fc.assert(
    fc.property(anyKey, anyKey, (one, other) => {
      expect(Math.sign(compareKeys(one, other))).toBe(Math.sign(byBytes(one, other)));
    }),
    { numRuns: 1000 },
  );
});

const PAGE = 4;

async function* paged<Row>(rows: Row[], pulled?: (page: number) => void): AsyncGenerator<Row[]> {
  for (let at = 0; at < rows.length; at += PAGE) {
    pulled?.(at / PAGE);
    yield rows.slice(at, at + PAGE);
  }
}

const listedAs = (key: string): ListedObject => ({
  key,
  tag: key,
  version: null,
  revision: null,
  sizeBytes: 1,
  crc32c: null,
  modifiedMillis: 0,
  stamp: null,
});
const agreedAs = (key: string): AgreedKey => {
  const side = { tag: key, revision: 1, modifiedMillis: 0 };
  return { key, left: side, right: side, sizeBytes: 1, origin: { site: 'aws', version: key, timeMillis: 0 } };
};
const sorted = (keys: Iterable<string>) => [...new Set(keys)].sort(byBytes);

test('every key comes once, in order, with what each stream says of it', async () => {
  const keys = fc.array(
    anyKey.filter((key) => key !== ''),
    { maxLength: 25 },
  );
  await fc.assert(
    fc.asyncProperty(keys, keys, keys, async (left, right, agreed) => {
      const streams = {
        left: sortedRows('left', paged(sorted(left).map(listedAs))),
        right: sortedRows('right', paged(sorted(right).map(listedAs))),
        agreed: sortedRows('agreed', paged(sorted(agreed).map(agreedAs))),
      };
      const seen: MergedKey[] = [];
      expect(await mergeKeys(streams, (merged) => seen.push(merged) > 0)).toBe('ended');
      const all = sorted([...left, ...right, ...agreed]);
      expect(seen.map((merged) => merged.key)).toEqual(all);
      for (const merged of seen) {
        expect(merged.left?.key).toBe(left.includes(merged.key) ? merged.key : undefined);
        expect(merged.right?.key).toBe(right.includes(merged.key) ? merged.key : undefined);
        expect(merged.agreed?.key).toBe(agreed.includes(merged.key) ? merged.key : undefined);
      }
    }),
  );
});

test('a page is asked for when the one before is used up, and no sooner', async () => {
  const keys = Array.from({ length: 1000 }, (_, index) => `key-${String(index).padStart(6, '0')}`);
  let passed = 0;
  let furthestAhead = 0;
  const pulled = (page: number) => {
    furthestAhead = Math.max(furthestAhead, page * PAGE - passed);
  };
  const streams = {
    left: sortedRows('left', paged(keys.map(listedAs), pulled)),
    right: sortedRows('right', paged(keys.map(listedAs), pulled)),
    agreed: sortedRows('agreed', paged(keys.map(agreedAs), pulled)),
  };
  await mergeKeys(streams, () => {
    passed += 1;
    return true;
  });
  expect(passed).toBe(1000);
  expect(furthestAhead).toBe(0);
});

test('a listing out of order is refused: what it has passed would be taken for deleted', async () => {
  const streams = {
    left: sortedRows('the listing of assets', paged(['a', 'c', 'b'].map(listedAs))),
    right: sortedRows('right', paged<ListedObject>([])),
    agreed: sortedRows('agreed', paged<AgreedKey>([])),
  };
  await expect(mergeKeys(streams, () => true)).rejects.toThrow(
    'the listing of assets is not in the order of its keys: "b" came after "c"',
  );
});

describe('what is ours', () => {
  test('is stepped over with one request, and never compared', async () => {
    const shelf: Shelf = new Map();
    const entry = { size: 1, time: 1, tag: 't' };
    for (const key of ['#first', '.causewax', '.causeway0', '.d', 'z']) shelf.set(key, entry);
    for (let index = 0; index < 500; index += 1) shelf.set(`.causeway/tombstones/${index}`, entry);
    const pages = { asked: 0 };
    const world = createWorld();
    const empty = shelfBucket('other', new Map(), { asked: 0 });
    const streams = openStreams({ left: shelfBucket('full', shelf, pages), right: empty }, world.store, null, {
      prefix: '',
      startAfter: null,
    });
    const seen: string[] = [];
    await mergeKeys(streams, ({ key }) => seen.push(key) > 0);
    expect(seen).toEqual(['#first', '.causewax', '.causeway0', '.d', 'z']);
    expect(pages.asked).toBeLessThanOrEqual(4);
  });
});
