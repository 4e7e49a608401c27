// Large objects into S3: multipart uploads whose parts stream, and whose whole is checked before it is visible.
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  type Part,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
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
import { headersFor } from './s3-object-bucket-attributes.ts';
import { callS3, corruption, type S3Bucket, s3Unavailable } from './s3-object-bucket-call.ts';
import { withChecksum } from './s3-object-bucket-client.ts';
import { lookAt } from './s3-object-bucket-look.ts';
import { asWritten, conditionHeaders, refusedWrite } from './s3-object-bucket-write.ts';

const noUpload = { kind: 'no-upload' } as const;

function isNoUpload(failure: S3ServiceException): boolean {
  return failure.name === 'NoSuchUpload';
}

/** S3 names the upload itself. CRC32C of the full object: the one checksum that Cloud Storage keeps too. */
export async function beginUpload(bucket: S3Bucket, target: NewObject): Promise<UploadRef> {
  const command = new CreateMultipartUploadCommand({
    Bucket: bucket.bucket,
    Key: target.key,
    ChecksumAlgorithm: 'CRC32C',
    ChecksumType: 'FULL_OBJECT',
    ...headersFor(target),
  });
  const answer = await callS3(bucket, `beginning an upload of ${target.key}`, bucket.callTimeoutSeconds, (options) =>
    bucket.client.send(command, options),
  );
  return { id: answer.UploadId ?? '', key: target.key };
}

/** The checksum goes in the trailer, S3 compares it before the part counts. */
export const writePart =
  (bucket: S3Bucket): ObjectBucket['writePart'] =>
  async (upload, number, sizeBytes, bytes, crc32c) => {
    const tried = `writing part ${number} of ${upload.key}`;
    const sending = outgoing(bytes, { sizeBytes, stallSeconds: bucket.stallSeconds });
    const command = new UploadPartCommand({
      Bucket: bucket.bucket,
      Key: upload.key,
      UploadId: upload.id,
      PartNumber: number,
      ContentLength: sizeBytes,
      ChecksumAlgorithm: 'CRC32C',
      Body: withChecksum(sending.body, () => (sending.sourceFailure() === null ? crc32c() : '')),
    });
    try {
      const answer = await bucket.client.send(command, { abortSignal: sending.signal });
      const part = { number, sizeBytes, crc32c: answer.ChecksumCRC32C ?? crc32c(), tag: answer.ETag ?? '' };
      return { kind: 'written', part };
    } catch (cause) {
      const failure = sending.sourceFailure();
      if (failure !== null) throw failure.cause;
      const refused = refusedPart(cause);
      if (refused !== null) return refused;
      const late = `nothing for ${bucket.stallSeconds} s in the middle of ${sizeBytes} bytes`;
      throw s3Unavailable(bucket.name, `${tried} in ${bucket.bucket}`, cause, late);
    } finally {
      sending.close();
    }
  };

function refusedPart(cause: unknown): { kind: 'corrupt'; because: string } | typeof noUpload | null {
  if (!(cause instanceof S3ServiceException)) return null;
  if (isNoUpload(cause)) return noUpload;
  const because = corruption(cause);
  return because === null ? null : { kind: 'corrupt', because };
}

export async function partsOf(bucket: S3Bucket, upload: UploadRef): Promise<PartRef[] | null> {
  const parts: PartRef[] = [];
  let marker: string | undefined;
  do {
    const page = await callS3(
      bucket,
      `listing the parts of ${upload.key}`,
      bucket.callTimeoutSeconds,
      (options) =>
        bucket.client.send(new ListPartsCommand({ ...named(bucket, upload), PartNumberMarker: marker }), options),
      (failure) => (isNoUpload(failure) ? noUpload : null),
    );
    if ('kind' in page) return null;
    parts.push(...(page.Parts ?? []).flatMap(partOf));
    marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}

function named({ bucket }: S3Bucket, { key, id }: UploadRef) {
  return { Bucket: bucket, Key: key, UploadId: id };
}

/** A part without its checksum was not written by us, and is written again. */
function partOf({ PartNumber, Size, ChecksumCRC32C, ETag }: Part): PartRef[] {
  if (PartNumber === undefined || Size === undefined || ETag === undefined || ChecksumCRC32C === undefined) return [];
  return [{ number: PartNumber, sizeBytes: Size, crc32c: ChecksumCRC32C, tag: ETag }];
}

/**
 * Any write of the key since the upload began ends in 409 when an ETag is asked for, and then the upload can never be completed.
 * An upload that is no more may be one whose completion was not heard of: then the key has its stamp.
 */
export async function completeUpload(
  bucket: S3Bucket,
  upload: UploadRef,
  target: NewObject,
  parts: readonly PartRef[],
  crc32c: string,
  condition: ObjectCondition,
): Promise<ObjectWriteResult | typeof noUpload> {
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  const command = new CompleteMultipartUploadCommand({
    ...named(bucket, upload),
    MultipartUpload: { Parts: parts.map(completed) },
    ChecksumCRC32C: crc32c,
    ChecksumType: 'FULL_OBJECT',
    MpuObjectSize: sizeBytes,
    ...conditionHeaders(condition),
  });
  const answer = await callS3(
    bucket,
    `completing the upload of ${target.key}`,
    bucket.longCallTimeoutSeconds,
    (options) => bucket.client.send(command, options),
    (failure) => (isNoUpload(failure) || failure.name === 'InvalidPart' ? noUpload : refusedWrite(failure)),
  );
  if (!('kind' in answer)) return { kind: 'written', object: asWritten(bucket, target, answer, { sizeBytes, crc32c }) };
  return answer.kind === 'no-upload' ? completedBefore(bucket, target, crc32c) : answer;
}

async function completedBefore(
  bucket: S3Bucket,
  target: NewObject,
  crc32c: string,
): Promise<ObjectWriteResult | typeof noUpload> {
  const object = madeBy(await lookAt(bucket, target.key), target.stamp, crc32c);
  return object ? { kind: 'written', object } : noUpload;
}

function completed({ number, tag, crc32c }: PartRef): CompletedPart {
  return { PartNumber: number, ETag: tag, ChecksumCRC32C: crc32c };
}

/** What is not there any more need not be aborted. */
export async function abortUpload(bucket: S3Bucket, upload: UploadRef): Promise<void> {
  await callS3(
    bucket,
    `aborting the upload of ${upload.key}`,
    bucket.callTimeoutSeconds,
    (options) => bucket.client.send(new AbortMultipartUploadCommand(named(bucket, upload)), options),
    (failure) => (isNoUpload(failure) ? noUpload : null),
  );
}
