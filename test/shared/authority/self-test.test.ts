// The self-test of a store: it tells one that keeps conditions from one that does not, also where changes are taken once a second.
import { describe, expect, it } from 'vitest';
import { testConditionalWrites } from '../../../shared/authority/self-test.ts';
import { type ObjectStore, StoreUnavailable } from '../../../shared/ports/object-store.ts';
import { createFakeBucket, createFakeObjectStore } from '../../support/fake-object-store.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { seededChance } from '../../support/virtual-time.ts';

function world() {
  const clock = createManualClock();
  const bucket = createFakeBucket('unique');
  const store = createFakeObjectStore({ name: 'gcs', bucket, clock, faults: () => null });
  return { clock, bucket, store, chance: seededChance(1) };
}

describe('the self-test of a store', () => {
  it('is passed by a store that takes one change of an object a second, as Cloud Storage does', async () => {
    const { clock, bucket, store, chance } = world();
    let changedAt = Number.NEGATIVE_INFINITY;
    const limited = async <T>(change: () => Promise<T>): Promise<T> => {
      if (clock.elapsedSeconds() - changedAt < 1)
        throw new StoreUnavailable('gcs', 'throttled', 'exceeded the rate limit for object mutation operations');
      changedAt = clock.elapsedSeconds();
      return change();
    };
    const slow: ObjectStore = {
      ...store,
      put: (...given) => limited(() => store.put(...given)),
      remove: (key) => limited(() => store.remove(key)),
    };
    expect(await testConditionalWrites(slow, chance, clock)).toEqual({ kind: 'sound' });
    expect([...bucket.objects.keys()]).toEqual([]);
  });

  it('finds a store that ignores conditions', async () => {
    const { clock, store, chance } = world();
    const careless: ObjectStore = {
      ...store,
      put: (key, body, options) => store.put(key, body, { ...options, condition: { kind: 'none' } }),
    };
    expect(await testConditionalWrites(careless, chance, clock)).toMatchObject({
      kind: 'unsound',
      because: expect.stringContaining('gcs created an object that existed already'),
    });
  });

  it('says nothing of a store that does not answer', async () => {
    const { clock, store, chance } = world();
    const gone = () => Promise.reject(new StoreUnavailable('gcs', 'time-out', 'no answer within 2 s'));
    await expect(testConditionalWrites({ ...store, put: gone, remove: gone }, chance, clock)).rejects.toThrow(
      'no answer within 2 s',
    );
    expect(clock.elapsedSeconds()).toBe(0);
  });
});
