// The Cloud Storage bucket of large objects against the stand-in.

import { createGcsObjectBucket } from '../../../gcp/adapters/gcs-object-bucket.ts';
import { createGcsHttp } from '../../../gcp/adapters/gcs-object-bucket-http.ts';
import { startGcsStandin } from '../../../infra/local/standins/gcs.ts';
import type { Fault } from '../../../infra/local/standins/http.ts';
import { objectBucketContract } from '../../contract/object-bucket.ts';

function bucketAt(url: string, more: { stallSeconds?: number; bucket?: string } = {}) {
  const http = createGcsHttp({
    authClient: { getRequestHeaders: async () => new Headers({ authorization: 'Bearer local' }) },
    baseUrl: url,
    connectTimeoutSeconds: 3,
    maxSockets: 64,
  });
  return createGcsObjectBucket({
    http,
    name: 'gcp-gcs',
    bucket: 'objects',
    callTimeoutSeconds: 20,
    longCallTimeoutSeconds: 20,
    stallSeconds: 20,
    ...more,
  });
}

objectBucketContract('the Cloud Storage adapter on the stand-in', async ({ versioned, pageSize }) => {
  let fault: Fault | null = null;
  // Never the same millisecond twice: histories are told by it.
  let millis = Date.now();
  const standin = await startGcsStandin({
    host: '127.0.0.1',
    port: 0,
    buckets: [{ name: 'objects', versioned }],
    pageLimit: pageSize,
    now: () => new Date(++millis),
    faults: () => fault,
  });
  return {
    bucket: bucketAt(standin.url),
    another: () => bucketAt(standin.url),
    breakDown: () => {
      fault = { kind: 'refuse', status: 503, code: 'backendError' };
    },
    heal: () => {
      fault = null;
    },
    close: () => standin.close(),
  };
});
