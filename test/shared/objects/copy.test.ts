// Copies: whole or not at all, resumed by whoever comes next, in a memory that does not grow with the object.
import { beforeEach, describe, expect, it } from 'vitest';
import { noAttributes, type ObjectVersion } from '../../../shared/model/replica.ts';
import { copyObject } from '../../../shared/objects/copy.ts';
import type { CopyLimits, CopyWork } from '../../../shared/objects/copy-work.ts';
import { crc32c, crc32cText, joinCrc32c } from '../../../shared/objects/crc32c.ts';
import { defaultLimits } from '../../../shared/objects/replicate.ts';
import { createRoom } from '../../../shared/objects/slots.ts';
import { identify } from '../../../shared/objects/stamp.ts';
import type { ObjectBucket } from '../../../shared/ports/object-bucket.ts';
import { type BucketCall, type BucketFault, createFakeObjectBucket } from '../../support/fake-object-bucket.ts';
import {
  type Content,
  contentOf,
  createFakeObjectState,
  type FakeObjectState,
} from '../../support/fake-object-state.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const limits: CopyLimits = { smallBytes: 10, partBytes: 10, parallelParts: 2 };
const key = 'a/large one';
const body = Buffer.from('0123456789abcdefghijABCDEFGHIJ+the rest');

type World = ReturnType<typeof openWorld>;

function openWorld() {
  const clock = createManualClock();
  const calls: string[] = [];
  let fault: (call: BucketCall) => BucketFault | null = () => null;
  const state = (service: 's3' | 'gcs') =>
    createFakeObjectState({ service, versioned: true, nowMillis: () => clock.now().getTime(), onEvent: () => {} });
  const [left, right] = [state('s3'), state('gcs')];
  const open = (name: string, of: FakeObjectState): ObjectBucket =>
    createFakeObjectBucket({
      name,
      state: of,
      clock,
      faults: (call) => {
        calls.push(`${name} ${call.operation}`);
        return fault(call);
      },
      pageSize: 10,
      traits: { minPartBytes: 1 },
      keep: 'bytes',
    });
  return {
    clock,
    calls,
    left,
    right,
    source: open('left', left),
    destination: open('right', right),
    fail: (next: typeof fault) => {
      fault = next;
    },
  };
}

function put(state: FakeObjectState, content: Content, checksummed = true): ObjectVersion {
  const details = {
    attributes: { ...noAttributes, contentType: 'text/plain' },
    stamp: null,
    parts: null,
    datedMillis: 1_795_000_000_000,
  };
  return state.put(key, content, { ...details, checksummed });
}

function workOf(world: World, object: ObjectVersion): CopyWork {
  const { source, destination } = world;
  const { origin } = identify(object, 'left');
  const condition = { kind: 'absent' } as const;
  return { source, destination, object, attributes: object.attributes, origin, condition, body: null };
}

function copy(world: World, object: ObjectVersion, untilSeconds = Number.POSITIVE_INFINITY) {
  return copyObject(workOf(world, object), { clock: world.clock, limits, room: createRoom(2 ** 25), untilSeconds });
}

function bodyAtRight({ right }: World): string | null {
  const live = right.live(key);
  return live && Buffer.concat([...live.content.chunks(0, live.content.sizeBytes)]).toString();
}

/** Only what is left behind; records below `.causeway/` are removed when a copy is done. */
const leftovers = ({ right }: World) =>
  [...right.entries.keys()].filter((name) => right.live(name) !== null && name !== key);

