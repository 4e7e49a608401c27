// Listings of a Cloud Storage bucket: pages in byte order, live objects or all versions, with prefix, delimiter and offsets.
import { byBytes } from './byte-order.ts';
import type { GcsBucket } from './gcs-bucket.ts';
import type { GcsObject } from './gcs-object.ts';
import { resourceOf } from './gcs-resource.ts';
import { addressOf, GcsError, notSpoken } from './gcs-wire.ts';
import type { HttpHead } from './http-server.ts';

type Item = { kind: 'object'; object: GcsObject } | { kind: 'prefix'; name: string };
type Listing = {
  prefix: string;
  delimiter: string;
  startOffset: string;
  endOffset: string;
  which: 'live' | 'versions' | 'soft-deleted';
  after: { name: string; generation: bigint } | null;
};

/** The answer's JSON: at most `pageLimit` objects and prefixes, in UTF-8 byte order, a name's generations oldest first. */
export function listObjects(request: HttpHead, bucket: GcsBucket, pageLimit: number): unknown {
  const { query } = request;
  if (query.has('matchGlob') || query.has('includeFoldersAsPrefixes')) throw notSpoken(request);
  const asked = Number(query.get('maxResults') ?? 1000);
  if (!(asked > 0)) throw new GcsError(400, 'invalid', `Invalid value '${query.get('maxResults')}' of maxResults.`);
  const limit = Math.min(pageLimit, asked);
  const page: Item[] = [];
  let nextPageToken: string | null = null;
  for (const item of itemsOf(bucket, readListing(query))) {
    const last = page.at(-1);
    if (page.length >= limit && last) {
      nextPageToken = tokenOf(last);
      break;
    }
    page.push(item);
  }
  const items = page.flatMap((item) =>
    item.kind === 'object' ? [resourceOf(bucket.name, item.object, addressOf(request))] : [],
  );
  const prefixes = page.flatMap((item) => (item.kind === 'prefix' ? [item.name] : []));
  return {
    kind: 'storage#objects',
    ...(items.length === 0 ? {} : { items }),
    ...(prefixes.length === 0 ? {} : { prefixes }),
    ...(nextPageToken === null ? {} : { nextPageToken }),
  };
}

function readListing(query: URLSearchParams): Listing {
  const token = query.get('pageToken');
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    startOffset: query.get('startOffset') ?? '',
    endOffset: query.get('endOffset') ?? '',
    which:
      query.get('softDeleted') === 'true' ? 'soft-deleted' : query.get('versions') === 'true' ? 'versions' : 'live',
    after: token === null ? null : placeOf(token),
  };
}

function* itemsOf(bucket: GcsBucket, listing: Listing): Generator<Item> {
  const { prefix, delimiter, startOffset, endOffset, after } = listing;
  const start = [prefix, startOffset, after?.name ?? ''].reduce((one, other) =>
    byBytes(one, other) >= 0 ? one : other,
  );
  let told = '';
  for (const name of bucket.namesFrom(start, true)) {
    if (!name.startsWith(prefix) || (endOffset !== '' && byBytes(name, endOffset) >= 0)) return;
    const generations = bucket.generations(name, listing.which);
    const end = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
    if (end >= 0) {
      const group = name.slice(0, end + delimiter.length);
      if (generations.length === 0 || group === told || (after !== null && byBytes(group, after.name) <= 0)) continue;
      told = group;
      yield { kind: 'prefix', name: group };
      continue;
    }
    for (const object of generations) {
      const isPast = after === null || name !== after.name || object.generation > after.generation;
      if (isPast) yield { kind: 'object', object };
    }
  }
}

/** A token is opaque to clients; it names the last entry of its page. */
function tokenOf(item: Item): string {
  const place = item.kind === 'object' ? `${item.object.generation} ${item.object.name}` : `0 ${item.name}`;
  return Buffer.from(place).toString('base64url');
}

function placeOf(token: string): { name: string; generation: bigint } {
  const [, generation, name] = /^(\d+) (.*)$/s.exec(Buffer.from(token, 'base64url').toString('utf8')) ?? [];
  if (generation === undefined || name === undefined) throw new GcsError(400, 'invalid', 'Invalid page token');
  return { name, generation: BigInt(generation) };
}
