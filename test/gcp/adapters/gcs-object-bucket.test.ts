// The Cloud Storage bucket of large objects against the stand-in.

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGcsObjectBucket } from '../../../gcp/adapters/gcs-object-bucket.ts';
import { createGcsHttp } from '../../../gcp/adapters/gcs-object-bucket-http.ts';
import { startGcsStandin } from '../../../infra/local/standins/gcs.ts';
import type { Fault, HttpServer } from '../../../infra/local/standins/http.ts';
import { noAttributes } from '../../../shared/model/replica.ts';
import { crc32c, crc32cText } from '../../../shared/objects/crc32c.ts';
import type { NewObject, ObjectCondition } from '../../../shared/ports/object-bucket.ts';
import { bucketStreamsContract } from '../../contract/bucket-streams.ts';
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

bucketStreamsContract('the Cloud Storage adapter', (url, stallSeconds) => bucketAt(url, { stallSeconds }), {
  isAskedFor: (url) => url.includes('begun'),
  answer: JSON.stringify({
    name: '.causeway/parts/u/begun',
    generation: '1',
    metageneration: '1',
    size: '0',
    updated: '2026-03-04T10:00:00Z',
  }),
});

describe('the Cloud Storage adapter when others write, and answers are lost', () => {
  let standin: HttpServer;
  let fault: Fault | null = null;
  let isFaulty: (path: string) => boolean = () => false;
  beforeAll(async () => {
    standin = await startGcsStandin({
      host: '127.0.0.1',
      port: 0,
      buckets: [{ name: 'objects' }, { name: 'limited', limitsWrites: true }],
      rewriteBytesPerCall: 10,
      faults: ({ path }) => (isFaulty(path) ? fault : null),
    });
  });
  beforeEach(() => {
    fault = null;
    isFaulty = () => false;
  });
  afterAll(() => standin.close());

  const sum = (bytes: string | Uint8Array) => crc32cText(crc32c(Buffer.from(bytes)));
  const target = (key: string, contentEncoding: string | null = null): NewObject => ({
    key,
    attributes: { ...noAttributes, contentEncoding },
    stamp: '1 aws 1 v 1 d',
  });
  const absent = { kind: 'absent' } as const;
  async function* piecesOf(text: string) {
    yield Buffer.from(text);
  }
  const put = async (goal: NewObject, bytes: string | Uint8Array, condition: ObjectCondition, name = 'objects') => {
    const bucket = bucketAt(standin.url, { bucket: name });
    const result = await bucket.write(goal, Buffer.from(bytes), sum(bytes), condition);
    if (result.kind !== 'written') throw new Error(result.kind);
    return result.object;
  };
  const uploaded = async (key: string, texts: string[]) => {
    const bucket = bucketAt(standin.url);
    const upload = await bucket.begin(target(key), `upload-of-${key}`);
    const parts = [];
    for (const [index, text] of texts.entries()) {
      const part = await bucket.writePart(upload, index + 1, text.length, piecesOf(text), () => sum(text));
      if (part.kind !== 'written') throw new Error(part.kind);
      parts.push(part.part);
    }
    return { bucket, upload, parts, whole: sum(texts.join('')) };
  };

  it('reads what is stored in gzip as it is stored, whole and in ranges', async () => {
    const zipped = gzipSync('hello '.repeat(1000));
    const object = await put(target('page.html', 'gzip'), zipped, absent);
    const bytesOf = async (range: { startByte: number; endByte: number } | null) => {
      const result = await bucketAt(standin.url).read(object, range);
      if (result.kind === 'gone') throw new Error('gone');
      const chunks: Uint8Array[] = [];
      for await (const chunk of result.bytes) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    expect((await bytesOf(null)).equals(zipped)).toBe(true);
    expect((await bytesOf({ startByte: 5, endByte: 20 })).equals(zipped.subarray(5, 20))).toBe(true);
  });

  it('composes more parts than one composition takes, and leaves nothing of them', async () => {
    const texts = Array.from({ length: 70 }, (_, index) => `part ${index};`);
    const { bucket, upload, parts, whole } = await uploaded('many', texts);
    expect(await bucket.complete(upload, target('many'), parts, whole, absent)).toMatchObject({
      kind: 'written',
      object: { key: 'many', crc32c: whole, sizeBytes: texts.join('').length, stamp: '1 aws 1 v 1 d' },
    });
    for await (const page of bucket.list('.causeway/', null)) expect(page).toEqual([]);
  });

  it('shows nothing of a whole that is not what was sent', async () => {
    const { bucket, upload, parts } = await uploaded('wrong', ['one', 'two']);
    const result = await bucket.complete(upload, target('wrong'), parts, sum('another'), absent);
    expect(result).toMatchObject({ kind: 'corrupt', because: expect.stringContaining(sum('another')) });
    expect((await bucket.look('wrong')).kind).toBe('absent');
  });

  it('takes a completion whose answer was lost for unknown, and then for done', async () => {
    const { bucket, upload, parts, whole } = await uploaded('lost', ['a', 'b']);
    fault = { kind: 'lose-answer' };
    isFaulty = (path) => path.includes('/rewriteTo/');
    await expect(bucket.complete(upload, target('lost'), parts, whole, absent)).rejects.toMatchObject({
      reason: 'failed',
    });
    isFaulty = () => false;
    expect(await bucket.look('lost')).toMatchObject({ object: { crc32c: whole } });
    // Its parts are still there: that the key is taken is what a second completion finds.
    expect(await bucket.complete(upload, target('lost'), parts, whole, absent)).toEqual({ kind: 'conflict' });
  });

  it('is in conflict (412) when the key was created meanwhile', async () => {
    const { bucket, upload, parts, whole } = await uploaded('created', ['a', 'b']);
    await put(target('created'), 'first', absent);
    expect(await bucket.complete(upload, target('created'), parts, whole, absent)).toEqual({ kind: 'conflict' });
    expect(await bucket.look('created')).toMatchObject({ object: { crc32c: sum('first') } });
  });

  it('never mixes two versions: what was overwritten while it was read is gone for the next range', async () => {
    const before = await put(target('read'), 'old bytes', absent);
    const bucket = bucketAt(standin.url);
    expect((await bucket.read(before, { startByte: 0, endByte: 3 })).kind).toBe('bytes');
    await put(target('read'), 'new bytes', { kind: 'tag', tag: before.tag, revision: before.revision });
    expect(await bucket.read(before, { startByte: 3, endByte: 9 })).toEqual({ kind: 'gone' });
  });

  it('goes on with a rewrite for as many calls as the service wants', async () => {
    const object = await put(target('cooling'), 'x'.repeat(95), absent);
    const colder: NewObject = { ...target('cooling'), attributes: { ...noAttributes, storageClass: 'cold' } };
    const result = await bucketAt(standin.url).restamp(object, colder);
    expect(result).toMatchObject({ kind: 'written', object: { sizeBytes: 95, attributes: { storageClass: 'cold' } } });
  });

  it('says that it was throttled when one key is written twice within a second', async () => {
    const first = await put(target('hot'), 'x', absent, 'limited');
    const condition = { kind: 'tag', tag: first.tag, revision: 1 } as const;
    await expect(put(target('hot'), 'y', condition, 'limited')).rejects.toMatchObject({ reason: 'throttled' });
  });

  it.each([
    [403, 'forbidden', 'refused'],
    [403, 'retentionPolicyNotMet', 'invalid'],
    [403, 'objectUnderActiveHold', 'invalid'],
    [403, 'userRateLimitExceeded', 'throttled'],
    [400, 'invalid', 'invalid'],
    [500, 'backendError', 'failed'],
  ])('%i %s is %s', async (status, code, reason) => {
    fault = { kind: 'refuse', status, code };
    isFaulty = () => true;
    await expect(bucketAt(standin.url).look('any')).rejects.toMatchObject({ reason });
  });

  it('does not take a missing bucket for an absent object', async () => {
    await expect(bucketAt(standin.url, { bucket: 'nowhere' }).look('any')).rejects.toMatchObject({ reason: 'refused' });
  });
});