describe('a copy', () => {
  let world: World;
  beforeEach(() => {
    world = openWorld();
  });

  it('of a small object costs one read and one write', async () => {
    const object = put(world.left, contentOf(body.subarray(0, 10)));
    expect(await copy(world, object)).toMatchObject({
      kind: 'copied',
      object: { sizeBytes: 10, crc32c: object.crc32c },
    });
    expect(world.calls).toEqual(['left read', 'right write']);
  });

  it.each([1, 10, 11, 20, 21, 30, 39])(
    'of %i bytes arrives whole, stamped, and leaves nothing behind',
    async (size) => {
      const object = put(world.left, contentOf(body.subarray(0, size)));
      expect((await copy(world, object)).kind).toBe('copied');
      expect(bodyAtRight(world)).toBe(body.subarray(0, size).toString());
      const replica = world.right.live(key)!.version;
      expect(identify(replica, 'right')).toEqual({ origin: identify(object, 'left').origin, native: false });
      expect(replica.attributes.contentType).toBe('text/plain');
      expect(leftovers(world)).toEqual([]);
      expect(world.right.uploads.size).toBe(0);
    },
  );

  it('that runs out of time is gone on with by the next call, which writes no part again', async () => {
    const object = put(world.left, contentOf(body));
    world.fail(({ operation }) => {
      if (operation === 'writePart') world.clock.advance(1);
      return null;
    });
    const first = await copy(world, object, world.clock.elapsedSeconds() + 3);
    expect(first).toMatchObject({ kind: 'unfinished', bytes: 39 });
    expect(world.right.live(key)).toBeNull();
    const had = [...world.right.uploads.values()][0]!.parts.size;
    expect(had).toBeGreaterThan(0);
    world.calls.length = 0;
    world.fail(() => null);
    expect((await copy(world, object)).kind).toBe('copied');
    expect(world.calls.filter((call) => call === 'right writePart')).toHaveLength(4 - had);
    expect(bodyAtRight(world)).toBe(body.toString());
  });

  it('whose process ends in the middle is gone on with by another', async () => {
    const object = put(world.left, contentOf(body));
    let parts = 0;
    world.fail(({ operation }) => (operation === 'writePart' && ++parts > 2 ? { kind: 'dies', at: 'after' } : null));
    void copy(world, object);
    for (let turn = 0; turn < 200; turn++) await Promise.resolve();
    world.fail(() => null);
    world.calls.length = 0;
    expect((await copy(world, object)).kind).toBe('copied');
    expect(world.calls.filter((call) => call === 'right writePart')).toHaveLength(0);
    expect(bodyAtRight(world)).toBe(body.toString());
  });

  it('made twice at once is one object, whichever of the two was first', async () => {
    const object = put(world.left, contentOf(body));
    const results = await Promise.all([copy(world, object), copy(world, object)]);
    expect(results.map(({ kind }) => kind).sort()).toEqual(expect.arrayContaining(['copied']));
    expect(bodyAtRight(world)).toBe(body.toString());
    expect(world.right.uploads.size).toBe(0);
  });

  it('is a conflict when somebody has written there, and what was uploaded is cleared away', async () => {
    const object = put(world.left, contentOf(body));
    put(world.right, contentOf(Buffer.from('a user was first')));
    expect(await copy(world, object)).toEqual({ kind: 'conflict' });
    expect(bodyAtRight(world)).toBe('a user was first');
    expect(leftovers(world)).toEqual([]);
    expect(world.right.uploads.size).toBe(0);
  });

  it.each([10, 39])('of %i bytes whose checksum is not that of what was read never becomes visible', async (size) => {
    const object = put(world.left, contentOf(body.subarray(0, size)));
    const wrong = { ...object, crc32c: crc32cText(crc32c(Buffer.from('other'))) };
    const result = await copy(world, wrong);
    expect(result).toMatchObject({
      kind: 'corrupt',
      because: expect.stringContaining(`left tells CRC32C ${wrong.crc32c}`),
    });
    expect(world.right.live(key)).toBeNull();
    expect(world.right.uploads.size).toBe(0);
  });

  it('of an object without CRC32C is checked by its MD5', async () => {
    const object = put(world.left, contentOf(body.subarray(0, 10)), false);
    world.fail(({ operation }) => (operation === 'read' ? { kind: 'damaged' } : null));
    expect(await copy(world, object)).toMatchObject({ kind: 'corrupt', because: expect.stringContaining('tells MD5') });
  });

  it('tries a part again that was damaged on its way', async () => {
    const object = put(world.left, contentOf(body));
    let parts = 0;
    world.fail(({ operation }) => (operation === 'writePart' && ++parts === 2 ? { kind: 'damaged' } : null));
    expect((await copy(world, object)).kind).toBe('copied');
    expect(parts).toBe(5);
    expect(bodyAtRight(world)).toBe(body.toString());
  });

  it('of a version that is gone asks for another look', async () => {
    const object = put(world.left, contentOf(body));
    world.left.entries.delete(key);
    expect(await copy(world, object)).toEqual({ kind: 'gone' });
    expect(world.right.uploads.size).toBe(0);
  });

  it('says what to do where the destination wants a stamp that nobody can write yet', async () => {
    const object = put(world.left, contentOf(body), false);
    const destination: ObjectBucket = {
      ...world.destination,
      traits: async () => ({ ...(await world.destination.traits()), largeStampedAt: 'begin' }),
    };
    const result = await copyObject(
      { ...workOf(world, object), destination },
      { clock: world.clock, limits, room: createRoom(2 ** 25), untilSeconds: 1e9 },
    );
    expect(result).toMatchObject({ kind: 'impossible', because: expect.stringContaining('have it computed') });
  });
});

