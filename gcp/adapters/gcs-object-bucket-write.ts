// Writing Cloud Storage objects in one request, changing what is said of them, copying them in place and removing them on condition.
import * as z from 'zod';
import type { ObjectVersion } from '../../shared/model/replica.ts';
import type { NewObject, ObjectCondition, ObjectWriteResult } from '../../shared/ports/object-bucket.ts';
import {
  callGcs,
  corruption,
  type GcsBucket,
  type GcsRefusal,
  isConflict,
  isNotThere,
  objectPath,
  preconditions,
  tellGcs,
} from './gcs-object-bucket-call.ts';
import { describe, GcsObject, noContentType, objectFields, versionOf } from './gcs-object-bucket-resource.ts';

const conflict = { kind: 'conflict' } as const;

/** What a conditional change's refusal is to the caller; null: no answer that the port knows. */
function refusedWrite(refusal: GcsRefusal): ObjectWriteResult | null {
  const because = corruption(refusal);
  if (because !== null) return { kind: 'corrupt', because };
  return isConflict(refusal) || isNotThere(refusal) ? conflict : null;
}

function written(answer: GcsObject | ObjectWriteResult): ObjectWriteResult {
  return 'kind' in answer ? answer : { kind: 'written', object: versionOf(answer) };
}

/** One request with what is said of the object before its bytes; the service compares the checksum before anything is visible. */
export async function writeObject(
  bucket: GcsBucket,
  target: NewObject,
  bytes: Uint8Array,
  crc32c: string,
  condition: ObjectCondition,
): Promise<ObjectWriteResult> {
  const resource = JSON.stringify({ name: target.key, crc32c, ...describe(target) });
  const boundary = boundaryFor(bytes, resource);
  const type = target.attributes.contentType ?? noContentType;
  const head = `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${resource}\r\n--${boundary}\r\nContent-Type: ${type}\r\n\r\n`;
  const body = [Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)];
  const answer = await callGcs(
    bucket,
    `writing ${target.key}`,
    {
      method: 'POST',
      path: `/upload/storage/v1/b/${encodeURIComponent(bucket.bucket)}/o`,
      query: { uploadType: 'multipart', fields: objectFields, ...preconditions(condition) },
      headers: {
        'content-type': `multipart/related; boundary=${boundary}`,
        'content-length': String(body.reduce((sum, piece) => sum + piece.byteLength, 0)),
      },
      body,
    },
    { schema: GcsObject, timeoutSeconds: bucket.stallSeconds },
    refusedWrite,
  );
  return written(answer);
}

/** A line that is in neither of the parts that it stands between. */
function boundaryFor(bytes: Uint8Array, resource: string): string {
  const searched = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let boundary = 'causeway';
  while (searched.includes(boundary) || resource.includes(boundary)) boundary += `-${boundary.length}`;
  return boundary;
}

/** A patch leaves the generation and raises the metageneration. Another class is another copy, which only a rewrite makes. */
export async function restampObject(
  bucket: GcsBucket,
  object: ObjectVersion,
  target: NewObject,
): Promise<ObjectWriteResult> {
  const condition: ObjectCondition = { kind: 'tag', tag: object.tag, revision: object.revision };
  if (target.attributes.storageClass !== object.attributes.storageClass) {
    const { key, version: generation } = object;
    return rewriteObject(bucket, { source: key, generation, key, description: describe(target), condition });
  }
  const { storageClass: _kept, ...description } = describe(target);
  const names = await metadataNames(bucket, object);
  if (names === null) return conflict;
  const removed = Object.fromEntries(names.map((name) => [name, null]));
  const metadata = { ...removed, ...z.record(z.string(), z.string()).parse(description.metadata) };
  const answer = await callGcs(
    bucket,
    `changing the attributes of ${object.key}`,
    {
      method: 'PATCH',
      path: objectPath(bucket.bucket, object.key),
      query: { fields: objectFields, ...preconditions(condition) },
      headers: { 'content-type': 'application/json' },
      body: [Buffer.from(JSON.stringify({ ...description, metadata }))],
    },
    { schema: GcsObject },
    refusedWrite,
  );
  return written(answer);
}

