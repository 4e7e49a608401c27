// The fake bucket of large objects: in the manner of either service it keeps the contract of the real ones, and its faults do what they say.
import { describe, expect, it } from 'vitest';
import { noAttributes } from '../../shared/model/replica.ts';
import { crc32c, crc32cText } from '../../shared/objects/crc32c.ts';
import { objectBucketContract } from '../contract/object-bucket.ts';
import { type BucketFault, createFakeObjectBucket } from './fake-object-bucket.ts';
import { createFakeObjectState } from './fake-object-state.ts';
import { createManualClock } from './manual-clock.ts';

function open(service: 's3' | 'gcs', versioned: boolean, pageSize: number) {
  const state = createFakeObjectState({ service, versioned, nowMillis: Date.now, onEvent: () => {} });
  let fault: BucketFault | null = null;
  const clock = createManualClock();
  const client = () =>
    createFakeObjectBucket({
      name: service,
      state,
      clock,
      faults: () => fault,
      pageSize,
      traits: { minPartBytes: 1 },
      keep: 'bytes',
    });
  return {
    state,
    clock,
    client,
    set: (next: BucketFault | null) => {
      fault = next;
    },
  };
}

for (const service of ['s3', 'gcs'] as const) {
  objectBucketContract(`the fake in the manner of ${service}`, async ({ versioned, pageSize }) => {
    const { client, set } = open(service, versioned, pageSize);
    return {
      bucket: client(),
      another: client,
      breakDown: () => set({ kind: 'unknown-before' }),
      heal: () => set(null),
      close: async () => {},
    };
  });
}

describe('faults of the fake', () => {
  const bytes = Buffer.from('bytes');
  const write = (world: ReturnType<typeof open>) =>
    world.client().write({ key: 'key', attributes: noAttributes, stamp: null }, bytes, crc32cText(crc32c(bytes)), {
      kind: 'absent',
    });

  it('throws before or after the write took effect', async () => {
    for (const [kind, there] of [
      ['unknown-before', false],
      ['unknown-after', true],
    ] as const) {
      const world = open('gcs', true, 10);
      world.set({ kind });
      await expect(write(world)).rejects.toMatchObject({ name: 'BucketUnavailable', reason: 'time-out' });
      expect(world.state.live('key') !== null).toBe(there);
    }
  });

  it('answers a conflict though the condition held, and does nothing', async () => {
    const world = open('s3', false, 10);
    world.set({ kind: 'conflict' });
    expect(await write(world)).toEqual({ kind: 'conflict' });
    expect(world.state.live('key')).toBeNull();
  });

  it('damages bytes on their way, so that the checksum tells', async () => {
    const world = open('s3', false, 10);
    world.set({ kind: 'damaged' });
    expect((await write(world)).kind).toBe('corrupt');
    expect(world.state.live('key')).toBeNull();
  });

  it('never answers a process that has ended, whether or not the service did what it asked for', async () => {
    for (const [at, there] of [
      ['before', false],
      ['after', true],
    ] as const) {
      const world = open('s3', true, 10);
      world.set({ kind: 'dies', at });
      const heard = await Promise.race([write(world).then(() => 'an answer'), soon()]);
      expect(heard).toBe('nothing');
      expect(world.state.live('key') !== null).toBe(there);
    }
  });

  it('holds back by the clock that it was given', async () => {
    const world = open('s3', true, 10);
    world.set({ kind: 'delay', at: 'before', seconds: 7 });
    await write(world);
    expect(world.clock.elapsedSeconds()).toBe(7);
  });

  async function soon(): Promise<string> {
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    return 'nothing';
  }
});
