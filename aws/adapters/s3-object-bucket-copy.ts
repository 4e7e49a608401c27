// Copies that S3 makes itself, of exactly one version: new attributes in place, and losers kept aside. No bytes travel.
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  HeadObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { ObjectVersion } from '../../shared/model/replica.ts';
import type { NewObject, ObjectCondition, ObjectWriteResult } from '../../shared/ports/object-bucket.ts';
import { headersFor } from './s3-object-bucket-attributes.ts';
import { callS3, isConflict, type S3Bucket } from './s3-object-bucket-call.ts';
import { versionIdOf } from './s3-object-bucket-look.ts';
import { abortUpload } from './s3-object-bucket-upload.ts';
import { asWritten, conditionHeaders } from './s3-object-bucket-write.ts';

const largestCopyBytes = 5 * 1024 ** 3;

const conflict = { kind: 'conflict' } as const;
type Answer = { ETag?: string | undefined; VersionId?: string | undefined; ServerSideEncryption?: string | undefined };
type Copied = { kind: 'copied'; answer: Answer; crc32c: string | null } | typeof conflict;

export async function restampObject(
  bucket: S3Bucket,
  object: ObjectVersion,
  target: NewObject,
): Promise<ObjectWriteResult> {
  const encryption = await encryptionOf(bucket, object);
  if (encryption === null) return conflict;
  const condition: ObjectCondition = { kind: 'tag', tag: object.tag, revision: object.revision };
  const copied = await copy(bucket, object, { target, encryption, condition });
  if (copied.kind === 'conflict') return conflict;
  const written = { sizeBytes: object.sizeBytes, crc32c: copied.crc32c ?? object.crc32c };
  return { kind: 'written', object: asWritten(bucket, target, copied.answer, written) };
}

/** The same name holds the same bytes: what was kept before is kept again. */
export async function keepObjectAside(
  bucket: S3Bucket,
  object: ObjectVersion,
  key: string,
): Promise<{ kind: 'kept' } | { kind: 'gone' }> {
  const target = { key, attributes: object.attributes, stamp: object.stamp };
  const copied = await copy(bucket, object, { target, encryption: {}, condition: null });
  return { kind: copied.kind === 'copied' ? 'kept' : 'gone' };
}

type Encryption = Pick<CreateMultipartUploadCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId' | 'BucketKeyEnabled'>;

/** A copy in place takes the bucket's key for its own, unless the object's is named. Null: the version is gone. */
async function encryptionOf(bucket: S3Bucket, object: ObjectVersion): Promise<Encryption | null> {
  const answer = await callS3(
    bucket,
    `looking at the encryption of ${object.key}`,
    bucket.callTimeoutSeconds,
    (options) =>
      bucket.client.send(
        new HeadObjectCommand({ Bucket: bucket.bucket, Key: object.key, ...versionIdOf(object), IfMatch: object.tag }),
        options,
      ),
    (failure) => (isConflict(failure) ? conflict : null),
  );
  if ('kind' in answer) return null;
  const { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled } = answer;
  return SSEKMSKeyId === undefined ? {} : { ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled };
}

type CopyPlan = { target: NewObject; encryption: Encryption; condition: ObjectCondition | null };

function copy(bucket: S3Bucket, object: ObjectVersion, plan: CopyPlan): Promise<Copied> {
  return object.sizeBytes > largestCopyBytes ? copyInParts(bucket, object, plan) : copyWhole(bucket, object, plan);
}

