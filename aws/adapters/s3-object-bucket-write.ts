// Reading and writing S3 objects in one request each, and removing them on condition.

import { DeleteObjectCommand, type PutObjectCommandInput, type S3ServiceException } from '@aws-sdk/client-s3';
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
import { headersOfWords, wordsOfHeaders } from './s3-object-bucket-headers.ts';
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
  const headers = {
    ...headersOfWords({ ChecksumCRC32C: crc32c, ...headersFor(target), ...conditionHeaders(condition) }),
    'content-length': String(bytes.byteLength),
    // It comes with its CRC32C, which S3 compares: it is not hashed once more for the request's signature.
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  };
  const answer = await callS3(
    bucket,
    `writing ${target.key}`,
    bucket.stallSeconds,
    async (options) => {
      const granted = await bucket.wire({ method: 'PUT', key: target.key, headers, body: bytes }, options);
      granted.body.resume();
      return wordsOfHeaders(granted.headers);
    },
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
  const { VersionId: versionId } = versionIdOf(object);
  const request = {
    method: 'GET',
    key: object.key,
    query: versionId === undefined ? {} : { versionId },
    headers: {
      'if-match': object.tag,
      ...(range === null ? {} : { range: `bytes=${range.startByte}-${range.endByte - 1}` }),
    },
  } as const;
  const answer = await callS3(
    bucket,
    tried,
    bucket.callTimeoutSeconds,
    (options) => bucket.wire(request, options),
    (failure) => (isNotThere(failure) || statusOf(failure) === 412 ? ('gone' as const) : null),
  );
  if (answer === 'gone') return { kind: 'gone' };
  const sizeBytes = range === null ? object.sizeBytes : range.endByte - range.startByte;
  const bytes = incoming(answer.body, {
    sizeBytes,
    stallSeconds: bucket.stallSeconds,
    failed: cutOff(bucket, tried, sizeBytes),
  });
  return { kind: 'bytes', bytes };
}

/** What a body that stopped, or ended too early, is to the caller. */
export function cutOff(bucket: S3Bucket, tried: string, sizeBytes: number): (late: boolean, cause: unknown) => Error {
  return (late, cause) =>
    s3Unavailable(
      bucket.name,
      `${tried} in ${bucket.bucket}`,
      late ? new DOMException(String(cause), 'TimeoutError') : cause,
      `nothing for ${bucket.stallSeconds} s in the middle of ${sizeBytes} bytes`,
    );
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
