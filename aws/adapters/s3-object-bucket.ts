// A bucket of large objects over Amazon S3: one end of a replication.
import { GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import type { BucketTraits, ObjectBucket } from '../../shared/ports/object-bucket.ts';
import { callS3, type S3Bucket } from './s3-object-bucket-call.ts';
import { keepObjectAside, restampObject } from './s3-object-bucket-copy.ts';
import { fetchObject } from './s3-object-bucket-fetch.ts';
import { historyOf } from './s3-object-bucket-history.ts';
import { listObjects } from './s3-object-bucket-list.ts';
import { lookAt } from './s3-object-bucket-look.ts';
import { abortUpload, beginUpload, completeUpload, partsOf, writePart } from './s3-object-bucket-upload.ts';
import { createS3Wire } from './s3-object-bucket-wire.ts';
import { readObject, removeObject, writeObject } from './s3-object-bucket-write.ts';

/**
 * `client` is one of `createS3BucketClient`. The role needs s3:GetObject, GetObjectVersion, GetObjectTagging, GetObjectVersionTagging,
 * PutObject, PutObjectTagging, DeleteObject, AbortMultipartUpload, ListMultipartUploadParts on the objects; s3:ListBucket,
 * ListBucketVersions, GetBucketVersioning on the bucket; kms:Decrypt and kms:GenerateDataKey on its key where it has one.
 */
export function createS3ObjectBucket(opened: Omit<S3Bucket, 'wire'>): ObjectBucket {
  const bucket = { ...opened, wire: createS3Wire(opened.client, opened.bucket, opened.now) };
  let kept: Promise<BucketTraits> | null = null;
  /** Asked once: a failure is not kept. */
  const traits = async () => {
    kept ??= traitsOf(bucket);
    try {
      return await kept;
    } catch (error) {
      kept = null;
      throw error;
    }
  };
  return {
    name: bucket.name,
    traits,
    look: (key) => lookAt(bucket, key),
    history: async (key, limit) =>
      (await traits()).versioned ? historyOf(bucket, key, limit) : { versions: [], deaths: [] },
    fetch: (key) => fetchObject(bucket, key),
    read: (object, range) => readObject(bucket, object, range),
    write: (target, bytes, crc32c, condition) => writeObject(bucket, target, bytes, crc32c, condition),
    begin: (target) => beginUpload(bucket, target),
    writePart: writePart(bucket),
    parts: (upload) => partsOf(bucket, upload),
    complete: (upload, target, parts, crc32c, condition) =>
      completeUpload(bucket, upload, target, parts, crc32c, condition),
    abort: (upload) => abortUpload(bucket, upload),
    restamp: (object, target) => restampObject(bucket, object, target),
    keepAside: (object, key) => keepObjectAside(bucket, object, key),
    remove: (object) => removeObject(bucket, object),
    list: (prefix, startAfter) => listObjects(bucket, prefix, startAfter),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
async function traitsOf(bucket: S3Bucket): Promise<BucketTraits> {
  const { Status: status } = await callS3(bucket, 'asking for the versioning', bucket.callTimeoutSeconds, (options) =>
    bucket.client.send(new GetBucketVersioningCommand({ Bucket: bucket.bucket }), options),
  );
  return {
    versioned: status === 'Enabled',
    maxObjectBytes: 50 * 1000 ** 4,
    minPartBytes: 5 * 1024 ** 2,
    maxPartBytes: 5 * 1024 ** 3,
    maxParts: 10_000,
    // A delete marker answers a look.
    tellsDeaths: status === 'Enabled',
    writesPerSecondOfOneKey: null,
    largeStampedAt: 'begin',
    carries: {
      maxMetadataBytes: 2048,
      metadataNames: 'token',
      tags: { kind: 'native', max: 10, maxNameChars: 128, maxValueChars: 256 },
      maxKeyBytes: 1024,
      refusedKeys: [],
    },
  };
}
