// The S3 adapter, through the unchanged SDK client, against the S3 stand-in.
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createS3Client, createS3ObjectStore } from '../../../aws/adapters/s3-object-store.ts';
import type { Fault, HttpServer } from '../../../infra/local/standins/http.ts';
import { startHttp } from '../../../infra/local/standins/http.ts';
import type { HttpHead } from '../../../infra/local/standins/http-server.ts';
import { startS3Standin } from '../../../infra/local/standins/s3.ts';
import { StoreUnavailable } from '../../../shared/ports/object-store.ts';
import { objectStoreContract } from '../../contract/object-store.ts';

const plain = { condition: { kind: 'none' }, contentType: 'text/plain', cacheControl: null } as const;
const ifAbsent = { ...plain, condition: { kind: 'absent' } } as const;

function clientOf(url: string, requestTimeoutSeconds = 15) {
  return createS3Client({
    region: 'us-east-1',
    endpoint: url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    connectTimeoutSeconds: 10,
    requestTimeoutSeconds,
  });
}

async function startStore(versioned: boolean) {
  const standin = await startS3Standin({
    host: '127.0.0.1',
    port: 0,
    buckets: [{ name: 'objects', versioned }],
    pageLimit: 4,
  });
  const client = clientOf(standin.url);
  return {
    store: createS3ObjectStore(client, { name: 'aws-s3', bucket: 'objects' }),
    cacheControlOf: async (key: string) =>
      (await client.send(new HeadObjectCommand({ Bucket: 'objects', Key: key }))).CacheControl ?? null,
    close: async () => {
      client.destroy();
      await standin.close();
    },
  };
}

objectStoreContract('the S3 adapter on the stand-in', () => startStore(false), 'content');
objectStoreContract('the S3 adapter on a versioned bucket of the stand-in', () => startStore(true), 'content');

describe('the S3 adapter when the service does not do its part', () => {
  let standin: HttpServer;
  let client: ReturnType<typeof clientOf>;
  let fault: (request: HttpHead) => Fault | null = () => null;
  const requests: string[] = [];
  const bucket = (name: string) => createS3ObjectStore(client, { name: 'aws-s3', bucket: name });
  const hasty = () => createS3ObjectStore(clientOf(standin.url, 0.2), { name: 'aws-s3', bucket: 'objects' });

  beforeAll(async () => {
    standin = await startS3Standin({
      host: '127.0.0.1',
      port: 0,
      buckets: [{ name: 'objects' }],
      faults: (request) => {
        requests.push(`${request.method} ${request.path}`);
        return fault(request);
      },
    });
    client = clientOf(standin.url);
  });
  beforeEach(() => {
    fault = () => null;
    requests.length = 0;
  });
  afterAll(async () => {
    client.destroy();
    await standin.close();
  });

  it('is unknown, not absent, when the bucket is missing', async () => {
    await expect(bucket('nowhere').get('key')).rejects.toMatchObject({ name: 'StoreUnavailable', reason: 'failed' });
    await expect(bucket('nowhere').get('key')).rejects.toThrow(
      /aws-s3: reading key in bucket nowhere ended in 404 \(NoSuchBucket/,
    );
  });

  it('is a conflict when another conditional write is under way, and unknown when no condition was asked for', async () => {
    fault = () => ({ kind: 'refuse', status: 409, code: 'ConditionalRequestConflict' });
    expect(await bucket('objects').put('key', 'x', ifAbsent)).toEqual({ kind: 'conflict' });
    await expect(bucket('objects').put('key', 'x', plain)).rejects.toBeInstanceOf(StoreUnavailable);
  });

  it.each([
    [503, 'SlowDown', 'throttled'],
    [429, 'TooManyRequests', 'throttled'],
    [403, 'AccessDenied', 'refused'],
    [500, 'InternalError', 'failed'],
    [501, 'NotImplemented', 'failed'],
  ])('says of %i %s that it is %s, after one try', async (status, code, reason) => {
    fault = () => ({ kind: 'refuse', status, code });
    await expect(bucket('objects').put('key', 'x', ifAbsent)).rejects.toMatchObject({ reason, store: 'aws-s3' });
    expect(requests).toEqual(['PUT /objects/key']);
  });

  it('is unknown when the write was done and its answer was lost, and sends it once', async () => {
    fault = (request) => (request.method === 'PUT' ? { kind: 'lose-answer' } : null);
    await expect(bucket('objects').put('lost', 'x', ifAbsent)).rejects.toMatchObject({ reason: 'failed' });
    expect(requests).toEqual(['PUT /objects/lost']);
    expect((await bucket('objects').get('lost'))?.body).toBe('x');
  });

  it('is a time-out when the answer does not come in time', async () => {
    fault = () => ({ kind: 'delay', at: 'answer', seconds: 60 });
    await expect(hasty().get('slow')).rejects.toMatchObject({ reason: 'time-out' });
    await expect(hasty().put('slow', 'x', plain)).rejects.toMatchObject({ reason: 'time-out' });
  });

  it('is unknown when nobody listens', async () => {
    const gone = await startHttp(async () => 'drop', { host: '127.0.0.1', port: 0 });
    await gone.close();
    const store = createS3ObjectStore(clientOf(gone.url), { name: 'witness', bucket: 'objects' });
    await expect(store.get('key')).rejects.toThrow(
      /witness: reading key in bucket objects ended in no answer .*ECONNREFUSED/,
    );
  });

  it('is unknown when the body stops in the middle', async () => {
    const torn = await startHttp(
      async () => ({ status: 200, headers: { etag: '"e"', 'content-length': '1000' }, body: 'the beginning' }),
      { host: '127.0.0.1', port: 0 },
    );
    const store = createS3ObjectStore(clientOf(torn.url, 0.3), { name: 'aws-s3', bucket: 'objects' });
    await expect(store.get('key')).rejects.toBeInstanceOf(StoreUnavailable);
    await torn.close();
  });
});