describe('the time of a small copy', () => {
  it('is not begun when the time is over, and writes nothing when it is over after the reading', async () => {
    const world = openWorld();
    const object = put(world.left, contentOf(body.subarray(0, 10)));
    const reads: string[] = [];
    world.fail(({ operation }) => {
      reads.push(operation);
      if (operation === 'read') world.clock.advance(5);
      return null;
    });
    const now = world.clock.elapsedSeconds();
    const unfinished = { kind: 'unfinished', bytes: 10, doneBytes: 0 };
    expect(await copy(world, object, now)).toEqual(unfinished);
    expect(reads).toEqual([]);
    expect(await copy(world, object, now + 5)).toEqual(unfinished);
    expect(reads).toEqual(['read']);
    expect(world.right.live(key)).toBeNull();
    expect((await copy(world, object, now + 11)).kind).toBe('copied');
  });
});

describe('the memory of a copy', () => {
  const mebibyte = 1024 ** 2;

  it('is no more than there is room for, whatever sizes come together, with bytes under way and without', async () => {
    const world = openWorld();
    const object = put(world.left, contentOf(body.subarray(0, 10)));
    const room = createRoom(25);
    let held = 0;
    let most = 0;
    const taken = async () => {
      held += object.sizeBytes;
      most = Math.max(most, held);
      await Promise.resolve();
      return Buffer.from(body.subarray(0, 10));
    };
    const source: ObjectBucket = {
      ...world.source,
      read: async () => ({
        kind: 'bytes',
        bytes: (async function* () {
          yield await taken();
        })(),
      }),
    };
    const destination: ObjectBucket = {
      ...world.destination,
      async write() {
        await Promise.resolve();
        held -= object.sizeBytes;
        return { kind: 'conflict' };
      },
    };
    let dropped = 0;
    const under = () => ({ whole: taken, drop: () => void dropped++ });
    const copies = Array.from({ length: 12 }, (_, index) =>
      copyObject(
        { ...workOf(world, object), source, destination, body: index % 2 === 0 ? under() : null },
        { clock: world.clock, limits, room, untilSeconds: 1e9 },
      ),
    );
    expect((await Promise.all(copies)).map(({ kind }) => kind)).toEqual(Array(12).fill('conflict'));
    expect(most).toBe(20);
    // Who had its bytes under way and found no room gave its connection back, and read once more.
    expect(dropped).toBeGreaterThan(0);
    expect(room.takeNow(25)).not.toBeNull();
  });

  it('stays far below one part of it, for an object of more than 2 GiB', async () => {
    const world = openWorld();
    const chunk = Buffer.alloc(mebibyte, 'the same again');
    const sizeBytes = 2 ** 31 + mebibyte;
    let sum = 0;
    for (let at = 0; at < sizeBytes; at += mebibyte) sum = joinCrc32c(sum, crc32c(chunk), mebibyte);
    // Each chunk is memory of its own, as what comes from a network is.
    const content: Content = {
      sizeBytes,
      crc32c: crc32cText(sum),
      md5: null,
      chunks: function* (startByte, endByte) {
        for (let at = startByte; at < endByte; at += mebibyte) yield Buffer.from(chunk);
      },
    };
    const object = put(world.left, content);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const taken = new Map<number, number>();
    const destination: ObjectBucket = {
      ...world.destination,
      async writePart(_, number, partBytes, bytes, partSum) {
        for await (const piece of bytes) {
          taken.set(number, (taken.get(number) ?? 0) + piece.length);
          most = Math.max(most, process.memoryUsage().arrayBuffers - before);
        }
        return { kind: 'written', part: { number, sizeBytes: partBytes, crc32c: partSum(), tag: String(number) } };
      },
      complete: async (_, target, parts, whole) => {
        expect(whole).toBe(content.crc32c);
        expect(parts.reduce((total, part) => total + part.sizeBytes, 0)).toBe(sizeBytes);
        return { kind: 'written', object: { ...object, stamp: target.stamp } };
      },
    };
    const large = { ...defaultLimits, partBytes: 512 * mebibyte };
    const result = await copyObject(
      { ...workOf(world, object), destination },
      { clock: world.clock, limits: large, room: createRoom(2 ** 25), untilSeconds: 1e9 },
    );
    expect(result.kind).toBe('copied');
    expect([...taken.values()].reduce((total, one) => total + one, 0)).toBe(sizeBytes);
    expect(most).toBeLessThan(200 * mebibyte);
  }, 60_000);
});
