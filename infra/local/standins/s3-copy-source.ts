// Where a copy within S3 takes its bytes and its metadata from: CopyObject and UploadPartCopy.
import { type HttpHead, headerOf } from './http-server.ts';
import type { S3Bucket, S3Entry } from './s3-bucket.ts';
import { judgeSource } from './s3-conditions.ts';
import { type Described, describedBy, type S3Content } from './s3-content.ts';
import { invalidArgument, invalidRequest, S3Error } from './s3-wire.ts';

export type CopySource = { bucket: S3Bucket; key: string; versionId: string | null };

const largestCopyBytes = 5 * 1024 ** 3;

/** `x-amz-copy-source`: `/bucket/key?versionId=v`, percent-encoded. Null when the request is no copy. */
export function copySourceOf(request: HttpHead, buckets: ReadonlyMap<string, S3Bucket>): CopySource | null {
  const header = headerOf(request, 'x-amz-copy-source');
  if (header === null) return null;
  const [, bucketName, key, versionId] = /^\/?([^/]+)\/(.+?)(?:\?versionId=(.+))?$/.exec(header) ?? [];
  if (bucketName === undefined || key === undefined) {
    throw invalidArgument(
      'x-amz-copy-source',
      header,
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  }
  const bucket = buckets.get(decodeURIComponent(bucketName));
  if (!bucket)
    throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucketName });
  // A plus stands for itself in a path; only `%20` is a space.
  return { bucket, key: decodeURIComponent(key), versionId: versionId ?? null };
}

/** The version that is copied, after the conditions on it. */
export function sourceContent(request: HttpHead, source: CopySource): S3Entry & { content: S3Content } {
  const found = source.bucket.read(source.key, source.versionId);
  judgeSource(request, found.content);
  if (headerOf(request, 'x-amz-copy-source-range') === null && found.content.body.sizeBytes > largestCopyBytes) {
    throw invalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${largestCopyBytes}`,
    );
  }
  return found;
}

/** Metadata and tags are the source's unless the request replaces them; the storage class is the request's own. */
export function replaced(
  request: HttpHead,
  source: S3Content,
  kmsKeyId: string | null,
): { described: Described; isUnchanged: boolean } {
  const sent = describedBy(request, kmsKeyId);
  const replaces = (name: string) => headerOf(request, name) === 'REPLACE';
  const metadata = replaces('x-amz-metadata-directive') ? sent : source;
  return {
    described: {
      ...sent,
      system: metadata.system,
      metadata: metadata.metadata,
      tags: replaces('x-amz-tagging-directive') ? sent.tags : source.tags,
    },
    isUnchanged:
      sent.storageClass === source.storageClass &&
      JSON.stringify(sent.encryption) === JSON.stringify(source.encryption),
  };
}
