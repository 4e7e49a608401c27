// The GCS stand-in's versions, compositions, copies, metadata and listings, asked by the official client.
import { gzipSync } from 'node:zlib';
import type { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGcsStorage } from '../../../../gcp/adapters/gcs-object-store.ts';
import { checksumOf } from '../../../../infra/local/standins/checksums.ts';
import { startGcsStandin } from '../../../../infra/local/standins/gcs.ts';
import type { GcsChange } from '../../../../infra/local/standins/gcs-bucket.ts';
import type { HttpServer } from '../../../../infra/local/standins/http.ts';

let standin: HttpServer;
let storage: Storage;
const changes: GcsChange[] = [];
const headers = { authorization: 'Bearer local' };

beforeAll(async () => {
  standin = await startGcsStandin({
    host: '127.0.0.1',
    port: 0,
    buckets: [
      { name: 'plain', softDeletes: true },
      { name: 'versioned', versioned: true, kmsKeyName: 'projects/p/key' },
    ],
    rewriteBytesPerCall: 1024 * 1024,
    onChange: (change) => changes.push(change),
  });
  storage = createGcsStorage({
    projectId: 'demo',
    endpoint: standin.url,
    accessToken: 'local',
    requestTimeoutSeconds: 15,
  });
});
afterAll(() => standin.close());

const file = (name: string, bucket = 'plain', generation?: string) =>
  storage.bucket(bucket).file(name, generation === undefined ? {} : { generation });
async function save(name: string, body: string | Buffer, bucket = 'plain', metadata: object = {}): Promise<string> {
  const saved = file(name, bucket);
  await saved.save(body, { resumable: false, metadata });
  return String(saved.metadata.generation);
}
const textOf = async (name: string, bucket = 'plain', generation?: string) =>
  (await file(name, bucket, generation).download()).toString();
const refused = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: unknown }) => error.code,
  );
const api = (path: string, init: RequestInit = {}) =>
  fetch(`${standin.url}${path}`, {
    ...init,
    headers: { ...headers, 'content-type': 'application/json', ...init.headers },
  });
const heard = (name: string) =>
  changes
    .filter(({ object }) => object.name === name)
    .map(({ event, object, overwroteGeneration, overwrittenByGeneration }) => ({
      event,
      generation: String(object.generation),
      ...(overwroteGeneration === null ? {} : { overwrote: String(overwroteGeneration) }),
      ...(overwrittenByGeneration === null ? {} : { by: String(overwrittenByGeneration) }),
    }));

describe('metadata', () => {
  const said = {
    contentType: 'image/svg+xml',
    contentDisposition: 'attachment',
    contentLanguage: 'de',
    cacheControl: 'no-store',
    customTime: '2026-01-01T00:00:00.000Z',
    storageClass: 'NEARLINE',
    metadata: { origin: 'aws', name: 'café' },
  };

  it('comes back as it was said, and is changed by a patch without the bytes', async () => {
    const generation = await save('described', 'x', 'versioned', said);
    const [found] = await file('described', 'versioned').getMetadata();
    expect(found).toMatchObject({ ...said, generation, metageneration: '1', kmsKeyName: 'projects/p/key', size: '1' });
    const [patched] = await file('described', 'versioned').setMetadata(
      { metadata: { origin: null, more: '1' }, contentLanguage: '' },
      { ifMetagenerationMatch: 1 },
    );
    expect(patched).toMatchObject({ generation, metageneration: '2', metadata: { name: 'café', more: '1' } });
    expect(patched.contentLanguage).toBeUndefined();
    const again = file('described', 'versioned').setMetadata({ cacheControl: 'x' }, { ifMetagenerationMatch: 1 });
    expect(await refused(again)).toBe(412);
    expect(heard('described').map(({ event }) => event)).toEqual(['finalized', 'metadataUpdated']);
  });

  it('is cut down to the fields that were asked for', async () => {
    await save('fields/a', 'x');
    const answer = await api('/storage/v1/b/plain/o?prefix=fields/&fields=items(name,size),nextPageToken');
    expect(await answer.json()).toEqual({ items: [{ name: 'fields/a', size: '1' }] });
    expect(await (await api('/storage/v1/b/plain/o/fields%2Fa?fields=name,crc32c')).json()).toEqual({
      name: 'fields/a',
      crc32c: checksumOf('crc32c', Buffer.from('x')),
    });
  });
});

