// What Cloud Storage has: one object, its history, its bytes, and listings.
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { ListedObject, ObjectLook, ObjectVersion } from '../../shared/model/replica.ts';
import type { ByteRange, ObjectFetch, ObjectReadResult, RecordedDeath } from '../../shared/ports/object-bucket.ts';
import { arriving, type IncomingLimits, incoming } from '../../shared/streams/incoming.ts';
import {
  accepted,
  answered,
  callGcs,
  type GcsBucket,
  gcsUnavailable,
  isConflict,
  isNotThere,
  Late,
  objectPath,
  preconditions,
} from './gcs-object-bucket-call.ts';
import { GcsObject, objectFields, stampOf, versionOf } from './gcs-object-bucket-resource.ts';

export async function lookAt(bucket: GcsBucket, key: string): Promise<ObjectLook> {
  const found = await callGcs(
    bucket,
    `looking at ${key}`,
    { method: 'GET', path: objectPath(bucket.bucket, key), query: { fields: objectFields } },
    { schema: GcsObject },
    (refusal) => (isNotThere(refusal) ? ('not-there' as const) : null),
  );
  if (found === 'not-there') return { kind: 'absent', deleted: 'unknown' };
  return { kind: 'present', object: versionOf(found) };
}

const listingOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item).default([]), nextPageToken: z.string().optional() });

async function* pagesOf<T extends z.ZodType>(
  bucket: GcsBucket,
  tried: string,
  query: Record<string, string>,
  item: T,
): AsyncGenerator<z.infer<T>[]> {
  const schema = listingOf(item);
  let token: string | undefined;
  do {
    const page = await callGcs(
      bucket,
      tried,
      {
        method: 'GET',
        path: `/storage/v1/b/${encodeURIComponent(bucket.bucket)}/o`,
        query: { ...query, ...(token === undefined ? {} : { pageToken: token }) },
      },
      { schema },
    );
    yield page.items;
    token = page.nextPageToken;
  } while (token !== undefined);
}

/**
 * A generation that ended before the next began has died; one that was overwritten has not. Where two clocks make an overwrite look like
 * a death, the death is one of a version that a newer one has replaced, and harms nothing. Generations are listed oldest first.
 */
export async function historyOf(
  bucket: GcsBucket,
  key: string,
  limit: number,
): Promise<{ versions: ObjectVersion[]; deaths: RecordedDeath[] }> {
  const query = { prefix: key, versions: 'true', fields: `items(${objectFields}),nextPageToken` };
  let newest: GcsObject[] = [];
  for await (const items of pagesOf(bucket, `reading the history of ${key}`, query, GcsObject)) {
    const own = items.filter(({ name }) => name === key);
    newest = [...newest, ...own].slice(-limit);
    // The key itself comes before all others that begin with it.
    if (own.length < items.length) break;
  }
  newest.reverse();
  const deaths = newest.flatMap((each, index) => {
    const endMillis = Date.parse(each.timeDeleted ?? '');
    const next = newest[index - 1];
    if (Number.isNaN(endMillis)) return [];
    const overwritten = next !== undefined && Date.parse(next.timeCreated ?? '') <= endMillis;
    return overwritten ? [] : [{ timeMillis: endMillis, of: versionOf(each) }];
  });
  return { versions: newest.map(versionOf), deaths };
}

/** One generation, as it is stored: what is stored in gzip would otherwise be unzipped on the way. */
export async function readObject(
  bucket: GcsBucket,
  object: ObjectVersion,
  range: ByteRange | null,
): Promise<ObjectReadResult> {
  const answer = await download(bucket, object, { generation: object.version }, range);
  if (answer === 'gone') return { kind: 'gone' };
  const sizeBytes = range === null ? object.sizeBytes : range.endByte - range.startByte;
  return { kind: 'bytes', bytes: incoming(answer, limitsOf(bucket, object.key, sizeBytes)) };
}

/** A download tells no metadata. That what an event tells of is still what is live, the service says by sending it. */
export async function fetchObject(bucket: GcsBucket, key: string, known: ObjectVersion | null): Promise<ObjectFetch> {
  if (known === null || known.key !== key) return { kind: 'unsure' };
  const live = preconditions({ kind: 'tag', tag: known.tag, revision: known.revision });
  const answer = await download(bucket, known, live, null);
  if (answer === 'gone') return { kind: 'unsure' };
  return { kind: 'present', object: known, body: arriving(answer, limitsOf(bucket, key, known.sizeBytes)) };
}

function download(
  bucket: GcsBucket,
  { key, attributes }: ObjectVersion,
  pinned: Record<string, string>,
  range: ByteRange | null,
): Promise<IncomingMessage | 'gone'> {
  const request = {
    method: 'GET',
    path: objectPath(bucket.bucket, key),
    query: { alt: 'media', ...pinned },
    headers: {
      // Asked for gzip, the service may also zip what is not: only then is it asked.
      'accept-encoding': attributes.contentEncoding === null ? 'identity' : 'gzip',
      ...(range === null ? {} : { range: `bytes=${range.startByte}-${range.endByte - 1}` }),
    },
  } as const;
  return answered(
    bucket,
    `reading ${key}`,
    bucket.callTimeoutSeconds,
    (refusal) => (isNotThere(refusal) || isConflict(refusal) ? ('gone' as const) : null),
    async (signal) => accepted(await bucket.http(request, signal)),
  );
}

function limitsOf(bucket: GcsBucket, key: string, sizeBytes: number): IncomingLimits {
  const { stallSeconds } = bucket;
  return {
    sizeBytes,
    stallSeconds,
    failed: (late, cause) =>
      gcsUnavailable(
        bucket,
        `reading ${key}`,
        late ? new Late(`nothing for ${stallSeconds} s in the middle of ${sizeBytes} bytes`) : cause,
      ),
  };
}

const Listed = GcsObject.pick({
  name: true,
  generation: true,
  metageneration: true,
  size: true,
  crc32c: true,
  updated: true,
  metadata: true,
});

/** In the byte order of the names' UTF-8. `startOffset` is inclusive. */
export async function* listObjects(
  bucket: GcsBucket,
  prefix: string,
  startAfter: string | null,
): AsyncGenerator<ListedObject[]> {
  const fields = `items(${Object.keys(Listed.shape).join(',')}),nextPageToken`;
  const query = { prefix, fields, ...(startAfter === null ? {} : { startOffset: startAfter }) };
  for await (const items of pagesOf(bucket, `listing ${prefix || 'everything'}`, query, Listed)) {
    const page = items.filter(({ name }) => name !== startAfter).map(listed);
    if (page.length > 0) yield page;
  }
}

function listed(item: z.infer<typeof Listed>): ListedObject {
  return {
    key: item.name,
    tag: item.generation,
    version: item.generation,
    revision: Number(item.metageneration),
    sizeBytes: Number(item.size),
    crc32c: item.crc32c ?? null,
    modifiedMillis: Date.parse(item.updated),
    stamp: stampOf(item),
  };
}
