// Large objects into Cloud Storage: parts as hidden objects, composed to a hidden whole, compared, and only then published on condition.
// Its XML multipart uploads take no preconditions, and a resumable session takes no parts side by side.

import type * as z from 'zod';
import { madeBy } from '../../shared/model/replica.ts';
import type {
  NewObject,
  ObjectBucket,
  ObjectCondition,
  ObjectWriteResult,
  PartRef,
  UploadRef,
} from '../../shared/ports/object-bucket.ts';
import { outgoing } from '../../shared/streams/outgoing.ts';
import {
  accepted,
  callGcs,
  type GcsBucket,
  gcsUnavailable,
  isNotThere,
  Late,
  objectPath,
  tellGcs,
  textOf,
} from './gcs-object-bucket-call.ts';
import { listObjects, lookAt } from './gcs-object-bucket-read.ts';
import { describe, GcsObject } from './gcs-object-bucket-resource.ts';
import { rewriteObject, writeObject } from './gcs-object-bucket-write.ts';

const noUpload = { kind: 'no-upload' } as const;
/** How many of the service's own copies and removals run at once. */
const sideBySide = 8;
const mostSources = 32;
/** The checksum of no bytes. */
const emptyCrc32c = 'AAAAAA==';

function folderOf({ id }: UploadRef): string {
  return `.causeway/parts/${id}/`;
}

/** Of what is ours alone, whatever the target's class: a part is gone within the hour, and cold ones cost a month. */
function ours(key: string): NewObject {
  const texts = { contentEncoding: null, contentDisposition: null, contentLanguage: null, cacheControl: null };
  const attributes = { contentType: null, ...texts, metadata: {}, tags: {}, storageClass: 'standard' } as const;
  return { key, attributes, stamp: null };
}

/** An empty object marks the upload as begun: the service knows of none by itself. */
export async function beginUpload(bucket: GcsBucket, target: NewObject, id: string): Promise<UploadRef> {
  const upload = { id, key: target.key };
  // A conflict: it was begun before, and is gone on with.
  await writeObject(bucket, ours(`${folderOf(upload)}begun`), new Uint8Array(), emptyCrc32c, { kind: 'absent' });
  return upload;
}

async function isBegun(bucket: GcsBucket, upload: UploadRef): Promise<boolean> {
  return (await lookAt(bucket, `${folderOf(upload)}begun`)).kind === 'present';
}

const PartResource = GcsObject.pick({ generation: true, crc32c: true });

/** What arrived otherwise than it was sent is removed again, lest a later invocation take it for a part. */
export const writePart =
  (bucket: GcsBucket): ObjectBucket['writePart'] =>
  async (upload, number, sizeBytes, bytes, crc32c) => {
    if (!(await isBegun(bucket, upload))) return noUpload;
    const key = `${folderOf(upload)}${String(number).padStart(5, '0')}`;
    const { generation, crc32c: arrived } = await sendPart(bucket, key, sizeBytes, bytes);
    const sent = crc32c();
    if (arrived === sent) return { kind: 'written', part: { number, sizeBytes, crc32c: sent, tag: generation } };
    await removeObjects(bucket, [{ key, query: { generation } }]);
    return { kind: 'corrupt', because: `part ${number} arrived with the CRC32C ${arrived}, and was sent with ${sent}` };
  };

async function sendPart(
  bucket: GcsBucket,
  key: string,
  sizeBytes: number,
  bytes: AsyncIterable<Uint8Array>,
): Promise<z.infer<typeof PartResource>> {
  const sending = outgoing(bytes, { sizeBytes, stallSeconds: bucket.stallSeconds });
  const request = {
    method: 'POST',
    path: `/upload/storage/v1/b/${encodeURIComponent(bucket.bucket)}/o`,
    query: { uploadType: 'media', name: key, fields: 'generation,crc32c' },
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(sizeBytes) },
    body: sending.body,
  } as const;
  try {
    const answer = await accepted(await bucket.http(request, sending.signal));
    return PartResource.parse(JSON.parse(await textOf(answer)));
  } catch (cause) {
    const failure = sending.sourceFailure();
    if (failure !== null) throw failure.cause;
    const stalled = new Late(`nothing for ${bucket.stallSeconds} s in the middle of ${sizeBytes} bytes`);
    throw gcsUnavailable(bucket, `writing ${key}`, sending.signal.aborted ? stalled : cause);
  } finally {
    sending.close();
  }
}

export async function partsOf(bucket: GcsBucket, upload: UploadRef): Promise<PartRef[] | null> {
  if (!(await isBegun(bucket, upload))) return null;
  const folder = folderOf(upload);
  const parts: PartRef[] = [];
  for await (const page of listObjects(bucket, folder, null)) {
    for (const { key, sizeBytes, crc32c, tag } of page) {
      const name = key.slice(folder.length);
      if (/^\d{5}$/.test(name) && crc32c !== null) parts.push({ number: Number(name), sizeBytes, crc32c, tag });
    }
  }
  return parts;
}

