// A store in memory that is a fixed time away on the real clock, and that may be silent or take one write a second.
import { systemClock } from '../../shared/engine/system.ts';
import { type ObjectStore, StoreUnavailable } from '../../shared/ports/object-store.ts';
import { createFakeBucket, createFakeObjectStore } from '../support/fake-object-store.ts';

export type Distance = {
  name: string;
  roundTripSeconds: number;
  /** Nobody answers: a call ends after this long, without an answer. Null: it lives. */
  silentForSeconds: number | null;
  /** A second write of one object within a second is throttled, as Cloud Storage does. */
  limitsWrites: boolean;
};

const restSeconds = 1;

export function createDistantStore({ name, roundTripSeconds, silentForSeconds, limitsWrites }: Distance): ObjectStore {
  const near = createFakeObjectStore({
    name,
    bucket: createFakeBucket('unique'),
    clock: systemClock,
    faults: () => null,
  });
  const wroteSeconds = new Map<string, number>();

  async function travel<T>(work: () => Promise<T>): Promise<T> {
    if (silentForSeconds !== null) {
      await systemClock.sleep(silentForSeconds);
      throw new StoreUnavailable(name, 'time-out', `no answer within ${silentForSeconds} s`);
    }
    await systemClock.sleep(roundTripSeconds / 2);
    const answer = await work().then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    // What goes wrong there is as far away as what goes well.
    await systemClock.sleep(roundTripSeconds / 2);
    return answer();
  }

  return {
    name,
    get: (key) => travel(() => near.get(key)),
    put: (key, body, options) =>
      travel(async () => {
        const now = systemClock.elapsedSeconds();
        if (limitsWrites && now - (wroteSeconds.get(key) ?? Number.NEGATIVE_INFINITY) < restSeconds)
          throw new StoreUnavailable(name, 'throttled', `429: ${key} was written less than ${restSeconds} s ago`);
        const result = await near.put(key, body, options);
        if (result.kind === 'written') wroteSeconds.set(key, now);
        return result;
      }),
    list: (prefix, options) => travel(() => near.list(prefix, options)),
    remove: (key) => travel(() => near.remove(key)),
  };
}
