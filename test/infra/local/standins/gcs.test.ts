// The GCS stand-in beyond what the adapter needs: resumable uploads, preconditions, public reads.
import { request as httpRequest } from 'node:http';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGcsStorage } from '../../../../gcp/adapters/gcs-object-store.ts';
import { checksumOf } from '../../../../infra/local/standins/checksums.ts';
import { startGcsStandin } from '../../../../infra/local/standins/gcs.ts';
import type { HttpServer } from '../../../../infra/local/standins/http.ts';

let standin: HttpServer;
let storage: Storage;
const headers = { authorization: 'Bearer local' };

beforeAll(async () => {
  standin = await startGcsStandin({
    host: '127.0.0.1',
    port: 0,
    buckets: [{ name: 'objects' }, { name: 'beacon', isPublic: true }],
    resumableUnitBytes: 4,
    now: () => new Date('2026-03-01T12:00:00Z'),
  });
  storage = createGcsStorage({
    projectId: 'demo',
    endpoint: standin.url,
    accessToken: 'local',
    requestTimeoutSeconds: 15,
  });
});
afterAll(() => standin.close());

const startSession = async (name: string, query = '') =>
  fetch(`${standin.url}/upload/storage/v1/b/objects/o?uploadType=resumable&name=${name}${query}`, {
    method: 'POST',
    headers: { ...headers, 'x-upload-content-type': 'text/x', 'content-type': 'application/json' },
    body: '{"metadata":{"origin":"gcp"}}',
  });

describe('resumable uploads', () => {
  it('takes the pieces in order, tells how far it is, and answers the object when asked again', async () => {
    const session = (await startSession('pieces')).headers.get('location') ?? '';
    const piece = (range: string, body: string | null = null) =>
      fetch(session, { method: 'PUT', headers: { 'content-range': range, ...headers }, body });
    const first = await piece('bytes 0-3/*', 'abcd');
    expect([first.status, first.headers.get('range')]).toEqual([308, 'bytes=0-3']);
    expect((await piece('bytes 9-10/11', 'xx')).status).toBe(503);
    expect((await piece('bytes */*')).headers.get('range')).toBe('bytes=0-3');
    const last = await piece('bytes 4-5/6', 'ef');
    expect([last.status, await last.json()]).toMatchObject([
      200,
      { size: '6', contentType: 'text/x', metadata: { origin: 'gcp' } },
    ]);
    expect((await piece('bytes */6')).status).toBe(200);
  });

  it('judges preconditions before the bytes and again after them', async () => {
    const session = (await startSession('late', '&ifGenerationMatch=0')).headers.get('location') ?? '';
    await storage.bucket('objects').file('late').save('somebody was faster', { resumable: false });
    expect((await fetch(session, { method: 'PUT', headers, body: 'x' })).status).toBe(412);
    expect((await startSession('late', '&ifGenerationMatch=0')).status).toBe(412);
  });
});

describe('generations and preconditions', () => {
  it('gives rising generations though the clock stands still', async () => {
    const file = storage.bucket('objects').file('rising');
    const generations: bigint[] = [];
    for (const body of ['a', 'b', 'a']) {
      await file.save(body, { resumable: false });
      generations.push(BigInt(file.metadata.generation ?? 0));
    }
    expect(generations[1]! > generations[0]! && generations[2]! > generations[1]!).toBe(true);
  });

  it('answers 304 to a generation that has not changed, 404 to one that is over, and 412 to a wrong metageneration', async () => {
    const file = storage.bucket('objects').file('read');
    await file.save('x', { resumable: false });
    const url = `${standin.url}/storage/v1/b/objects/o/read`;
    const status = async (query: string, method = 'GET') =>
      (await fetch(`${url}?${query}`, { method, headers })).status;
    expect(await status(`ifGenerationNotMatch=${file.metadata.generation}`)).toBe(304);
    expect(await status('generation=1')).toBe(404);
    expect(await status('ifMetagenerationMatch=2')).toBe(412);
    expect(await status('ifGenerationMatch=1', 'DELETE')).toBe(412);
    expect(await status(`ifGenerationMatch=${file.metadata.generation}`, 'DELETE')).toBe(204);
    expect(await status('', 'DELETE')).toBe(404);
  });

  it('refuses bytes that are not what the client said', async () => {
    const upload = storage
      .bucket('objects')
      .file('wrong')
      .save('x', { resumable: false, validation: false, metadata: { crc32c: 'AAAAAA==' } });
    await expect(upload).rejects.toMatchObject({ code: 400 });
    expect((await fetch(`${standin.url}/storage/v1/b/objects/o/wrong`, { headers })).status).toBe(404);
  });
});

