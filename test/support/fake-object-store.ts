// An object store in memory, with faults on demand: for tests and for the simulation, where time and chance are arguments.
import type { Clock } from '../../shared/ports/clock.ts';
import {
  type ObjectStore,
  type PutOptions,
  type PutResult,
  StoreUnavailable,
} from '../../shared/ports/object-store.ts';

type StoreCall = { operation: 'get' | 'put' | 'list' | 'remove'; key: string };

/** Gives each call a fault, or null to let it pass. */
export type StoreFaults = (call: StoreCall) => StoreFault | null;

export type StoreFault =
  /** Throws; nothing was done. The caller cannot tell this from the next. */
  | { kind: 'unknown-before' }
  /** Throws, though the write took effect. */
  | { kind: 'unknown-after' }
  /** Throws: too many calls, and nothing was done. */
  | { kind: 'throttled' }
  /** A put with a condition is answered `conflict`, and nothing was done: S3's 409. Other calls pass. */
  | { kind: 'conflict' }
  /** Held back by the clock, before the effect or after it. */
  | { kind: 'delay'; at: 'before' | 'after'; seconds: number };

type Stored = { body: string; version: string; cacheControl: string | null };

export type FakeBucket = {
  /** What is there, for a test to look at or to tamper with. */
  readonly objects: Map<string, Stored>;
  nextVersion(body: string): string;
};

/**
 * What several stores share when they stand for several processes looking at one bucket. Versions of `content` are equal for equal
 * bodies, as S3's ETags are; `unique` ones are never given out twice, as GCS's generations.
 */
export function createFakeBucket(versionsAre: 'content' | 'unique'): FakeBucket {
  let writes = 0;
  return {
    objects: new Map(),
    // The body itself stands for its digest: equal exactly when the bodies are.
    nextVersion: (body) => (versionsAre === 'content' ? `etag:${body}` : String(++writes)),
  };
}

export type FakeStoreOptions = { name: string; bucket: FakeBucket; clock: Clock; faults: StoreFaults };

/** One process's view of a bucket: each may have its own faults. */
export function createFakeObjectStore({ name, bucket, clock, faults }: FakeStoreOptions): ObjectStore {
  async function call<T>(what: StoreCall, effect: () => T, conflict: (() => T) | null): Promise<T> {
    const fault = faults(what);
    // Every real call gives the others a turn.
    await Promise.resolve();
    if (fault?.kind === 'unknown-before') throw lost(what);
    if (fault?.kind === 'throttled') throw new StoreUnavailable(name, 'throttled', `429: slow down with ${what.key}`);
    if (fault?.kind === 'conflict' && conflict !== null) return conflict();
    if (fault?.kind === 'delay' && fault.at === 'before') await clock.sleep(fault.seconds);
    const answer = effect();
    if (fault?.kind === 'unknown-after') throw lost(what);
    if (fault?.kind === 'delay' && fault.at === 'after') await clock.sleep(fault.seconds);
    return answer;
  }
  const lost = ({ operation, key }: StoreCall) =>
    new StoreUnavailable(name, 'time-out', `${operation} ${key} was not answered (a fault of the test)`);

  return {
    name,
    get: (key) =>
      call(
        { operation: 'get', key },
        () => {
          const found = bucket.objects.get(key);
          return found ? { body: found.body, version: found.version } : null;
        },
        null,
      ),
    put: (key, body, options) =>
      call(
        { operation: 'put', key },
        () => write(bucket, key, body, options),
        options.condition.kind === 'none' ? null : (): PutResult => ({ kind: 'conflict' }),
      ),
    list: (prefix, { startAfter, limit }) =>
      call({ operation: 'list', key: prefix }, () => listed(bucket, prefix, startAfter).slice(0, limit), null),
    remove: (key) =>
      call(
        { operation: 'remove', key },
        () => {
          bucket.objects.delete(key);
        },
        null,
      ),
  };
}

function write(bucket: FakeBucket, key: string, body: string, { condition, cacheControl }: PutOptions): PutResult {
  const found = bucket.objects.get(key);
  if (condition.kind === 'absent' && found) return { kind: 'conflict' };
  if (condition.kind === 'version' && found?.version !== condition.version) return { kind: 'conflict' };
  const version = bucket.nextVersion(body);
  bucket.objects.set(key, { body, version, cacheControl });
  return { kind: 'written', version };
}

function listed(bucket: FakeBucket, prefix: string, startAfter: string | null): string[] {
  const bytes = (text: string) => Buffer.from(text, 'utf8');
  return [...bucket.objects.keys()]
    .filter((key) => key.startsWith(prefix))
    .filter((key) => startAfter === null || Buffer.compare(bytes(key), bytes(startAfter)) > 0)
    .sort((one, other) => Buffer.compare(bytes(one), bytes(other)));
}
