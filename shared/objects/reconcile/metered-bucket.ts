// A bucket whose requests are counted, and that is not written to when a run goes the other way.
import type { ObjectBucket, ObjectFetch, ObjectReadResult } from '../../ports/object-bucket.ts';
import type { Usage } from './cost.ts';

/** A run in one direction wanted to write to the other side: nothing was changed. */
export class Withheld extends Error {
  override readonly name = 'Withheld';
}

/** Adds to `usage` what each call is charged as; a call of the port counts as one request. `mayWrite: false`: writes throw `Withheld`. */
export function createMeteredBucket(bucket: ObjectBucket, usage: Usage, mayWrite: boolean): ObjectBucket {
  const counted = <Result>(kind: 'write' | 'read', call: () => Promise<Result>): Promise<Result> => {
    usage[kind] += 1;
    return call();
  };
  const changing = async <Result>(kind: 'write' | 'remove', call: () => Promise<Result>): Promise<Result> => {
    if (!mayWrite) throw new Withheld(`${bucket.name} is not written to in this direction`);
    usage[kind] += 1;
    return call();
  };
  return {
    name: bucket.name,
    traits: () => bucket.traits(),
    look: (...about) => counted('read', () => bucket.look(...about)),
    history: (...about) => counted('write', () => bucket.history(...about)),
    fetch: async (...about) => meteredWhole(await counted('read', () => bucket.fetch(...about)), usage),
    read: async (...about) => metered(await counted('read', () => bucket.read(...about)), usage),
    write: (...what) => changing('write', () => bucket.write(...what)),
    begin: (...what) => changing('write', () => bucket.begin(...what)),
    writePart: (...what) => changing('write', () => bucket.writePart(...what)),
    parts: (...about) => counted('write', () => bucket.parts(...about)),
    complete: (...what) => changing('write', () => bucket.complete(...what)),
    abort: (...what) => changing('remove', () => bucket.abort(...what)),
    restamp: (...what) => changing('write', () => bucket.restamp(...what)),
    keepAside: (...what) => changing('write', () => bucket.keepAside(...what)),
    remove: (...what) => changing('remove', () => bucket.remove(...what)),
    async *list(prefix, startAfter) {
      for await (const page of bucket.list(prefix, startAfter)) {
        usage.write += 1;
        yield page;
      }
    },
  };
}

/** Bytes are counted as they leave, whether or not they are wanted to their end. */
function metered(read: ObjectReadResult, usage: Usage): ObjectReadResult {
  if (read.kind === 'gone') return read;
  const { bytes } = read;
  return {
    kind: 'bytes',
    bytes: (async function* () {
      for await (const piece of bytes) {
        usage.outBytes += piece.byteLength;
        yield piece;
      }
    })(),
  };
}

function meteredWhole(fetched: ObjectFetch, usage: Usage): ObjectFetch {
  if (fetched.kind !== 'present') return fetched;
  const { body } = fetched;
  const whole = async () => {
    const bytes = await body.whole();
    usage.outBytes += bytes.byteLength;
    return bytes;
  };
  return { ...fetched, body: { ...body, whole } };
}
