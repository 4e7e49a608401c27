// What S3 knows of a key: what is live, and what its history tells.
import { GetObjectCommand, GetObjectTaggingCommand, type S3ServiceException } from '@aws-sdk/client-s3';
import type { ObjectLook, ObjectVersion } from '../../shared/model/replica.ts';
import { BucketUnavailable } from '../../shared/ports/object-bucket.ts';
import { attributesOf, md5Of } from './s3-object-bucket-attributes.ts';
import { callS3, headersOf, isNotThere, type S3Bucket, statusOf } from './s3-object-bucket-call.ts';
import { type S3Answer, wordsOfHeaders } from './s3-object-bucket-headers.ts';

export async function lookAt(bucket: S3Bucket, key: string): Promise<ObjectLook> {
  const found = await head(bucket, key, null);
  return found.kind === 'there'
    ? { kind: 'present', object: found.object }
    : { kind: 'absent', deleted: found.deleted };
}

/** One of a key's versions; null when it is gone. */
export async function lookAtVersion(bucket: S3Bucket, key: string, versionId: string): Promise<ObjectVersion | null> {
  const found = await head(bucket, key, versionId);
  return found.kind === 'there' ? found.object : null;
}

export type Found = { kind: 'there'; object: ObjectVersion } | { kind: 'not-there'; deleted: true | 'unknown' };

type Asked = { Bucket: string; Key: string; VersionId?: string };

async function head(bucket: S3Bucket, key: string, versionId: string | null): Promise<Found> {
  const answer = await callS3(
    bucket,
    `looking at ${key}`,
    bucket.callTimeoutSeconds,
    async (options) => {
      const query = versionId === null ? {} : { versionId };
      const { headers, body } = await bucket.wire({ method: 'HEAD', key, query, headers: withChecksums }, options);
      body.resume();
      return wordsOfHeaders(headers);
    },
    // The answer to HEAD has no body: a missing bucket cannot be told from a missing key, and shows in every other call.
    (failure) => (statusOf(failure) === 400 ? ({ kind: 'unexplained' } as const) : notThere(failure)),
  );
  if (!('kind' in answer)) return withTags(bucket, key, versionId, answer);
  return answer.kind === 'unexplained' ? explain(bucket, askedFor(bucket, key, versionId)) : answer;
}

function askedFor({ bucket }: S3Bucket, key: string, versionId: string | null): Asked {
  return { Bucket: bucket, Key: key, ...(versionId === null || versionId === 'null' ? {} : { VersionId: versionId }) };
}

/** Asks that the answer tells an object's checksum. */
export const withChecksums = { 'x-amz-checksum-mode': 'ENABLED' };

export function notThere(failure: S3ServiceException): Extract<Found, { kind: 'not-there' }> | null {
  if (!isNotThere(failure)) return null;
  return { kind: 'not-there', deleted: headersOf(failure)['x-amz-delete-marker'] === 'true' || 'unknown' };
}

/** What the answer to GET or HEAD tells of an object, and the tags of the same version. */
export async function withTags(
  bucket: S3Bucket,
  key: string,
  versionId: string | null,
  answer: S3Answer,
): Promise<Found> {
  const asked = askedFor(bucket, key, versionId ?? answer.VersionId ?? null);
  const tags = answer.TagCount > 0 ? await tagsOf(bucket, asked) : {};
  return tags === null
    ? { kind: 'not-there', deleted: 'unknown' }
    : { kind: 'there', object: versionOf(key, answer, tags) };
}

/**
 * Without a body, 400 is all that HEAD says of an expired token, which a person mends, and of an object under a key of the customer's,
 * which nobody here can read: reading is refused for the same reason, and names it. Always throws `BucketUnavailable`.
 */
async function explain(bucket: S3Bucket, asked: Asked): Promise<never> {
  const tried = `looking at ${asked.Key}`;
  await callS3(
    bucket,
    tried,
    bucket.callTimeoutSeconds,
    async (options) => {
      const { Body: body } = await bucket.client.send(new GetObjectCommand({ ...asked, Range: 'bytes=0-0' }), options);
      return body?.transformToByteArray();
    },
    // Not there, or empty: that is no refusal.
    (failure) => (isNotThere(failure) || statusOf(failure) === 416 ? ('answered' as const) : null),
  );
  const because = `${tried} in ${bucket.bucket} ended in 400 without a reason, and reading it did not`;
  throw new BucketUnavailable(bucket.name, 'failed', because);
}

/** Asked only when the count says that there are some: it is a request of its own. Null: gone meanwhile. */
async function tagsOf(bucket: S3Bucket, asked: Asked): Promise<Record<string, string> | null> {
  const answer = await callS3(
    bucket,
    `reading the tags of ${asked.Key}`,
    bucket.callTimeoutSeconds,
    (options) => bucket.client.send(new GetObjectTaggingCommand(asked), options),
    (failure) => (isNotThere(failure) ? ('gone' as const) : null),
  );
  if (answer === 'gone') return null;
  return Object.fromEntries((answer.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

function versionOf(key: string, answer: S3Answer, tags: Record<string, string>): ObjectVersion {
  const tag = answer.ETag ?? '';
  // A composite checksum is one of the parts' checksums, and says nothing about the bytes.
  const whole = answer.ChecksumType !== 'COMPOSITE' && !answer.ChecksumCRC32C?.includes('-');
  return {
    key,
    version: namedVersion(answer.VersionId, tag),
    tag,
    revision: 1,
    sizeBytes: answer.ContentLength,
    crc32c: whole ? (answer.ChecksumCRC32C ?? null) : null,
    md5: md5Of(answer),
    modifiedMillis: answer.LastModified?.getTime() ?? 0,
    ...attributesOf(answer, tags),
  };
}

/**
 * `null` is no name: where versioning is suspended, one version after the other is called so, and an overwrite would pass for what it
 * replaced. Such a version goes by its ETag, as in a bucket that never had versions.
 */
export function namedVersion(versionId: string | undefined, tag: string): string {
  return versionId === undefined || versionId === 'null' ? tag : versionId;
}

/** The parameter that pins a version; an unversioned bucket has only ETags, which stand in quotes. */
export function versionIdOf(object: ObjectVersion): { VersionId?: string } {
  return object.version.startsWith('"') ? {} : { VersionId: object.version };
}