function sourceOf({ bucket }: S3Bucket, object: ObjectVersion): { CopySource: string; CopySourceIfMatch: string } {
  const { VersionId: versionId } = versionIdOf(object);
  const pin = versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`;
  const path = object.key.split('/').map(encodeURIComponent).join('/');
  return { CopySource: `${bucket}/${path}${pin}`, CopySourceIfMatch: object.tag };
}

/** With a checksum named, S3 computes one where older uploads have none. */
async function copyWhole(bucket: S3Bucket, object: ObjectVersion, plan: CopyPlan): Promise<Copied> {
  const command = new CopyObjectCommand({
    Bucket: bucket.bucket,
    Key: plan.target.key,
    ...sourceOf(bucket, object),
    ...headersFor(plan.target),
    ...plan.encryption,
    ...(plan.condition === null ? {} : conditionHeaders(plan.condition)),
    MetadataDirective: 'REPLACE',
    TaggingDirective: 'REPLACE',
    ChecksumAlgorithm: 'CRC32C',
  });
  const answer = await callS3(
    bucket,
    `copying ${object.key} to ${plan.target.key}`,
    bucket.longCallTimeoutSeconds,
    (options) => bucket.client.send(command, options),
    (failure) => (isConflict(failure) ? conflict : null),
  );
  if ('kind' in answer) return answer;
  const { ETag, ChecksumCRC32C: crc32c = null } = answer.CopyObjectResult ?? {};
  return { kind: 'copied', answer: { ...answer, ETag }, crc32c };
}

async function copyInParts(bucket: S3Bucket, object: ObjectVersion, plan: CopyPlan): Promise<Copied> {
  const { key } = plan.target;
  const begun = await callS3(bucket, `beginning a copy to ${key}`, bucket.callTimeoutSeconds, (options) =>
    bucket.client.send(
      new CreateMultipartUploadCommand({
        Bucket: bucket.bucket,
        Key: key,
        ChecksumAlgorithm: 'CRC32C',
        ChecksumType: 'FULL_OBJECT',
        ...headersFor(plan.target),
        ...plan.encryption,
      }),
      options,
    ),
  );
  const upload = { key, id: begun.UploadId ?? '' };
  try {
    const copied = await copyParts(bucket, object, plan, upload.id);
    if (copied.kind === 'conflict') await abortUpload(bucket, upload);
    return copied;
  } catch (failure) {
    // The first failure is the one to tell; what the abortion leaves, the bucket's lifecycle clears.
    await abortUpload(bucket, upload).catch(() => {});
    throw failure;
  }
}

async function copyParts(bucket: S3Bucket, object: ObjectVersion, plan: CopyPlan, uploadId: string): Promise<Copied> {
  const parts: CompletedPart[] = [];
  for (let start = 0; start < object.sizeBytes; start += largestCopyBytes) {
    const end = Math.min(start + largestCopyBytes, object.sizeBytes) - 1;
    const number = parts.length + 1;
    const command = new UploadPartCopyCommand({
      Bucket: bucket.bucket,
      Key: plan.target.key,
      UploadId: uploadId,
      PartNumber: number,
      CopySourceRange: `bytes=${start}-${end}`,
      ...sourceOf(bucket, object),
    });
    const answer = await callS3(
      bucket,
      `copying part ${number} of ${object.key} to ${plan.target.key}`,
      bucket.longCallTimeoutSeconds,
      (options) => bucket.client.send(command, options),
      (failure) => (isConflict(failure) ? conflict : null),
    );
    if ('kind' in answer) return answer;
    const { ETag, ChecksumCRC32C } = answer.CopyPartResult ?? {};
    parts.push({ PartNumber: number, ETag, ChecksumCRC32C });
  }
  return completeCopy(bucket, object, plan, uploadId, parts);
}

async function completeCopy(
  bucket: S3Bucket,
  object: ObjectVersion,
  { target, condition }: CopyPlan,
  uploadId: string,
  parts: CompletedPart[],
): Promise<Copied> {
  const command = new CompleteMultipartUploadCommand({
    Bucket: bucket.bucket,
    Key: target.key,
    UploadId: uploadId,
    MultipartUpload: { Parts: parts },
    ChecksumType: 'FULL_OBJECT',
    MpuObjectSize: object.sizeBytes,
    ...(object.crc32c === null ? {} : { ChecksumCRC32C: object.crc32c }),
    ...(condition === null ? {} : conditionHeaders(condition)),
  });
  const answer = await callS3(
    bucket,
    `completing the copy to ${target.key}`,
    bucket.longCallTimeoutSeconds,
    (options) => bucket.client.send(command, options),
    (failure) => (isConflict(failure) ? conflict : null),
  );
  if ('kind' in answer) return answer;
  return { kind: 'copied', answer, crc32c: answer.ChecksumCRC32C ?? null };
}
