// What every object store must keep to, whatever service is behind it: run on the adapters, the stand-ins and the fake.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStore, PutOptions, PutResult } from '../../shared/ports/object-store.ts';

export type StoreUnderTest = {
  store: ObjectStore;
  /** What the service keeps as Cache-Control of an object; null when it keeps none. */
  cacheControlOf(key: string): Promise<string | null>;
  close(): Promise<void>;
};

const none: PutOptions = { condition: { kind: 'none' }, contentType: 'text/plain; charset=utf-8', cacheControl: null };
const absent: PutOptions = { ...none, condition: { kind: 'absent' } };
const at = (version: string): PutOptions => ({ ...none, condition: { kind: 'version', version } });

function versionOf(result: PutResult): string {
  if (result.kind !== 'written') throw new Error('the write was a conflict');
  return result.version;
}

/**
 * Runs the suite as a `describe` block. `versionsAre` says what the service makes versions of: an S3 ETag is made of the content and
 * shared by equal bodies, a GCS generation is never given out twice.
 */
export function objectStoreContract(
  name: string,
  start: () => Promise<StoreUnderTest>,
  versionsAre: 'content' | 'unique',
): void {
  describe(`${name} keeps the object store contract`, () => {
    let subject: StoreUnderTest;
    let store: ObjectStore;
    let tests = 0;
    const fresh = () => `contract/${++tests}/`;
    beforeAll(async () => {
      subject = await start();
      store = subject.store;
    });
    afterAll(() => subject.close());

    it('answers null for an object that is not there', async () => {
      expect(await store.get(`${fresh()}nothing`)).toBeNull();
    });

    it('reads back what was written, with the version that the write answered', async () => {
      const key = `${fresh()}one`;
      const version = versionOf(await store.put(key, '{"a":1}', none));
      expect(await store.get(key)).toEqual({ body: '{"a":1}', version });
    });

    it('gives other content another version', async () => {
      const key = `${fresh()}one`;
      const first = versionOf(await store.put(key, 'first', none));
      const second = versionOf(await store.put(key, 'second', none));
      expect(second).not.toBe(first);
      expect(await store.get(key)).toEqual({ body: 'second', version: second });
    });

    it('lets exactly one of many writers create an object', async () => {
      const key = `${fresh()}raced`;
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, writer) => store.put(key, `writer ${writer}`, absent)),
      );
      const winners = results.flatMap((result, writer) => (result.kind === 'written' ? [{ writer, result }] : []));
      expect(winners).toHaveLength(1);
      expect(await store.get(key)).toEqual({
        body: `writer ${winners[0]!.writer}`,
        version: winners[0]!.result.version,
      });
    });

    it('lets exactly one of many writers replace a version', async () => {
      const key = `${fresh()}raced`;
      const version = versionOf(await store.put(key, 'before', none));
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, writer) => store.put(key, `writer ${writer}`, at(version))),
      );
      const winners = results.flatMap((result, writer) => (result.kind === 'written' ? [writer] : []));
      expect(winners).toHaveLength(1);
      expect((await store.get(key))?.body).toBe(`writer ${winners[0]}`);
    });

    it('does not change the object when the condition did not hold', async () => {
      const key = `${fresh()}kept`;
      const old = versionOf(await store.put(key, 'old', none));
      const version = versionOf(await store.put(key, 'kept', none));
      expect(await store.put(key, 'intruder', absent)).toEqual({ kind: 'conflict' });
      expect(await store.put(key, 'intruder', at(old))).toEqual({ kind: 'conflict' });
      expect(await store.get(key)).toEqual({ body: 'kept', version });
    });

    it('is a conflict to replace a version of an object that is gone', async () => {
      const key = `${fresh()}gone`;
      const version = versionOf(await store.put(key, 'here', none));
      await store.remove(key);
      expect(await store.put(key, 'again', at(version))).toEqual({ kind: 'conflict' });
      expect(await store.get(key)).toBeNull();
    });

    it('removes an object, says nothing when there was none, and lets it be created again', async () => {
      const key = `${fresh()}removed`;
      await store.remove(key);
      await store.put(key, 'here', none);
      await store.remove(key);
      expect(await store.get(key)).toBeNull();
      expect((await store.put(key, 'anew', absent)).kind).toBe('written');
    });

    it('lists in byte order below a prefix, from after a key, up to a limit', async () => {
      const prefix = fresh();
      const names = ['b', 'a/2', 'a/10', 'B', 'a', 'é', 'z', '\u{1F600}', '\u{FF5E}', 'a b', 'a+b'];
      for (const name of names) await store.put(`${prefix}${name}`, name, none);
      await store.put(`${prefix.slice(0, -1)}0`, 'a neighbour', none);
      const ordered = ['B', 'a', 'a b', 'a+b', 'a/10', 'a/2', 'b', 'z', 'é', '\u{FF5E}', '\u{1F600}'];
      const keys = ordered.map((name) => `${prefix}${name}`);
      expect(await store.list(prefix, { startAfter: null, limit: 100 })).toEqual(keys);
      expect(await store.list(prefix, { startAfter: null, limit: 4 })).toEqual(keys.slice(0, 4));
      expect(await store.list(prefix, { startAfter: `${prefix}a+b`, limit: 3 })).toEqual(keys.slice(4, 7));
      expect(await store.list(prefix, { startAfter: `${prefix}a+`, limit: 2 })).toEqual(keys.slice(3, 5));
      expect(await store.list(prefix, { startAfter: keys.at(-1)!, limit: 5 })).toEqual([]);
      expect(await store.list(`${prefix}nothing/`, { startAfter: null, limit: 5 })).toEqual([]);
    });

    it('follows the pages of a long listing', async () => {
      const prefix = fresh();
      const keys = Array.from({ length: 25 }, (_, index) => `${prefix}${String(index).padStart(4, '0')}`);
      await Promise.all(keys.map((key) => store.put(key, key, none)));
      expect(await store.list(prefix, { startAfter: null, limit: 1000 })).toEqual(keys);
      expect(await store.list(prefix, { startAfter: keys[2]!, limit: 21 })).toEqual(keys.slice(3, 24));
    });

    it.each([
      'with space',
      'a+b=c&d?e#f%20g',
      'ünïcödé/漢字/\u{1F600}',
      'quotes\'"<>&',
      'slashes//double/./dots/../up',
      'trailing/',
    ])('takes the key %j as it is', async (odd) => {
      const key = `${fresh()}${odd}`;
      await store.put(key, `body of ${odd}`, none);
      expect((await store.get(key))?.body).toBe(`body of ${odd}`);
      expect(await store.list(key, { startAfter: null, limit: 10 })).toEqual([key]);
      await store.remove(key);
      expect(await store.get(key)).toBeNull();
    });

    it('keeps an empty body apart from no object', async () => {
      const key = `${fresh()}empty`;
      const version = versionOf(await store.put(key, '', absent));
      expect(await store.get(key)).toEqual({ body: '', version });
      expect(await store.put(key, 'x', absent)).toEqual({ kind: 'conflict' });
    });

    it('keeps a body of a MiB, of more than ASCII', async () => {
      const key = `${fresh()}large`;
      const body = 'äöü€\u{1F600}0123456789\n'.repeat(44_000).slice(0, 900_000);
      expect(Buffer.byteLength(body)).toBeGreaterThan(1024 * 1024);
      const version = versionOf(await store.put(key, body, none));
      const found = await store.get(key);
      expect(found?.version).toBe(version);
      expect(found?.body === body).toBe(true);
    });

    if (versionsAre === 'content') {
      // This is why the register puts a nonce into every body: here a writer that holds an old version gets its way.
      it('cannot tell two writes of the same bytes apart by their versions', async () => {
        const key = `${fresh()}twice`;
        const first = versionOf(await store.put(key, 'same', none));
        await store.put(key, 'between', none);
        expect(versionOf(await store.put(key, 'same', none))).toBe(first);
        expect((await store.put(key, 'mine', at(first))).kind).toBe('written');
      });
    } else {
      it('tells two writes of the same bytes apart by their versions', async () => {
        const key = `${fresh()}twice`;
        const first = versionOf(await store.put(key, 'same', none));
        await store.put(key, 'between', none);
        expect(versionOf(await store.put(key, 'same', none))).not.toBe(first);
        expect(await store.put(key, 'mine', at(first))).toEqual({ kind: 'conflict' });
      });
    }

    it('keeps Cache-Control as it was given', async () => {
      const key = `${fresh()}beacon`;
      await store.put(key, 'up', { ...none, cacheControl: 'no-store, max-age=0' });
      expect(await subject.cacheControlOf(key)).toBe('no-store, max-age=0');
    });
  });
}