type Source = { name: string; generation: string };

/** A source that is missing ends in `no-upload`: or the completion was not heard of, and then the key has its stamp. */
export async function completeUpload(
  bucket: GcsBucket,
  upload: UploadRef,
  target: NewObject,
  parts: readonly PartRef[],
  crc32c: string,
  condition: ObjectCondition,
): Promise<ObjectWriteResult | typeof noUpload> {
  const folder = folderOf(upload);
  let sources = parts.map(({ number, tag }) => ({
    name: `${folder}${String(number).padStart(5, '0')}`,
    generation: tag,
  }));
  for (let level = 1; sources.length > mostSources; level++) {
    const joined = await joinLevel(bucket, `${folder}joined-${level}-`, sources);
    if (joined === null) return completedBefore(bucket, target, crc32c);
    sources = joined;
  }
  const whole = await compose(bucket, `${folder}whole`, sources);
  if (whole === null) return completedBefore(bucket, target, crc32c);
  if (whole.crc32c !== crc32c) {
    return { kind: 'corrupt', because: `the whole has the CRC32C ${whole.crc32c}, and was sent with ${crc32c}` };
  }
  const result = await rewriteObject(bucket, {
    source: whole.name,
    generation: whole.generation,
    key: target.key,
    description: describe(target),
    condition,
  });
  // What cannot be cleared now, the bucket's lifecycle clears: the object is there.
  if (result.kind === 'written') await abortUpload(bucket, upload).catch(() => {});
  return result;
}

async function joinLevel(bucket: GcsBucket, prefix: string, sources: readonly Source[]): Promise<Source[] | null> {
  const groups = Array.from({ length: Math.ceil(sources.length / mostSources) }, (_, index) =>
    sources.slice(index * mostSources, (index + 1) * mostSources),
  );
  const joined: Source[] = [];
  for (let first = 0; first < groups.length; first += sideBySide) {
    const made = await Promise.all(
      groups
        .slice(first, first + sideBySide)
        .map((group, index) => compose(bucket, `${prefix}${first + index}`, group)),
    );
    if (made.some((each) => each === null)) return null;
    joined.push(...made.filter((each) => each !== null));
  }
  return joined;
}

const Composed = GcsObject.pick({ name: true, generation: true, crc32c: true });

async function compose(
  bucket: GcsBucket,
  key: string,
  sources: readonly Source[],
): Promise<z.infer<typeof Composed> | null> {
  const answer = await callGcs(
    bucket,
    `composing ${key} of ${sources.length} parts`,
    {
      method: 'POST',
      path: `${objectPath(bucket.bucket, key)}/compose`,
      query: { fields: 'name,generation,crc32c' },
      headers: { 'content-type': 'application/json' },
      body: [Buffer.from(JSON.stringify({ sourceObjects: sources, destination: { storageClass: 'STANDARD' } }))],
    },
    { schema: Composed, timeoutSeconds: bucket.longCallTimeoutSeconds },
    (refusal) => (isNotThere(refusal) ? ('not-there' as const) : null),
  );
  return answer === 'not-there' ? null : answer;
}

async function completedBefore(
  bucket: GcsBucket,
  target: NewObject,
  crc32c: string,
): Promise<ObjectWriteResult | typeof noUpload> {
  const object = madeBy(await lookAt(bucket, target.key), target.stamp, crc32c);
  return object ? { kind: 'written', object } : noUpload;
}

/** The mark goes first: whoever is still writing finds no upload. Removals are free of charge. */
export async function abortUpload(bucket: GcsBucket, upload: UploadRef): Promise<void> {
  const folder = folderOf(upload);
  const mark = await lookAt(bucket, `${folder}begun`);
  if (mark.kind === 'present') {
    const { key, tag: generation } = mark.object;
    await removeObjects(bucket, [{ key, query: { generation } }]);
  }
  for await (const page of listObjects(bucket, folder, null)) {
    await removeObjects(
      bucket,
      page.map(({ key, tag: generation }) => ({ key, query: { generation } })),
    );
  }
}

type Removal = { key: string; query: Record<string, string> };

/** By their generations, so that they are gone for good in a versioned bucket too. What is not there need not be removed. */
async function removeObjects(bucket: GcsBucket, removals: readonly Removal[]): Promise<void> {
  for (let first = 0; first < removals.length; first += sideBySide) {
    const some = removals
      .slice(first, first + sideBySide)
      .map(({ key, query }) =>
        tellGcs(
          bucket,
          `removing ${key}`,
          { method: 'DELETE', path: objectPath(bucket.bucket, key), query },
          (refusal) => (isNotThere(refusal) ? ('not-there' as const) : null),
        ),
      );
    await Promise.all(some);
  }
}
