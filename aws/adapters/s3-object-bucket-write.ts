// Reading and writing S3 objects in one request each, and removing them on condition.

import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import type { ObjectVersion } from '../../shared/model/replica.ts';
import type {
  ByteRange,
  NewObject,
  ObjectCondition,
  ObjectReadResult,
  ObjectWriteResult,
} from '../../shared/ports/object-bucket.ts';
import { incoming } from '../../shared/streams/incoming.ts';
import { headersFor, md5Of } from './s3-object-bucket-attributes.ts';
import {
  callS3,
  corruption,
  isConflict,
  isNotThere,
  type S3Bucket,
  s3Unavailable,
  statusOf,
} from './s3-object-bucket-call.ts';
import { lookAt, namedVersion, versionIdOf } from './s3-object-bucket-look.ts';

export function conditionHeaders(condition: ObjectCondition): Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'> {
  return condition.kind === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition.tag };
}

/** What a conditional write's refusal is to the caller; null: no answer that the port knows. */
export function refusedWrite(failure: S3ServiceException): ObjectWriteResult | null {
  const because = corruption(failure);
  if (because !== null) return { kind: 'corrupt', because };
  return isConflict(failure) ? { kind: 'conflict' } : null;
}

export async function writeObject(
  bucket: S3Bucket,
  target: NewObject,
  bytes: Uint8Array,
  crc32c: string,
  condition: ObjectCondition,
): Promise<ObjectWriteResult> {
  const command = new PutObjectCommand({
    Bucket: bucket.bucket,
    Key: target.key,
    Body: bytes,
    ChecksumCRC32C: crc32c,
    ...headersFor(target),
    ...conditionHeaders(condition),
  });
  const answer = await callS3(
    bucket,
    `writing ${target.key}`,
    bucket.stallSeconds,
    (options) => bucket.client.send(command, options),
    refusedWrite,
  );
  if ('kind' in answer) return answer;
  return { kind: 'written', object: asWritten(bucket, target, answer, { sizeBytes: bytes.byteLength, crc32c }) };
}

/** The version that a write made. S3 does not say when that was: until the next look our own clock does, in S3's whole seconds. */
export function asWritten(
  { now }: S3Bucket,
  { key, attributes, stamp }: NewObject,
  answer: { ETag?: string | undefined; VersionId?: string | undefined; ServerSideEncryption?: string | undefined },
  { sizeBytes, crc32c }: { sizeBytes: number; crc32c: string | null },
): ObjectVersion {
  const tag = answer.ETag ?? '';
  return {
    key,
    version: namedVersion(answer.VersionId, tag),
    tag,
    revision: 1,
    sizeBytes,
    crc32c,
    md5: md5Of(answer),
    modifiedMillis: Math.floor(now().getTime() / 1000) * 1000,
    attributes,
    stamp,
  };
}

/** Pinned twice where it can be: what has no version id has only its ETag. */
export async function readObject(
  bucket: S3Bucket,
  object: ObjectVersion,
  range: ByteRange | null,
): Promise<ObjectReadResult> {
  const tried = `reading ${object.key}`;
  const command = new GetObjectCommand({
    Bucket: bucket.bucket,
    Key: object.key,
    ...versionIdOf(object),
    IfMatch: object.tag,
    ...(range === null ? {} : { Range: `bytes=${range.startByte}-${range.endByte - 1}` }),
  });
  const answer = await callS3(
    bucket,
    tried,
    bucket.callTimeoutSeconds,
    (options) => bucket.client.send(command, options),
    (failure) => (isNotThere(failure) || statusOf(failure) === 412 ? ('gone' as const) : null),
  );
  if (answer === 'gone') return { kind: 'gone' };
  if (!(answer.Body instanceof Readable)) throw new Error('the body of an S3 object is no stream of Node');
  const sizeBytes = range === null ? object.sizeBytes : range.endByte - range.startByte;
  const bytes = incoming(answer.Body, {
    sizeBytes,
    stallSeconds: bucket.stallSeconds,
    failed: (late, cause) =>
      s3Unavailable(
        bucket.name,
        `${tried} in ${bucket.bucket}`,
        late ? new DOMException(String(cause), 'TimeoutError') : cause,
        `nothing for ${bucket.stallSeconds} s in the middle of ${sizeBytes} bytes`,
      ),
  });
  return { kind: 'bytes', bytes };
}

/**
 * Only the live version can be removed on condition, and only by its ETag: equal bytes written meanwhile share it. S3 refuses alike what
 * is another version and what is not there, so that a refusal is followed by a look.
 */
export async function removeObject(
  bucket: S3Bucket,
  object: ObjectVersion,
): Promise<{ kind: 'removed' } | { kind: 'conflict' } | { kind: 'absent' }> {
  const command = new DeleteObjectCommand({ Bucket: bucket.bucket, Key: object.key, IfMatch: object.tag });
  const removed = await callS3(
    bucket,
    `removing ${object.key}`,
    bucket.callTimeoutSeconds,
    (options) => bucket.client.send(command, options),
    (failure) => (isConflict(failure) ? ('refused' as const) : null),
  );
  if (removed !== 'refused') return { kind: 'removed' };
  const { kind } = await lookAt(bucket, object.key);
  return { kind: kind === 'absent' ? 'absent' : 'conflict' };
}
