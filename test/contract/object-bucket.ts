// What every bucket of large objects must keep to, whatever service is behind it: run on the adapters over the stand-ins and on the fake.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ListedObject,
  noAttributes,
  type ObjectAttributes,
  type ObjectVersion,
} from '../../shared/model/replica.ts';
import { crc32c, crc32cText, joinCrc32c, readCrc32c } from '../../shared/objects/crc32c.ts';
import {
  type BucketTraits,
  BucketUnavailable,
  type NewObject,
  type ObjectBucket,
  type ObjectCondition,
  type ObjectWriteResult,
  type PartRef,
  type UploadRef,
} from '../../shared/ports/object-bucket.ts';

export type BucketUnderTest = {
  bucket: ObjectBucket;
  /** A client of the same bucket that knows nothing of the first one. */
  another(): ObjectBucket;
  /** From now on the service answers nothing but errors of its own, until `heal`. */
  breakDown(): void;
  heal(): void;
  close(): Promise<void>;
};

/** `pageSize`: how many keys, parts or versions a page of the service's listings may hold, so that paging shows with few. */
export type BucketSetting = { versioned: boolean; pageSize: number };

const pageSize = 4;
const absent: ObjectCondition = { kind: 'absent' };
const at = ({ tag, revision }: ObjectVersion): ObjectCondition => ({ kind: 'tag', tag, revision });
const sumOf = (bytes: Uint8Array) => crc32cText(crc32c(bytes));
const rich: ObjectAttributes = {
  ...noAttributes,
  contentType: 'text/html; charset=utf-8',
  contentEncoding: 'gzip, br',
  contentDisposition: 'attachment; filename="a b.html"',
  contentLanguage: 'de-CH',
  cacheControl: 'max-age=60, no-transform',
  metadata: { colour: 'blue', 'a-b_c.d': '1', title: 'Über 漢字 \u{1F600} = ?', encoded: '=?UTF-8?B?eA==?=' },
  tags: { team: 'video', 'cost centre': 'a+b/c=d@e' },
  storageClass: 'infrequent',
};

function objectOf(result: ObjectWriteResult | { kind: 'no-upload' }): ObjectVersion {
  if (result.kind !== 'written') throw new Error(`the write ended in "${result.kind}"`);
  return result.object;
}

/** Runs the suite as a `describe` block, on a bucket that keeps versions and on one that does not. */
export function objectBucketContract(name: string, start: (setting: BucketSetting) => Promise<BucketUnderTest>): void {
  for (const versioned of [true, false]) {
    describe(`${name}, ${versioned ? 'versioned' : 'unversioned'}, keeps the object bucket contract`, () => {
      bucketContract(() => start({ versioned, pageSize }), versioned);
    });
  }
}