describe('generations', () => {
  it('stay as noncurrent ones where versioning is on, and can be read and removed for good', async () => {
    const one = await save('kept', 'one', 'versioned');
    const two = await save('kept', 'two', 'versioned');
    expect(await textOf('kept', 'versioned', one)).toBe('one');
    await file('kept', 'versioned').delete();
    expect(await refused(file('kept', 'versioned').getMetadata())).toBe(404);
    const [all] = await storage.bucket('versioned').getFiles({ prefix: 'kept', versions: true });
    expect(all.map(({ metadata }) => [metadata.generation, typeof metadata.timeDeleted])).toEqual([
      [one, 'string'],
      [two, 'string'],
    ]);
    await file('kept', 'versioned', one).delete();
    expect(heard('kept')).toEqual([
      { event: 'finalized', generation: one },
      { event: 'archived', generation: one, by: two },
      { event: 'finalized', generation: two, overwrote: one },
      { event: 'archived', generation: two },
      { event: 'deleted', generation: one },
    ]);
  });

  it('are gone where versioning is off, and can still be seen as softly deleted', async () => {
    const one = await save('soft', 'one');
    const two = await save('soft', 'two');
    expect(await refused(file('soft', 'plain', one).getMetadata())).toBe(404);
    const listed = await api('/storage/v1/b/plain/o?prefix=soft&softDeleted=true');
    expect(await listed.json()).toMatchObject({ items: [{ generation: one, softDeleteTime: expect.any(String) }] });
    expect(heard('soft').filter(({ event }) => event === 'deleted')).toEqual([
      { event: 'deleted', generation: one, by: two },
    ]);
  });

  it('are removed only when they are the ones that were meant', async () => {
    const one = await save('conditional', 'one');
    const two = await save('conditional', 'two');
    const remove = (ifGenerationMatch: string) => file('conditional').delete({ ifGenerationMatch });
    expect(await refused(remove(one))).toBe(412);
    await remove(two);
    expect(await refused(remove(two))).toBe(404);
  });
});

describe('reading', () => {
  it('answers ranges with their place, and 416 behind the end', async () => {
    await save('range', '0123456789');
    const read = (range: string) => api('/storage/v1/b/plain/o/range?alt=media', { headers: { range } });
    const part = await read('bytes=2-4');
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234']);
    expect((await read('bytes=10-')).status).toBe(416);
    expect((await file('range').download({ start: 8 })).toString()).toBe('89');
  });

  it('unzips what is stored as gzip for whoever does not accept it, and says so', async () => {
    const zipped = gzipSync('much text '.repeat(100));
    await save('zipped', zipped, 'plain', { contentEncoding: 'gzip', contentType: 'text/plain' });
    const read = (encoding: string) =>
      api('/storage/v1/b/plain/o/zipped?alt=media', { headers: { 'accept-encoding': encoding } });
    const open = await read('identity');
    expect([
      open.headers.get('content-encoding'),
      open.headers.get('x-goog-stored-content-encoding'),
      open.headers.get('content-length'),
    ]).toEqual([null, 'gzip', null]);
    expect(open.headers.get('x-goog-hash')).toContain(`crc32c=${checksumOf('crc32c', zipped)}`);
    expect(await open.text()).toBe('much text '.repeat(100));
    const stored = await read('gzip');
    expect([stored.headers.get('content-encoding'), stored.headers.get('content-length')]).toEqual([
      'gzip',
      String(zipped.length),
    ]);
    expect((await file('zipped').download({ decompress: false }))[0].equals(zipped)).toBe(true);
  });
});

