// A bucket of large objects over Google Cloud Storage: one end of a replication.
import * as z from 'zod';
import type { BucketTraits, ObjectBucket } from '../../shared/ports/object-bucket.ts';
import { callGcs, type GcsBucket } from './gcs-object-bucket-call.ts';
import { fetchObject, historyOf, listObjects, lookAt, readObject } from './gcs-object-bucket-read.ts';
import { abortUpload, beginUpload, completeUpload, partsOf, writePart } from './gcs-object-bucket-upload.ts';
import { keepObjectAside, removeObject, restampObject, writeObject } from './gcs-object-bucket-write.ts';
import { once } from './google-call.ts';

/**
 * `bucket.http` is one of `createGcsHttp`. The identity needs storage.objects.get, create, delete, update and list, and
 * storage.buckets.get: roles/storage.objectUser and roles/storage.bucketViewer on the bucket.
 */
export function createGcsObjectBucket(bucket: GcsBucket): ObjectBucket {
  const traits = once(() => traitsOf(bucket));
  return {
    name: bucket.name,
    traits,
    look: (key) => lookAt(bucket, key),
    history: async (key, limit) =>
      (await traits()).versioned ? historyOf(bucket, key, limit) : { versions: [], deaths: [] },
    fetch: (key, known) => fetchObject(bucket, key, known),
    read: (object, range) => readObject(bucket, object, range),
    write: (target, bytes, crc32c, condition) => writeObject(bucket, target, bytes, crc32c, condition),
    begin: (target, id) => beginUpload(bucket, target, id),
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

const BucketResource = z.object({ versioning: z.object({ enabled: z.boolean() }).optional() });

/** https://cloud.google.com/storage/quotas. A part is an object of its own: only the whole is limited. */
async function traitsOf(bucket: GcsBucket): Promise<BucketTraits> {
  const { versioning } = await callGcs(
    bucket,
    'asking for the versioning',
    {
      method: 'GET',
      path: `/storage/v1/b/${encodeURIComponent(bucket.bucket)}`,
      query: { fields: 'versioning' },
    },
    { schema: BucketResource },
  );
  return {
    versioned: versioning?.enabled ?? false,
    maxObjectBytes: 5 * 1024 ** 4,
    minPartBytes: 1,
    maxPartBytes: 5 * 1024 ** 3,
    // Three levels of 32, of which a name's five digits leave this many.
    maxParts: 10_000,
    tellsDeaths: false,
    writesPerSecondOfOneKey: 1,
    largeStampedAt: 'complete',
    // https://cloud.google.com/storage/docs/objects#naming
    carries: {
      maxMetadataBytes: 8192,
      metadataNames: 'any',
      tags: { kind: 'in-metadata' },
      maxKeyBytes: 1024,
      refusedKeys: [
        { pattern: /[\r\n]/, because: 'Cloud Storage takes no line breaks in names' },
        { pattern: /^\.\.?$/, because: 'Cloud Storage takes neither "." nor ".." for a name' },
        {
          pattern: /^\.well-known\/acme-challenge\//,
          because: 'Cloud Storage keeps .well-known/acme-challenge/ for itself',
        },
      ],
    },
  };
}