/** As they are spelt there: a patch takes an entry away only by its exact name. Null: no longer this version. */
async function metadataNames(bucket: GcsBucket, object: ObjectVersion): Promise<string[] | null> {
  const condition: ObjectCondition = { kind: 'tag', tag: object.tag, revision: object.revision };
  const found = await callGcs(
    bucket,
    `reading the metadata of ${object.key}`,
    {
      method: 'GET',
      path: objectPath(bucket.bucket, object.key),
      query: { fields: 'metadata', ...preconditions(condition) },
    },
    { schema: GcsObject.pick({ metadata: true }) },
    (refusal) => (isConflict(refusal) || isNotThere(refusal) ? conflict : null),
  );
  return 'kind' in found ? null : Object.keys(found.metadata ?? {});
}

const Rewritten = z.object({ done: z.boolean(), rewriteToken: z.string().optional(), resource: GcsObject.optional() });

export type Rewrite = {
  source: string;
  generation: string;
  key: string;
  /** Null: as the source is described. */
  description: Record<string, unknown> | null;
  /** Null: whatever is there. */
  condition: ObjectCondition | null;
};

/** Within a bucket and a class it is one call; a change of class takes one for every few GiB. */
export async function rewriteObject(
  bucket: GcsBucket,
  { source, generation, key, description, condition }: Rewrite,
): Promise<ObjectWriteResult> {
  const path = `${objectPath(bucket.bucket, source)}/rewriteTo/b/${encodeURIComponent(bucket.bucket)}/o/${encodeURIComponent(key)}`;
  let token: string | undefined;
  for (;;) {
    const answer = await callGcs(
      bucket,
      `copying ${source} to ${key}`,
      {
        method: 'POST',
        path,
        query: {
          sourceGeneration: generation,
          ...(condition === null ? {} : preconditions(condition)),
          ...(token === undefined ? {} : { rewriteToken: token }),
        },
        headers: { 'content-type': 'application/json' },
        body: [Buffer.from(description === null ? '' : JSON.stringify(description))],
      },
      { schema: Rewritten, timeoutSeconds: bucket.longCallTimeoutSeconds },
      refusedWrite,
    );
    if ('kind' in answer) return answer;
    if (answer.done && answer.resource !== undefined) return { kind: 'written', object: versionOf(answer.resource) };
    if (answer.rewriteToken === undefined) throw new Error(`a rewrite of ${source} is neither done nor can it go on`);
    token = answer.rewriteToken;
  }
}

/** The same name holds the same bytes: what was kept before is kept again. */
export async function keepObjectAside(
  bucket: GcsBucket,
  object: ObjectVersion,
  key: string,
): Promise<{ kind: 'kept' } | { kind: 'gone' }> {
  const { key: source, version: generation } = object;
  const answer = await rewriteObject(bucket, { source, generation, key, description: null, condition: null });
  return { kind: answer.kind === 'written' ? 'kept' : 'gone' };
}

export async function removeObject(
  bucket: GcsBucket,
  object: ObjectVersion,
): Promise<{ kind: 'removed' } | { kind: 'conflict' } | { kind: 'absent' }> {
  const condition: ObjectCondition = { kind: 'tag', tag: object.tag, revision: object.revision };
  const answer = await tellGcs(
    bucket,
    `removing ${object.key}`,
    { method: 'DELETE', path: objectPath(bucket.bucket, object.key), query: preconditions(condition) },
    (refusal) => (isNotThere(refusal) ? ('absent' as const) : isConflict(refusal) ? ('conflict' as const) : null),
  );
  return { kind: answer === 'done' ? 'removed' : answer };
}