describe('compositions', () => {
  it('are one object after the other, with the checksum of all and no MD5', async () => {
    const parts = ['first ', 'second ', 'third'];
    for (const [place, body] of parts.entries()) await save(`part/${place}`, body);
    const sources = parts.map((_, place) => file(`part/${place}`));
    await storage.bucket('plain').combine(sources, file('composed'), { ifGenerationMatch: 0 });
    const [found] = await file('composed').getMetadata();
    expect(found).toMatchObject({
      componentCount: 3,
      size: '18',
      crc32c: checksumOf('crc32c', Buffer.from(parts.join(''))),
    });
    expect(found.md5Hash).toBeUndefined();
    expect(await textOf('composed')).toBe(parts.join(''));
    expect(await refused(storage.bucket('plain').combine(sources, file('composed'), { ifGenerationMatch: 0 }))).toBe(
      412,
    );
    for (const source of sources) await source.delete();
    expect(await textOf('composed')).toBe(parts.join(''));
  });

  it('refuse more than 32 sources, and a source of another generation', async () => {
    const generation = await save('piece', 'x');
    const compose = async (sourceObjects: object[]) =>
      (await api('/storage/v1/b/plain/o/many/compose', { method: 'POST', body: JSON.stringify({ sourceObjects }) }))
        .status;
    expect(await compose(Array.from({ length: 33 }, () => ({ name: 'piece' })))).toBe(400);
    expect(await compose([{ name: 'piece', objectPreconditions: { ifGenerationMatch: '1' } }])).toBe(412);
    expect(await compose([{ name: 'piece', generation: '1' }])).toBe(404);
    expect(await compose([{ name: 'piece', generation }])).toBe(200);
  });
});

describe('copies', () => {
  it('are of the generation that is named, in as many calls as their size takes, with the metadata of the source', async () => {
    const body = Buffer.alloc(2.5 * 1024 * 1024, 'abc');
    const generation = await save('source', body, 'plain', { contentType: 'text/x', metadata: { a: '1' } });
    await save('source', 'newer');
    const rewrite = async (query: string) =>
      api(`/storage/v1/b/plain/o/source/rewriteTo/b/plain/o/aside?${query}`, { method: 'POST' });
    expect((await rewrite(`sourceGeneration=${generation}`)).status).toBe(404);
    await save('source', body, 'versioned', { contentType: 'text/x', metadata: { a: '1' } });
    await file('source', 'versioned').copy(file('aside'), { preconditionOpts: { ifGenerationMatch: 0 } });
    const [found] = await file('aside').getMetadata();
    expect(found).toMatchObject({ contentType: 'text/x', metadata: { a: '1' }, size: String(body.length) });
    expect((await file('aside').download())[0].equals(body)).toBe(true);
    expect((await rewrite('ifGenerationMatch=0')).status).toBe(412);
    expect((await rewrite('ifSourceGenerationMatch=1')).status).toBe(412);
  });
});

describe('listings', () => {
  it('are in byte order, page by page, from an offset to another, grouped by a delimiter', async () => {
    const names = [
      'a b',
      'a+b',
      'a%20b',
      'a//b',
      'a/./b',
      'a/../b',
      'caf\u00e9',
      'cafe\u0301',
      '\u{1F600}',
      '\uFF5E',
      'z/',
    ];
    for (const name of names) await save(`odd/${name}`, name);
    const ordered = names.map((name) => `odd/${name}`).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const [found] = await storage.bucket('plain').getFiles({ prefix: 'odd/', maxResults: 3, autoPaginate: true });
    expect(found.map(({ name }) => name)).toEqual(ordered.slice(0, 3));
    const seen: string[] = [];
    for await (const each of storage.bucket('plain').getFilesStream({ prefix: 'odd/' })) seen.push(each.name);
    expect(seen).toEqual(ordered);
    for (const name of ordered) expect(await textOf(name)).toBe(name.slice('odd/'.length));
    const page = await (
      await api('/storage/v1/b/plain/o?prefix=odd/a&delimiter=/&maxResults=2&startOffset=odd/a%25')
    ).json();
    expect(page).toMatchObject({ items: [{ name: 'odd/a%20b' }, { name: 'odd/a+b' }] });
    const [, , grouped] = await storage
      .bucket('plain')
      .getFiles({ prefix: 'odd/a', delimiter: 'b', autoPaginate: false });
    expect(grouped).toMatchObject({
      prefixes: ['odd/a b', 'odd/a%20b', 'odd/a+b', 'odd/a/../b', 'odd/a/./b', 'odd/a//b'],
    });
  });
});
