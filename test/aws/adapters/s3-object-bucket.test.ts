// The S3 bucket of large objects, through the official client, against the S3 stand-in.

import { createS3ObjectBucket } from '../../../aws/adapters/s3-object-bucket.ts';
import { createS3BucketClient } from '../../../aws/adapters/s3-object-bucket-client.ts';
import type { Fault } from '../../../infra/local/standins/http.ts';
import { startS3Standin } from '../../../infra/local/standins/s3.ts';
import { objectBucketContract } from '../../contract/object-bucket.ts';

// Standing still: what a write answers and what S3 tells of it afterwards are then of one second.
const stopped = new Date(Math.floor(Date.now() / 1000) * 1000);

function bucketAt(url: string, more: { stallSeconds?: number; bucket?: string } = {}) {
  const client = createS3BucketClient({
    region: 'us-east-1',
    endpoint: url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    connectTimeoutSeconds: 3,
    maxSockets: 64,
  });
  return createS3ObjectBucket({
    client,
    name: 'aws-s3',
    bucket: 'objects',
    callTimeoutSeconds: 20,
    longCallTimeoutSeconds: 20,
    stallSeconds: 20,
    now: () => stopped,
    ...more,
  });
}

objectBucketContract('the S3 adapter on the stand-in', async ({ versioned, pageSize }) => {
  let fault: Fault | null = null;
  const standin = await startS3Standin({
    host: '127.0.0.1',
    port: 0,
    buckets: [{ name: 'objects', versioned }],
    pageLimit: pageSize,
    now: () => stopped,
    faults: () => fault,
  });
  return {
    bucket: bucketAt(standin.url),
    another: () => bucketAt(standin.url),
    breakDown: () => {
      fault = { kind: 'refuse', status: 500, code: 'InternalError' };
    },
    heal: () => {
      fault = null;
    },
    close: () => standin.close(),
  };
});
