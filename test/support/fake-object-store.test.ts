// The fake object store: it keeps the contract of the real ones, and its faults do what they say.
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../shared/ports/clock.ts';
import { objectStoreContract } from '../contract/object-store.ts';
import { createFakeBucket, createFakeObjectStore, type StoreFault } from './fake-object-store.ts';

const sleeps: number[] = [];
const clock: Clock = {
  now: () => new Date(0),
  elapsedSeconds: () => 0,
  sleep: async (seconds) => {
    sleeps.push(seconds);
  },
};

for (const versionsAre of ['content', 'unique'] as const) {
  const start = async () => {
    const bucket = createFakeBucket(versionsAre);
    return {
      store: createFakeObjectStore({ name: 'fake', bucket, clock, faults: () => null }),
      cacheControlOf: async (key: string) => bucket.objects.get(key)?.cacheControl ?? null,
      close: async () => {},
    };
  };
  objectStoreContract(`the fake with versions of ${versionsAre}`, start, versionsAre);
}

describe('faults of the fake', () => {
  const options = { condition: { kind: 'absent' }, contentType: 'text/plain', cacheControl: null } as const;
  const withFault = (fault: StoreFault) => {
    const bucket = createFakeBucket('unique');
    return { bucket, store: createFakeObjectStore({ name: 'fake', bucket, clock, faults: () => fault }) };
  };

  it('throws before or after the write took effect', async () => {
    for (const [kind, objects] of [
      ['unknown-before', 0],
      ['unknown-after', 1],
    ] as const) {
      const { bucket, store } = withFault({ kind });
      await expect(store.put('key', 'x', options)).rejects.toMatchObject({ name: 'StoreUnavailable', store: 'fake' });
      expect(bucket.objects.size).toBe(objects);
    }
  });

  it('answers a conflict without a reason to a conditional write only', async () => {
    const { bucket, store } = withFault({ kind: 'conflict' });
    expect(await store.put('key', 'x', options)).toEqual({ kind: 'conflict' });
    expect(bucket.objects.size).toBe(0);
    expect((await store.put('key', 'x', { ...options, condition: { kind: 'none' } })).kind).toBe('written');
  });

  it('holds back by the clock that it was given', async () => {
    await withFault({ kind: 'delay', at: 'after', seconds: 7 }).store.get('key');
    expect(sleeps).toEqual([7]);
  });
});
