// Finds a store that ignores the conditions of a write: the register would silently lose its promise there.
import type { Chance, Clock } from '../ports/clock.ts';
import { type ObjectStore, type PutOptions, StoreUnavailable } from '../ports/object-store.ts';

export type StoreVerdict = { kind: 'sound' } | { kind: 'unsound'; because: string };

/** Cloud Storage takes about one change of an object a second, and says so: it is asked again after a little more. */
const restSeconds = 1.2;
const triesEach = 3;

/**
 * Writes a scratch object under three conditions that must hold or fail. Throws `StoreUnavailable` when the store does
 * not answer, which says nothing about its soundness. Run at start and once a day.
 */
export async function testConditionalWrites(store: ObjectStore, chance: Chance, clock: Clock): Promise<StoreVerdict> {
  const key = `register/self-test-${chance.id()}.json`;
  const put = (condition: PutOptions['condition']) =>
    patiently(clock, () =>
      store.put(key, JSON.stringify({ nonce: chance.id() }), {
        condition,
        contentType: 'application/json',
        cacheControl: null,
      }),
    );
  try {
    const first = await put({ kind: 'absent' });
    if (first.kind !== 'written') return unsound(store, 'refused to create an object that did not exist');
    if ((await put({ kind: 'absent' })).kind === 'written')
      return unsound(store, 'created an object that existed already');
    const second = await put({ kind: 'version', version: first.version });
    if (second.kind !== 'written') return unsound(store, 'refused to write over the version that it had just answered');
    const stale = await put({ kind: 'version', version: first.version });
    if (stale.kind === 'written') return unsound(store, 'wrote over a version that was no longer there');
    return { kind: 'sound' };
  } finally {
    await patiently(clock, () => store.remove(key));
  }
}

/** A throttled change was not made, so that it may be asked for again. */
async function patiently<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      const throttled = error instanceof StoreUnavailable && error.reason === 'throttled';
      if (!throttled || tried === triesEach) throw error;
      await clock.sleep(restSeconds);
    }
  }
}

function unsound(store: ObjectStore, what: string): StoreVerdict {
  return {
    kind: 'unsound',
    because: `${store.name} ${what}. It cannot hold the register: use a store with conditional writes (S3 If-Match, GCS ifGenerationMatch).`,
  };
}
