// The GCS adapter, through the unchanged client library, against the GCS stand-in.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGcsObjectStore, createGcsStorage } from '../../../gcp/adapters/gcs-object-store.ts';
import { startGcsStandin } from '../../../infra/local/standins/gcs.ts';
import type { Fault, HttpServer } from '../../../infra/local/standins/http.ts';
import { startHttp } from '../../../infra/local/standins/http.ts';
import type { HttpHead } from '../../../infra/local/standins/http-server.ts';
import { StoreUnavailable } from '../../../shared/ports/object-store.ts';
import { objectStoreContract } from '../../contract/object-store.ts';

const plain = { condition: { kind: 'none' }, contentType: 'text/plain', cacheControl: null } as const;
const ifAbsent = { ...plain, condition: { kind: 'absent' } } as const;

function storageOf(url: string, requestTimeoutSeconds = 15) {
  return createGcsStorage({ projectId: 'demo', endpoint: url, accessToken: 'local', requestTimeoutSeconds });
}

objectStoreContract(
  'the GCS adapter on the stand-in',
  async () => {
    const standin = await startGcsStandin({
      host: '127.0.0.1',
      port: 0,
      buckets: [{ name: 'objects' }],
      pageLimit: 4,
    });
    const storage = storageOf(standin.url);
    return {
      store: createGcsObjectStore(storage, { name: 'gcp-gcs', bucket: 'objects' }),
      cacheControlOf: async (key) => {
        const [metadata] = await storage.bucket('objects').file(key).getMetadata();
        return metadata.cacheControl ?? null;
      },
      close: () => standin.close(),
    };
  },
  'unique',
);

describe('the GCS adapter when the service does not do its part', () => {
  let standin: HttpServer;
  let fault: (request: HttpHead) => Fault | null = () => null;
  const requests: string[] = [];
  const bucket = (name: string, requestTimeoutSeconds = 15) =>
    createGcsObjectStore(storageOf(standin.url, requestTimeoutSeconds), { name: 'gcp-gcs', bucket: name });
  const stopped = new Date('2026-03-01T12:00:00Z');

  beforeAll(async () => {
    standin = await startGcsStandin({
      host: '127.0.0.1',
      port: 0,
      buckets: [{ name: 'objects' }, { name: 'limited', limitsWrites: true }],
      now: () => stopped,
      faults: (request) => {
        requests.push(`${request.method} ${request.path}`);
        return fault(request);
      },
    });
  });
  beforeEach(() => {
    fault = () => null;
    requests.length = 0;
  });
  afterAll(() => standin.close());

  it('is unknown, not absent, when the bucket is missing', async () => {
    await expect(bucket('nowhere').get('key')).rejects.toThrow(
      /gcp-gcs: reading key in bucket nowhere ended in 404 .*The specified bucket does not exist/,
    );
  });

  it('reports one write a second of one object as throttled, and as unknown', async () => {
    expect((await bucket('limited').put('hot', 'x', plain)).kind).toBe('written');
    await expect(bucket('limited').put('hot', 'y', plain)).rejects.toMatchObject({
      reason: 'throttled',
      store: 'gcp-gcs',
    });
    expect((await bucket('limited').put('cold', 'y', plain)).kind).toBe('written');
  });

  it('reads body and generation of one version while another writer goes on', async () => {
    const written = new Map<string, string>();
    const store = bucket('objects');
    const write = async (body: string) => {
      const result = await store.put('busy', body, plain);
      if (result.kind === 'written') written.set(result.version, body);
    };
    await write('0');
    const writing = (async () => {
      for (let number = 1; number < 40; number++) await write(String(number));
    })();
    const reading = Promise.all(Array.from({ length: 40 }, () => store.get('busy')));
    const [reads] = await Promise.all([reading, writing]);
    for (const read of reads) expect(written.get(read!.version)).toBe(read!.body);
  });

  it.each([
    [503, 'backendError', 'throttled'],
    [429, 'rateLimitExceeded', 'throttled'],
    [403, 'forbidden', 'refused'],
    [401, 'required', 'refused'],
    [500, 'internalError', 'failed'],
  ])('says of %i %s that it is %s, after one try', async (status, code, reason) => {
    fault = () => ({ kind: 'refuse', status, code });
    await expect(bucket('objects').put('key', 'x', ifAbsent)).rejects.toMatchObject({ reason });
    expect(requests).toEqual(['POST /upload/storage/v1/b/objects/o']);
    await expect(bucket('objects').get('key')).rejects.toMatchObject({ reason });
    await expect(bucket('objects').list('key', { startAfter: null, limit: 1 })).rejects.toMatchObject({ reason });
    await expect(bucket('objects').remove('key')).rejects.toMatchObject({ reason });
    expect(requests).toHaveLength(4);
  });

  it('is unknown when the write was done and its answer was lost, and sends it once', async () => {
    fault = (request) => (request.method === 'POST' ? { kind: 'lose-answer' } : null);
    await expect(bucket('objects').put('lost', 'x', ifAbsent)).rejects.toMatchObject({ reason: 'failed' });
    expect(requests).toHaveLength(1);
    expect((await bucket('objects').get('lost'))?.body).toBe('x');
  });

  it('is a time-out when the answer does not come in time', async () => {
    fault = () => ({ kind: 'delay', at: 'answer', seconds: 60 });
    await expect(bucket('objects', 0.2).get('slow')).rejects.toMatchObject({ reason: 'time-out' });
    await expect(bucket('objects', 0.2).put('slow', 'x', plain)).rejects.toMatchObject({ reason: 'time-out' });
  });

  it('is refused without a token', async () => {
    const storage = createGcsStorage({
      projectId: 'demo',
      endpoint: standin.url,
      accessToken: null,
      requestTimeoutSeconds: 5,
    });
    const anonymous = createGcsObjectStore(storage, { name: 'gcp-gcs', bucket: 'objects' });
    await expect(anonymous.get('key')).rejects.toMatchObject({ reason: 'refused' });
  });

  it('is unknown when nobody listens', async () => {
    const gone = await startHttp(async () => 'drop', { host: '127.0.0.1', port: 0 });
    await gone.close();
    const store = createGcsObjectStore(storageOf(gone.url), { name: 'gcp-gcs', bucket: 'objects' });
    await expect(store.get('key')).rejects.toThrow(
      /gcp-gcs: reading key in bucket objects ended in no answer .*ECONNREFUSED/,
    );
  });

  it('is unknown when the body stops in the middle', async () => {
    const torn = await startHttp(
      async () => ({
        status: 200,
        headers: { 'x-goog-generation': '1', 'content-length': '1000' },
        body: 'the beginning',
      }),
      { host: '127.0.0.1', port: 0 },
    );
    const store = createGcsObjectStore(storageOf(torn.url, 0.3), { name: 'gcp-gcs', bucket: 'objects' });
    await expect(store.get('key')).rejects.toBeInstanceOf(StoreUnavailable);
    await torn.close();
  });
});
