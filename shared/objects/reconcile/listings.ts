// The three streams of a comparison, opened at a position: both listings without what is ours, and the baseline.
import type { ListedObject } from '../../model/replica.ts';
import type { ObjectBucket } from '../../ports/object-bucket.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { isOwnKey } from '../own-keys.ts';
import type { AgreedKey } from './agreed.ts';
import { type FoundBaseline, readBaseline } from './baseline.ts';
import type { Streams } from './merge.ts';
import { sortedRows } from './sorted-rows.ts';

/** No key of our own is above this one. */
const OWN_END = '.causeway/\u{10ffff}';

export type Ends = { left: ObjectBucket; right: ObjectBucket };

export type From = { prefix: string; startAfter: string | null };

/** Nothing is asked for until the streams are filled. */
export function openStreams(ends: Ends, store: ObjectStore, baseline: FoundBaseline | null, from: From): Streams {
  const listing = (bucket: ObjectBucket) =>
    sortedRows(`the listing of ${bucket.name}`, listedPages(bucket, from), isOwnKey);
  const agreed = baseline ? readBaseline(store, baseline.pointer, from) : nothing();
  return { left: listing(ends.left), right: listing(ends.right), agreed: sortedRows('the baseline', agreed, isOwnKey) };
}

/** Steps over what is ours with one request, however much of it there is. */
async function* listedPages(bucket: ObjectBucket, { prefix, startAfter }: From): AsyncGenerator<ListedObject[]> {
  let meetsOwn = false;
  for await (const page of bucket.list(prefix, startAfter)) {
    yield page;
    meetsOwn = isOwnKey(page.at(-1)?.key ?? '');
    if (meetsOwn) break;
  }
  if (meetsOwn) yield* bucket.list(prefix, OWN_END);
}

async function* nothing(): AsyncGenerator<AgreedKey[]> {}
