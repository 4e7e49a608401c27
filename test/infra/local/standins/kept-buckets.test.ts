// Buckets outlive the processes of their region: what was answered is there when the stand-in comes back.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Client, createS3ObjectStore } from '../../../../aws/adapters/s3-object-store.ts';
import { createGcsObjectStore, createGcsStorage } from '../../../../gcp/adapters/gcs-object-store.ts';
import { startGcsStandin } from '../../../../infra/local/standins/gcs.ts';
import { startS3Standin } from '../../../../infra/local/standins/s3.ts';
import type { ObjectStore } from '../../../../shared/ports/object-store.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-buckets-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const where = { host: '127.0.0.1', port: 0 };
const stopped = () => new Date('2026-03-01T12:00:00Z');

async function onS3<T>(work: (store: ObjectStore) => Promise<T>, versioned = false): Promise<T> {
  const standin = await startS3Standin({
    ...where,
    buckets: [{ name: 'kept', versioned }],
    keepIn: directory,
    now: stopped,
  });
  const client = createS3Client({
    region: 'us-east-1',
    endpoint: standin.url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    connectTimeoutSeconds: 10,
    requestTimeoutSeconds: 15,
  });
  return work(createS3ObjectStore(client, { name: 's3', bucket: 'kept' })).finally(() => standin.close());
}

async function onGcs<T>(work: (store: ObjectStore) => Promise<T>): Promise<T> {
  const standin = await startGcsStandin({ ...where, buckets: [{ name: 'kept' }], keepIn: directory, now: stopped });
  const storage = createGcsStorage({
    projectId: 'demo',
    endpoint: standin.url,
    accessToken: 'local',
    requestTimeoutSeconds: 15,
  });
  return work(createGcsObjectStore(storage, { name: 'gcs', bucket: 'kept' })).finally(() => standin.close());
}

const put = (store: ObjectStore, key: string, body: string) =>
  store.put(key, body, { condition: { kind: 'none' }, contentType: 'text/plain', cacheControl: 'no-store' });

for (const [name, on, file] of [
  ['S3', onS3, 'kept.s3.jsonl'],
  ['versioned S3', <T>(work: (store: ObjectStore) => Promise<T>) => onS3(work, true), 'kept.s3.jsonl'],
  ['GCS', onGcs, 'kept.gcs.jsonl'],
] as const) {
  describe(`a kept bucket of ${name}`, () => {
    it('comes back with its objects, their versions, and without what was removed', async () => {
      const before = await on(async (store) => {
        for (const body of ['old', 'ü\n']) await put(store, 'a/key', body);
        await put(store, 'gone', 'x');
        await store.remove('gone');
        return store.get('a/key');
      });
      await on(async (store) => {
        expect(await store.get('a/key')).toEqual(before);
        expect(await store.list('', { startAfter: null, limit: 10 })).toEqual(['a/key']);
        const over = {
          contentType: 'text/plain',
          cacheControl: null,
          condition: { kind: 'version', version: before!.version },
        } as const;
        expect((await store.put('a/key', 'next', over)).kind).toBe('written');
        expect(await store.put('a/key', 'again', over)).toEqual({ kind: 'conflict' });
      });
    });

    it('leaves out a write that a kill has cut short, and goes on after it', async () => {
      await on((store) => put(store, 'whole', 'x'));
      appendFileSync(join(directory, file), '{"key":"torn","name":"torn","vers');
      await on((store) => put(store, 'after', 'y'));
      expect(await on((store) => store.list('', { startAfter: null, limit: 10 }))).toEqual(['after', 'whole']);
    });
  });
}

it('never gives out a generation again, though its object is gone and the clock stands still', async () => {
  const first = await onGcs(async (store) => {
    const result = await put(store, 'key', 'x');
    await store.remove('key');
    return result;
  });
  expect(await onGcs((store) => put(store, 'key', 'x'))).not.toEqual(first);
});