function bucketContract(start: () => Promise<BucketUnderTest>, versioned: boolean): void {
  let subject: BucketUnderTest;
  let bucket: ObjectBucket;
  let traits: BucketTraits;
  let tests = 0;
  const fresh = () => `contract/${++tests}/`;
  beforeAll(async () => {
    subject = await start();
    bucket = subject.bucket;
    traits = await bucket.traits();
  });
  afterAll(() => subject.close());

  const target = (key: string, more: Partial<NewObject> = {}): NewObject => ({
    key,
    attributes: noAttributes,
    stamp: null,
    ...more,
  });
  const write = async (key: string, body: string | Uint8Array, condition: ObjectCondition = absent) => {
    const bytes = Buffer.from(body);
    return objectOf(await bucket.write(target(key), bytes, sumOf(bytes), condition));
  };
  const present = async (key: string): Promise<ObjectVersion> => {
    const look = await bucket.look(key);
    if (look.kind !== 'present') throw new Error(`${key} is absent`);
    return look.object;
  };
  const bytesOf = async (object: ObjectVersion, range: { startByte: number; endByte: number } | null = null) => {
    const result = await bucket.read(object, range);
    if (result.kind === 'gone') return 'gone';
    const chunks: Uint8Array[] = [];
    for await (const chunk of result.bytes) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  };
  const keysOf = async (prefix: string, startAfter: string | null) =>
    (await listed(prefix, startAfter)).map((one) => one.key);
  const listed = async (prefix: string, startAfter: string | null): Promise<ListedObject[]> => {
    const all: ListedObject[] = [];
    for await (const page of bucket.list(prefix, startAfter)) {
      expect(page.length).toBeGreaterThan(0);
      all.push(...page);
    }
    return all;
  };
  const upload = async (
    key: string,
    more: Partial<NewObject> = {},
    id = `upload-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`,
  ) => bucket.begin(target(key, more), id);
  const part = async (ref: UploadRef, number: number, bytes: Buffer, by = bucket): Promise<PartRef> => {
    const result = await by.writePart(ref, number, bytes.length, piecesOf(bytes), () => sumOf(bytes));
    if (result.kind !== 'written') throw new Error(`the part ended in "${result.kind}"`);
    return result.part;
  };
  const whole = (parts: readonly PartRef[]) =>
    crc32cText(parts.reduce((sum, one) => joinCrc32c(sum, readCrc32c(one.crc32c), one.sizeBytes), 0));
  /** Sizes that the service takes as a part that is not the last. */
  const partOf = (letter: string) => Buffer.alloc(Math.max(traits.minPartBytes, 1000), letter);

  describe('what it says of itself', () => {
    it('says whether it keeps versions, and limits that a plan can be made from', () => {
      expect(traits.versioned).toBe(versioned);
      expect(traits.minPartBytes).toBeLessThanOrEqual(traits.maxPartBytes);
      expect(traits.maxParts).toBeGreaterThanOrEqual(1000);
      expect(traits.carries.maxKeyBytes).toBe(1024);
    });
  });

  describe('looking', () => {
    it('finds nothing where nothing is, and does not say that it was deleted', async () => {
      expect(await bucket.look(`${fresh()}nothing`)).toMatchObject({
        kind: 'absent',
        deleted: expect.toSatisfy((it) => it !== true),
      });
    });

    it('finds what was written, as the write answered it', async () => {
      const key = `${fresh()}one`;
      const before = Date.now();
      const written = await write(key, 'bytes');
      const found = await present(key);
      expect(found).toEqual(written);
      expect(found).toMatchObject({ key, sizeBytes: 5, crc32c: sumOf(Buffer.from('bytes')), revision: 1, stamp: null });
      // Within what clocks differ by, and whole seconds at S3.
      expect(Math.abs(found.modifiedMillis - before)).toBeLessThan(60_000);
    });

    it('tells the MD5 of what was written at once, or none', async () => {
      const found = await write(`${fresh()}one`, 'bytes');
      expect([null, createHash('md5').update('bytes').digest('hex')]).toContain(found.md5);
    });

    it('does not say of what was deleted that it never was', async () => {
      const key = `${fresh()}deleted`;
      await bucket.remove(await write(key, 'bytes'));
      expect(await bucket.look(key)).toMatchObject({ kind: 'absent', deleted: expect.toSatisfy((it) => it !== false) });
    });
  });

  describe('reading', () => {
    it('reads all, a range, one byte, and nothing of an empty object', async () => {
      const prefix = fresh();
      const object = await write(`${prefix}ten`, '0123456789');
      expect(await bytesOf(object)).toBe('0123456789');
      expect(await bytesOf(object, { startByte: 3, endByte: 7 })).toBe('3456');
      expect(await bytesOf(object, { startByte: 9, endByte: 10 })).toBe('9');
      expect(await bytesOf(await write(`${prefix}empty`, ''))).toBe('');
    });

    it('reads the pinned version after it was overwritten, or says that it is gone, and never reads another', async () => {
      const key = `${fresh()}pinned`;
      const old = await write(key, 'old bytes');
      const recent = await write(key, 'new bytes', at(old));
      expect(await bytesOf(old)).toBe(versioned ? 'old bytes' : 'gone');
      expect(await bytesOf(old, { startByte: 0, endByte: 3 })).toBe(versioned ? 'old' : 'gone');
      expect(await bytesOf(recent)).toBe('new bytes');
    });

    it('reads the pinned version after it was deleted, or says that it is gone', async () => {
      const key = `${fresh()}pinned`;
      const old = await write(key, 'old bytes');
      await bucket.remove(old);
      expect(await bytesOf(old)).toBe(versioned ? 'old bytes' : 'gone');
    });

    it('does not decompress what says that it is compressed', async () => {
      const key = `${fresh()}gzip`;
      const bytes = Buffer.from('not really gzip');
      await bucket.write(target(key, { attributes: rich }), bytes, sumOf(bytes), absent);
      expect(await bytesOf(await present(key))).toBe('not really gzip');
    });

    it('lets a reader stop in the middle', async () => {
      const object = await write(`${fresh()}large`, Buffer.alloc(1_000_000, 'x'));
      const result = await bucket.read(object, null);
      if (result.kind !== 'bytes') throw new Error('gone');
      for await (const chunk of result.bytes) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(await bytesOf(object, { startByte: 0, endByte: 1 })).toBe('x');
    });
  });

  describe('fetching', () => {
    /** As `known` would be: what an event told a moment ago. */
    const fetched = async (key: string, known: ObjectVersion | null) => {
      const found = await bucket.fetch(key, known);
      return found.kind === 'present' ? { object: found.object, bytes: await found.body.whole() } : found;
    };

    it('tells what a look tells and reads what a read reads, of an object that an event tells of', async () => {
      const key = `${fresh()}fetched`;
      const bytes = Buffer.alloc(300_000, 'fetched');
      const stamp = '1 gcp-site 1764000000123 a%2Fb 1764000000456 abcDEF_-09';
      await bucket.write(target(key, { attributes: rich, stamp }), bytes, sumOf(bytes), absent);
      const object = await present(key);
      expect(await fetched(key, object)).toEqual({ object, bytes });
      const empty = await write(`${key}-empty`, '');
      expect(await fetched(empty.key, empty)).toEqual({ object: empty, bytes: Buffer.alloc(0) });
    });

    it('tells of what is live alone, whatever the event tells of', async () => {
      const key = `${fresh()}overwritten`;
      const old = await write(key, 'old bytes');
      const recent = await write(key, 'new bytes', at(old));
      const now = { object: recent, bytes: Buffer.from('new bytes') };
      expect([now, { kind: 'unsure' }]).toContainEqual(await fetched(key, old));
      expect([now, { kind: 'unsure' }]).toContainEqual(await fetched(key, null));
      const restamped = objectOf(await bucket.restamp(recent, target(key, { stamp: '1 s 1 v 1 d' })));
      const changed = { object: restamped, bytes: Buffer.from('new bytes') };
      expect([changed, { kind: 'unsure' }]).toContainEqual(await fetched(key, recent));
    });

    it('tells nothing of what is not there, and not of what was deleted that it never was', async () => {
      const key = `${fresh()}deleted`;
      const object = await write(key, 'bytes');
      await bucket.remove(object);
      for (const known of [object, null]) {
        const found = await bucket.fetch(key, known);
        expect(found.kind).toBeOneOf(['absent', 'unsure']);
        expect(found).not.toMatchObject({ deleted: false });
      }
    });

    it.each([10, 1_000_000])('lets %i bytes be dropped, and those that were taken too', async (size) => {
      const object = await write(`${fresh()}dropped`, Buffer.alloc(size, 'x'));
      for (let round = 0; round < 3; round++) {
        const found = await bucket.fetch(object.key, object);
        if (found.kind !== 'present') throw new Error(found.kind);
        if (round === 1) expect(await found.body.whole()).toHaveLength(size);
        found.body.drop();
      }
      expect((await present(object.key)).tag).toBe(object.tag);
    });
  });

  describe('writing', () => {
    it('carries all attributes and the stamp, of more than ASCII', async () => {
      const key = `${fresh()}rich`;
      const stamp = '1 gcp-site 1764000000123 a%2Fb 1764000000456 abcDEF_-09';
      const written = objectOf(
        await bucket.write(target(key, { attributes: rich, stamp }), Buffer.from('x'), sumOf(Buffer.from('x')), absent),
      );
      const found = await present(key);
      expect(found.attributes).toEqual(rich);
      expect(found.stamp).toBe(stamp);
      expect(written).toEqual(found);
    });

    it('says null for what is not set', async () => {
      const key = `${fresh()}plain`;
      await write(key, 'x');
      expect((await present(key)).attributes).toEqual(noAttributes);
    });

    it('lets exactly one of many writers create an object', async () => {
      const key = `${fresh()}raced`;
      const results = await raced((writer) =>
        bucket.write(target(key), Buffer.from(`writer ${writer}`), sumOf(Buffer.from(`writer ${writer}`)), absent),
      );
      expect(await bytesOf(await present(key))).toBe(`writer ${onlyWinner(results)}`);
    });

    it('lets exactly one of many writers replace a version', async () => {
      const key = `${fresh()}raced`;
      const old = await write(key, 'old');
      const results = await raced((writer) =>
        bucket.write(target(key), Buffer.from(`writer ${writer}`), sumOf(Buffer.from(`writer ${writer}`)), at(old)),
      );
      expect(await bytesOf(await present(key))).toBe(`writer ${onlyWinner(results)}`);
    });

    it('changes nothing when the condition does not hold', async () => {
      const key = `${fresh()}kept`;
      const old = await write(key, 'old');
      const kept = await write(key, 'kept', at(old));
      const intruder = Buffer.from('intruder');
      expect(await bucket.write(target(key), intruder, sumOf(intruder), absent)).toEqual({ kind: 'conflict' });
      expect(await bucket.write(target(key), intruder, sumOf(intruder), at(old))).toEqual({ kind: 'conflict' });
      expect(await present(key)).toEqual(kept);
    });

    it('is a conflict to replace what is gone', async () => {
      const key = `${fresh()}gone`;
      const old = await write(key, 'old');
      await bucket.remove(old);
      expect(await bucket.write(target(key), Buffer.from('x'), sumOf(Buffer.from('x')), at(old))).toEqual({
        kind: 'conflict',
      });
      expect((await bucket.look(key)).kind).toBe('absent');
    });

    it('never shows bytes that are not those of the checksum', async () => {
      const key = `${fresh()}corrupt`;
      const wrong = sumOf(Buffer.from('other bytes'));
      expect((await bucket.write(target(key), Buffer.from('bytes'), wrong, absent)).kind).toBe('corrupt');
      expect((await bucket.look(key)).kind).toBe('absent');
      const kept = await write(key, 'kept');
      expect((await bucket.write(target(key), Buffer.from('bytes'), wrong, at(kept))).kind).toBe('corrupt');
      expect(await present(key)).toEqual(kept);
    });

    it('keeps an empty object apart from none', async () => {
      const key = `${fresh()}empty`;
      const empty = await write(key, '');
      expect(empty).toMatchObject({ sizeBytes: 0, crc32c: 'AAAAAA==' });
      expect(await present(key)).toEqual(empty);
      expect(await bucket.write(target(key), Buffer.from('x'), sumOf(Buffer.from('x')), absent)).toEqual({
        kind: 'conflict',
      });
    });
  });

  describe('large objects', () => {
    it('become visible whole, with attributes, stamp and checksum', async () => {
      const key = `${fresh()}large`;
      const more = { attributes: rich, stamp: '1 s 1 v 1 d' };
      const ref = await upload(key, more);
      const [a, b] = [partOf('a'), Buffer.from('the last part may be small')];
      // Not in their order, as parallel parts come.
      const second = await part(ref, 2, b);
      const first = await part(ref, 1, a);
      expect((await bucket.look(key)).kind).toBe('absent');
      const object = objectOf(
        await bucket.complete(ref, target(key, more), [first, second], whole([first, second]), absent),
      );
      expect(object).toMatchObject({
        key,
        sizeBytes: a.length + b.length,
        crc32c: sumOf(Buffer.concat([a, b])),
        stamp: more.stamp,
      });
      const found = await present(key);
      expect(found).toMatchObject({
        tag: object.tag,
        version: object.version,
        crc32c: object.crc32c,
        stamp: more.stamp,
        md5: null,
      });
      expect(found.attributes).toEqual(rich);
      expect(await bytesOf(found, { startByte: a.length - 2, endByte: a.length + 3 })).toBe('aathe');
      expect(await keysOf(key, null)).toEqual([key]);
    });

    it('are carried on by another process, from the parts that the service has', async () => {
      const key = `${fresh()}resumed`;
      const ref = await upload(key);
      await part(ref, 1, partOf('a'));
      const other = subject.another();
      const known: UploadRef = JSON.parse(JSON.stringify(ref));
      const had = await other.parts(known);
      expect(had).toEqual([
        { number: 1, sizeBytes: partOf('a').length, crc32c: sumOf(partOf('a')), tag: expect.any(String) },
      ]);
      const parts = [...(had ?? []), await part(known, 2, Buffer.from('b'), other)];
      const object = objectOf(await other.complete(known, target(key), parts, whole(parts), absent));
      expect(object.crc32c).toBe(sumOf(Buffer.concat([partOf('a'), Buffer.from('b')])));
      expect(await present(key)).toMatchObject({ tag: object.tag, crc32c: object.crc32c });
    });

    it('are listed part by part beyond one page, in the order of their numbers', async () => {
      const key = `${fresh()}pages`;
      const ref = await upload(key);
      const count = pageSize + 1;
      for (let number = count; number >= 1; number--)
        await part(ref, number, number === count ? Buffer.from('end') : partOf('x'));
      expect((await bucket.parts(ref))?.map((one) => one.number)).toEqual(
        Array.from({ length: count }, (_, index) => index + 1),
      );
      await bucket.abort(ref);
    });

    it('take a part again in place of the first try', async () => {
      const key = `${fresh()}again`;
      const ref = await upload(key);
      await part(ref, 1, Buffer.from('first try'));
      const again = await part(ref, 1, Buffer.from('second try'));
      expect(await bucket.parts(ref)).toEqual([again]);
      const object = objectOf(await bucket.complete(ref, target(key), [again], whole([again]), absent));
      expect(await bytesOf(object)).toBe('second try');
    });

    it('have no part whose bytes are not those of its checksum', async () => {
      const ref = await upload(`${fresh()}corrupt`);
      const bytes = Buffer.from('bytes');
      const result = await bucket.writePart(ref, 1, bytes.length, piecesOf(bytes), () => sumOf(Buffer.from('other')));
      expect(result.kind).toBe('corrupt');
      expect(await bucket.parts(ref)).toEqual([]);
      await bucket.abort(ref);
    });

    it('ask for the checksum of a part when its last byte has been taken, and not before', async () => {
      const ref = await upload(`${fresh()}late`);
      const bytes = Buffer.alloc(200_000, 'x');
      let ended = false;
      async function* source() {
        yield* piecesOf(bytes);
        ended = true;
      }
      const result = await bucket.writePart(ref, 1, bytes.length, source(), () => {
        expect(ended).toBe(true);
        return sumOf(bytes);
      });
      expect(result.kind).toBe('written');
      await bucket.abort(ref);
    });

    it('throw on what the source of a part throws, and have no such part', async () => {
      const ref = await upload(`${fresh()}broken`);
      const broken = new Error('the source was cut');
      async function* source() {
        yield Buffer.from('some of it');
        throw broken;
      }
      await expect(bucket.writePart(ref, 1, 1000, source(), () => 'AAAAAA==')).rejects.toBe(broken);
      expect(await bucket.parts(ref)).toEqual([]);
      await bucket.abort(ref);
    });

    it('never show bytes that are not those of the whole checksum', async () => {
      const key = `${fresh()}corrupt`;
      const ref = await upload(key);
      const first = await part(ref, 1, Buffer.from('bytes'));
      const result = await bucket.complete(ref, target(key), [first], sumOf(Buffer.from('other')), absent);
      expect(result.kind).toBe('corrupt');
      expect((await bucket.look(key)).kind).toBe('absent');
    });

    it('are refused when another was first, at the creation and at an overwrite', async () => {
      const key = `${fresh()}raced`;
      const late = await upload(key, {}, 'raced-1');
      const one = await part(late, 1, Buffer.from('late'));
      const old = await write(key, 'old');
      expect(await bucket.complete(late, target(key), [one], whole([one]), absent)).toEqual({ kind: 'conflict' });
      expect(await present(key)).toEqual(old);
      await bucket.abort(late);
      const later = await upload(key, {}, 'raced-2');
      const two = await part(later, 1, Buffer.from('later'));
      const recent = await write(key, 'recent', at(old));
      expect(await bucket.complete(later, target(key), [two], whole([two]), at(old))).toEqual({ kind: 'conflict' });
      expect(await present(key)).toEqual(recent);
      await bucket.abort(later);
    });

    it('replace a version when it is still there', async () => {
      const key = `${fresh()}replaced`;
      const old = await write(key, 'old');
      const ref = await upload(key);
      const one = await part(ref, 1, Buffer.from('large'));
      const object = objectOf(await bucket.complete(ref, target(key), [one], whole([one]), at(old)));
      expect(await present(key)).toMatchObject({ tag: object.tag, sizeBytes: 5 });
      expect(await bytesOf(old)).toBe(versioned ? 'old' : 'gone');
    });

    it('let exactly one of two completions of one upload win, and take the lost answer of a completion for done', async () => {
      const key = `${fresh()}twice`;
      const stamp = '1 s 1 v 1 twice';
      const ref = await upload(key, { stamp });
      const one = await part(ref, 1, Buffer.from('large'));
      const complete = (by: ObjectBucket) => by.complete(ref, target(key, { stamp }), [one], whole([one]), absent);
      const results = await Promise.all([complete(bucket), complete(subject.another())]);
      expect(results.some((result) => result.kind === 'written')).toBe(true);
      const object = await present(key);
      expect(object).toMatchObject({ sizeBytes: 5, stamp });
      const again = await complete(bucket);
      expect(['written', 'no-upload', 'conflict']).toContain(again.kind);
      expect((await present(key)).tag).toBe(object.tag);
    });

    it('are forgotten when they are aborted, as often as one likes', async () => {
      const prefix = fresh();
      const key = `${prefix}aborted`;
      const ref = await upload(key);
      const one = await part(ref, 1, Buffer.from('x'));
      await bucket.abort(ref);
      await bucket.abort(ref);
      expect((await bucket.complete(ref, target(key), [one], whole([one]), absent)).kind).toBe('no-upload');
      expect((await bucket.look(key)).kind).toBe('absent');
      expect(await keysOf(prefix, null)).toEqual([]);
      expect(await bucket.parts(ref)).toSatisfy((it) => it === null || it.length === 0);
    });
  });

  describe('changing what lies beside the bytes', () => {
    it('restamps on the service’s side: other attributes and stamp, the same bytes', async () => {
      const key = `${fresh()}restamped`;
      const old = await write(key, 'the same bytes');
      const object = objectOf(await bucket.restamp(old, target(key, { attributes: rich, stamp: '1 s 1 v 1 d' })));
      const found = await present(key);
      expect(found).toEqual(object);
      expect(found).toMatchObject({ sizeBytes: 14, crc32c: old.crc32c, stamp: '1 s 1 v 1 d' });
      expect(found.attributes).toEqual(rich);
      expect(await bytesOf(found)).toBe('the same bytes');
      // All that was set before and is not now is gone.
      const plain = objectOf(await bucket.restamp(found, target(key)));
      expect((await present(key)).attributes).toEqual(noAttributes);
      expect(plain.stamp).toBeNull();
    });

    it('restamps nothing but the version that it speaks of', async () => {
      const key = `${fresh()}restamped`;
      const old = await write(key, 'old');
      const recent = await write(key, 'recent', at(old));
      expect(await bucket.restamp(old, target(key, { stamp: 'late' }))).toEqual({ kind: 'conflict' });
      await bucket.remove(recent);
      expect(await bucket.restamp(recent, target(key, { stamp: 'late' }))).toEqual({ kind: 'conflict' });
      expect((await bucket.look(key)).kind).toBe('absent');
    });

    it('counts revisions where the tag stays as it is for other attributes, so that what was read before no longer holds', async () => {
      const key = `${fresh()}stale`;
      const old = await write(key, 'old');
      const restamped = objectOf(await bucket.restamp(old, target(key, { stamp: '1 s 1 v 1 d' })));
      // An ETag of S3 is that of the bytes: there a condition cannot tell the two apart.
      const told = restamped.tag !== old.tag || restamped.revision !== old.revision;
      expect(await bucket.remove(old)).toEqual({ kind: told ? 'conflict' : 'removed' });
    });

    it('keeps aside exactly one version, live or older, with its attributes', async () => {
      const prefix = fresh();
      const key = `${prefix}loser`;
      const bytes = Buffer.from('the loser');
      const loser = objectOf(await bucket.write(target(key, { attributes: rich }), bytes, sumOf(bytes), absent));
      expect(await bucket.keepAside(loser, `${prefix}kept-live`)).toEqual({ kind: 'kept' });
      expect(await bucket.keepAside(loser, `${prefix}kept-live`)).toEqual({ kind: 'kept' });
      const kept = await present(`${prefix}kept-live`);
      expect(await bytesOf(kept)).toBe('the loser');
      expect(kept.attributes.metadata).toMatchObject(rich.metadata);
      expect(kept.attributes.contentType).toBe(rich.contentType);
      await write(key, 'the winner', at(loser));
      const later = await bucket.keepAside(loser, `${prefix}kept-older`);
      expect(later).toEqual({ kind: versioned ? 'kept' : 'gone' });
      if (versioned) expect(await bytesOf(await present(`${prefix}kept-older`))).toBe('the loser');
      else expect((await bucket.look(`${prefix}kept-older`)).kind).toBe('absent');
    });
  });

  describe('removing', () => {
    it('removes what is live, and says when nothing is', async () => {
      const key = `${fresh()}removed`;
      const object = await write(key, 'x');
      expect(await bucket.remove(object)).toEqual({ kind: 'removed' });
      expect((await bucket.look(key)).kind).toBe('absent');
      expect(await bucket.remove(object)).toEqual({ kind: 'absent' });
      await write(key, 'again');
    });

    it('removes nothing but the version that it speaks of', async () => {
      const key = `${fresh()}kept`;
      const old = await write(key, 'old');
      const recent = await write(key, 'recent', at(old));
      expect(await bucket.remove(old)).toEqual({ kind: 'conflict' });
      expect(await present(key)).toEqual(recent);
    });

    it('lets a removal or an overwrite of one version win, and not both', async () => {
      const key = `${fresh()}raced`;
      const old = await write(key, 'old');
      const bytes = Buffer.from('new');
      const [removed, written] = await Promise.all([
        bucket.remove(old),
        bucket.write(target(key), bytes, sumOf(bytes), at(old)),
      ]);
      const done = [removed.kind === 'removed', written.kind === 'written'];
      expect(done.filter(Boolean)).toHaveLength(1);
      expect((await bucket.look(key)).kind).toBe(done[0] ? 'absent' : 'present');
    });
  });

  describe('its history', () => {
    it(versioned ? 'tells versions and deaths, the newest first' : 'is empty', async () => {
      const key = `${fresh()}told`;
      // A key of which this one is the beginning has a history of its own.
      await write(`${key}-neighbour`, 'neighbour');
      const first = await write(key, 'first');
      const second = await write(key, 'second', at(first));
      await bucket.remove(second);
      const third = await write(key, 'third');
      const { versions, deaths } = await bucket.history(key, 10);
      if (!versioned) {
        expect(versions).toEqual([]);
        return;
      }
      expect(
        versions.map((one) => one.version).filter((version, index, all) => all.indexOf(version) === index),
      ).toEqual([third, second, first].map((one) => one.version));
      expect(deaths).toHaveLength(1);
      expect(deaths[0]?.of).toMatchObject({ version: second.version, crc32c: second.crc32c });
      expect(Math.abs((deaths[0]?.timeMillis ?? 0) - third.modifiedMillis)).toBeLessThan(60_000);
    });

    it('of a key that never was is empty', async () => {
      expect(await bucket.history(`${fresh()}nothing`, 10)).toEqual({ versions: [], deaths: [] });
    });

    if (!versioned) return;

    it('tells the death of what is absent, with its stamp and attributes', async () => {
      const key = `${fresh()}dead`;
      const bytes = Buffer.from('x');
      const object = objectOf(
        await bucket.write(target(key, { attributes: rich, stamp: '1 s 1 v 1 d' }), bytes, sumOf(bytes), absent),
      );
      await bucket.remove(object);
      const { deaths } = await bucket.history(key, 10);
      expect(deaths).toHaveLength(1);
      expect(deaths[0]?.of).toMatchObject({ version: object.version, stamp: '1 s 1 v 1 d', attributes: rich });
    });

    it('looks at no more than it was asked for', async () => {
      const key = `${fresh()}long`;
      let last = await write(key, '0');
      for (let index = 1; index <= pageSize + 2; index++) last = await write(key, String(index), at(last));
      const { versions } = await bucket.history(key, 2);
      expect(versions[0]?.version).toBe(last.version);
      expect(versions.length).toBeLessThanOrEqual(2);
      expect((await bucket.history(key, 20)).versions).toHaveLength(pageSize + 3);
    });
  });

  describe('listing', () => {
    it('tells live objects in byte order below a prefix, from after a key, over pages', async () => {
      const prefix = fresh();
      const names = ['b', 'a/2', 'a/10', 'B', 'a', 'é', 'z', '\u{1F600}', '\u{FF5E}', 'a b', 'a+b'];
      for (const name of names) await write(`${prefix}${name}`, name);
      await write(`${prefix.slice(0, -1)}0`, 'a neighbour');
      await bucket.remove(await write(`${prefix}c`, 'deleted'));
      const ordered = ['B', 'a', 'a b', 'a+b', 'a/10', 'a/2', 'b', 'z', 'é', '\u{FF5E}', '\u{1F600}'];
      const keys = ordered.map((name) => `${prefix}${name}`);
      expect(await keysOf(prefix, null)).toEqual(keys);
      expect(await keysOf(prefix, `${prefix}a+b`)).toEqual(keys.slice(4));
      expect(await keysOf(prefix, `${prefix}a+`)).toEqual(keys.slice(3));
      expect(await keysOf(prefix, keys.at(-1)!)).toEqual([]);
      expect(await keysOf(`${prefix}nothing/`, null)).toEqual([]);
    });

    it.each([1, 2])('ends with a full page, and with %i more', async (more) => {
      const prefix = fresh();
      const keys = Array.from(
        { length: pageSize * 2 + more - 1 },
        (_, index) => `${prefix}${String(index).padStart(3, '0')}`,
      );
      await Promise.all(keys.map((key) => write(key, key)));
      expect(await keysOf(prefix, null)).toEqual(keys);
    });

    it('tells of each object what a look tells, or null', async () => {
      const key = `${fresh()}told`;
      const bytes = Buffer.from('bytes');
      const object = objectOf(await bucket.write(target(key, { stamp: '1 s 1 v 1 d' }), bytes, sumOf(bytes), absent));
      const [told] = await listed(key, null);
      expect(told).toMatchObject({ key, tag: object.tag, sizeBytes: 5, modifiedMillis: object.modifiedMillis });
      expect([null, object.version]).toContain(told?.version);
      expect([null, 1]).toContain(told?.revision);
      expect([null, object.crc32c]).toContain(told?.crc32c);
      expect([null, object.stamp]).toContain(told?.stamp);
    });
  });

  describe('keys', () => {
    const longest = (prefix: string) => `${prefix}${'k'.repeat(1024 - prefix.length)}`;
    it.each([
      ['with space', 'with space'],
      ['+ and %', 'a+b%20c%2Fd%'],
      ['other signs', 'a&b=c?d#e;f:g@h,i$j~k!l*m(n)o\'p"q<r>s|t\\u^v`w{x}y[z]'],
      ['more than ASCII', 'ünïcödé/漢字/\u{1F600}'],
      ['é composed', 'caf\u00e9'],
      ['é decomposed', 'cafe\u0301'],
      ['slashes', 'slashes//double/./dots/../up/'],
      ['a slash at its end', 'trailing/'],
      ['a slash at its beginning', '/leading'],
    ])('takes a key with %s as it is', async (_, odd) => {
      await taken(`${fresh()}${odd}`);
    });

    it('takes a key of 1,024 bytes', async () => {
      await taken(longest(fresh()));
    });

    it('keeps apart two spellings of one text', async () => {
      const prefix = fresh();
      await write(`${prefix}caf\u00e9`, 'composed');
      await write(`${prefix}cafe\u0301`, 'decomposed');
      expect(await bytesOf(await present(`${prefix}caf\u00e9`))).toBe('composed');
      expect(await keysOf(prefix, null)).toEqual([`${prefix}cafe\u0301`, `${prefix}caf\u00e9`]);
    });

    async function taken(key: string): Promise<void> {
      const object = await write(key, `body of ${key}`);
      expect(object.key).toBe(key);
      const found = await present(key);
      expect(found.key).toBe(key);
      expect(await bytesOf(found)).toBe(`body of ${key}`);
      expect(await keysOf(key, null)).toEqual([key]);
      expect(await bucket.history(key, 5)).toMatchObject({ deaths: [] });
      const restamped = objectOf(await bucket.restamp(found, target(key, { stamp: '1 s 1 v 1 d' })));
      expect(await bucket.keepAside(restamped, `aside/${createHash('sha256').update(key).digest('hex')}`)).toEqual({
        kind: 'kept',
      });
      const ref = await upload(key);
      const one = await part(ref, 1, Buffer.from('large'));
      const large = objectOf(await bucket.complete(ref, target(key), [one], whole([one]), at(restamped)));
      expect(await bytesOf(large)).toBe('large');
      expect(await bucket.remove(large)).toEqual({ kind: 'removed' });
      expect((await bucket.look(key)).kind).toBe('absent');
    }
  });

  describe('a service that does not answer', () => {
    it('is never taken for an answer, and nothing is retried below the port', async () => {
      const prefix = fresh();
      const key = `${prefix}there`;
      const object = await write(key, 'x');
      const ref = await upload(`${prefix}large`);
      const bytes = Buffer.from('y');
      subject.breakDown();
      try {
        const calls: (() => Promise<unknown>)[] = [
          () => bucket.look(key),
          () => bucket.look(`${prefix}nothing`),
          () => bytesOf(object),
          () => bucket.fetch(key, object),
          () => bucket.write(target(`${prefix}new`), bytes, sumOf(bytes), absent),
          () =>
            bucket
              .begin(target(`${prefix}other`), 'other')
              .then((other) => bucket.writePart(other, 1, 1, piecesOf(bytes), () => sumOf(bytes))),
          () => bucket.writePart(ref, 1, 1, piecesOf(bytes), () => sumOf(bytes)),
          () => bucket.parts(ref),
          () => bucket.complete(ref, target(`${prefix}large`), [], 'AAAAAA==', absent),
          () => bucket.restamp(object, target(key)),
          () => bucket.keepAside(object, `${prefix}aside`),
          () => bucket.remove(object),
          () => listed(prefix, null),
          ...(versioned ? [() => bucket.history(key, 5)] : []),
        ];
        for (const call of calls) {
          const thrown = await call().then(
            () => null,
            (error: unknown) => error,
          );
          expect(thrown, call.toString()).toBeInstanceOf(BucketUnavailable);
        }
      } finally {
        subject.heal();
      }
      expect(await present(key)).toEqual(object);
      expect(await keysOf(prefix, null)).toEqual([key]);
      await bucket.abort(ref);
    });
  });
}

async function raced<T>(write: (writer: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
}

function onlyWinner(results: readonly ObjectWriteResult[]): number {
  const winners = results.flatMap((result, writer) => (result.kind === 'written' ? [writer] : []));
  expect(winners).toHaveLength(1);
  return winners[0]!;
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 64 * 1024) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 64 * 1024);
  }
}