describe('who may ask', () => {
  it('lets anyone read a public bucket at the public URL, and nobody another', async () => {
    await storage
      .bucket('beacon')
      .file('up/now')
      .save('go', { resumable: false, metadata: { cacheControl: 'no-store' } });
    await storage.bucket('objects').file('private').save('x', { resumable: false });
    const open = await fetch(`${standin.url}/beacon/up/now`);
    expect([open.status, await open.text(), open.headers.get('cache-control')]).toEqual([200, 'go', 'no-store']);
    expect((await fetch(`${standin.url}/beacon/absent`)).status).toBe(404);
    expect((await fetch(`${standin.url}/objects/private`)).status).toBe(403);
    expect((await fetch(`${standin.url}/storage/v1/b/objects/o/private`)).status).toBe(401);
    expect((await fetch(`${standin.url}/storage/v1/b/beacon/o`)).status).toBe(401);
  });

  it('says so when it does not speak a call', async () => {
    const answer = await fetch(`${standin.url}/storage/v1/b/objects/o/private/acl`, { headers });
    expect([answer.status, await answer.json()]).toMatchObject([501, { error: { code: 501 } }]);
  });
});

describe('resumable uploads over broken connections', () => {
  const unit = 256 * 1024;
  let other: HttpServer;
  beforeAll(async () => {
    other = await startGcsStandin({ host: '127.0.0.1', port: 0, buckets: [{ name: 'objects' }] });
  });
  afterAll(() => other.close());
  const open = async (name: string, body: object = {}) => {
    const url = `${other.url}/upload/storage/v1/b/objects/o?uploadType=resumable&name=${name}`;
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return answer.headers.get('location') ?? '';
  };
  const piece = (session: string, range: string, body: Buffer | null) =>
    fetch(session, { method: 'PUT', headers: { 'content-range': range }, body });

  it('keep what has come, in whole units, and pass over what is sent again', async () => {
    const session = await open('broken');
    const whole = Buffer.alloc(3 * unit + 7, 'resumed ');
    const { port } = new URL(other.url);
    await new Promise<void>((resolve, reject) => {
      const path = session.slice(other.url.length);
      const request = httpRequest({
        host: '127.0.0.1',
        port,
        path,
        method: 'PUT',
        headers: { 'content-range': `bytes 0-${whole.length - 1}/${whole.length}`, 'content-length': whole.length },
      });
      request.on('error', () => resolve());
      request.on('response', () => reject(new Error('answered before its end')));
      request.write(whole.subarray(0, unit + 1000), () => request.destroy());
    });
    const asked = await piece(session, `bytes */${whole.length}`, null);
    expect(asked.status).toBe(308);
    const next = Number(/bytes=0-(\d+)/.exec(asked.headers.get('range') ?? 'bytes=0--1')?.[1] ?? -1) + 1;
    expect(next % unit).toBe(0);
    const last = await piece(session, `bytes 0-${whole.length - 1}/${whole.length}`, whole);
    expect([last.status, await last.json()]).toMatchObject([
      200,
      { size: String(whole.length), crc32c: checksumOf('crc32c', whole) },
    ]);
  });

  it('refuse a small piece that is not the last, and take a large one down to whole units', async () => {
    const session = await open('units');
    expect((await piece(session, 'bytes 0-9/*', Buffer.alloc(10))).status).toBe(400);
    const some = await piece(session, `bytes 0-${unit + 9}/*`, Buffer.alloc(unit + 10));
    expect(some.headers.get('range')).toBe(`bytes=0-${unit - 1}`);
  });

  it('make no object of bytes that are not what was said, nor of a session that was cancelled', async () => {
    const wrong = await open('wrong', { crc32c: 'AAAAAA==' });
    expect((await piece(wrong, 'bytes 0-3/4', Buffer.from('body'))).status).toBe(400);
    const cancelled = await open('cancelled');
    expect((await fetch(cancelled, { method: 'DELETE' })).status).toBe(499);
    expect((await piece(cancelled, 'bytes 0-3/4', Buffer.from('body'))).status).toBe(499);
    for (const name of ['wrong', 'cancelled']) {
      expect((await fetch(`${other.url}/storage/v1/b/objects/o/${name}`, { headers })).status).toBe(404);
    }
  });

  it('are what the official client makes of a stream, under a condition', async () => {
    const client = new Storage({ projectId: 'demo', apiEndpoint: other.url });
    client.interceptors.push({
      // The upload of a session asks with options that name no address yet.
      request: (options) => ({ uri: '', ...options, headers: { ...options.headers, ...headers } }),
    });
    const body = Buffer.alloc(unit * 4 + 1, 'stream');
    const file = client.bucket('objects').file('streamed', { preconditionOpts: { ifGenerationMatch: 0 } });
    await file.save(body, { resumable: true, chunkSize: unit, validation: 'crc32c' });
    expect((await file.download())[0].equals(body)).toBe(true);
    await expect(file.save(body, { resumable: true, validation: false })).rejects.toMatchObject({ status: 412 });
  });
});
