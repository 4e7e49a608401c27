// The baseline: every key that was alike on both sides at the end of the last whole comparison, as sorted chunks and a pointer to them.
import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { canonicalJson } from '../../model/canonical-json.ts';
import type { BucketPair } from '../../model/replica.ts';
import { type ObjectStore, StoreUnavailable } from '../../ports/object-store.ts';
import { type AgreedKey, agreedLine, parseAgreedLine } from './agreed.ts';
import { compareKeys } from './key-order.ts';

export const Chunk = z.object({ key: z.string(), rows: z.int(), lastKey: z.string() });
export type Chunk = z.infer<typeof Chunk>;

export const BaselinePointer = z.object({
  schema: z.literal(1),
  buckets: z.tuple([z.string(), z.string()]),
  run: z.string(),
  finishedAt: z.string(),
  rows: z.int(),
  chunks: z.array(Chunk),
});
export type BaselinePointer = z.infer<typeof BaselinePointer>;

/** A pointer with the version that the next one replaces. */
export type FoundBaseline = { pointer: BaselinePointer; version: string };

/** A few hundred bytes a row: what a chunk takes in memory while it is read or written. */
const CHUNK_ROWS = 10_000;

const MOST_CLEARED = 10_000;

const pointerKey = (pair: string) => `.causeway/baseline/${pair}/current.json`;

/** Null: the pair was never compared to its end. Throws `StoreUnavailable`, and an error when it is not one that this version reads. */
export async function findBaseline(store: ObjectStore, pair: string): Promise<FoundBaseline | null> {
  const found = await store.get(pointerKey(pair));
  if (found === null) return null;
  try {
    return { pointer: BaselinePointer.parse(JSON.parse(found.body)), version: found.version };
  } catch (cause) {
    throw new Error(`${store.name}: ${pointerKey(pair)} is not a baseline that this version can read`, { cause });
  }
}

/** Of other buckets than these two it says nothing. */
export function speaksOf({ pointer }: FoundBaseline, pair: BucketPair): boolean {
  return pair.buckets.every(({ bucket }, index) => pointer.buckets[index] === bucket);
}

/** Its rows after a key and below a prefix, a chunk at a time. Throws when a chunk is missing or damaged. */
export async function* readBaseline(
  store: ObjectStore,
  { chunks }: BaselinePointer,
  { prefix, startAfter }: { prefix: string; startAfter: string | null },
): AsyncGenerator<AgreedKey[]> {
  const from = startAfter !== null && compareKeys(startAfter, prefix) > 0 ? startAfter : null;
  for (const chunk of chunks) {
    if (compareKeys(chunk.lastKey, from ?? prefix) < 0) continue;
    const rows = await readChunk(store, chunk);
    const [first] = rows;
    if (first && !first.key.startsWith(prefix) && compareKeys(first.key, prefix) > 0) return;
    yield rows.filter(({ key }) => key.startsWith(prefix) && (from === null || compareKeys(key, from) > 0));
  }
}

async function readChunk(store: ObjectStore, { key, rows }: Chunk): Promise<AgreedKey[]> {
  const found = await store.get(key);
  if (found === null) throw new Error(`${store.name}: ${key} of the baseline is gone`);
  try {
    const lines = gunzipSync(Buffer.from(found.body, 'base64')).toString('utf8').split('\n');
    const read = lines.filter((line) => line !== '').map(parseAgreedLine);
    if (read.length === rows) return read;
    throw new Error(`it holds ${read.length} rows in place of ${rows}`);
  } catch (cause) {
    throw new Error(`${store.name}: ${key} of the baseline cannot be read`, { cause });
  }
}

export type BaselineWriter = {
  /** Takes a row, above all before it; writes a chunk when one is full. */
  add(row: AgreedKey): Promise<void> | null;
  /** Writes what waits, and answers all chunks so far. */
  flush(): Promise<Chunk[]>;
};

/** `chunkName` gives a name that nobody else draws: who comes second does not write over who came first. */
export function createBaselineWriter(
  store: ObjectStore,
  pair: string,
  before: readonly Chunk[],
  chunkName: () => string,
): BaselineWriter {
  const chunks = [...before];
  let lines: string[] = [];
  let lastKey = '';

  async function flush(): Promise<Chunk[]> {
    if (lines.length === 0) return chunks;
    const key = `.causeway/baseline/${pair}/${chunkName()}.ndjson.gz.b64`;
    const rows = lines.length;
    const body = gzipSync(lines.join('\n')).toString('base64');
    lines = [];
    const put = await store.put(key, body, {
      condition: { kind: 'absent' },
      contentType: 'text/plain',
      cacheControl: null,
    });
    if (put.kind === 'conflict')
      throw new Error(`${store.name}: ${key} is there already, and is not of this run: run it again`);
    chunks.push({ key, rows, lastKey });
    return chunks;
  }

  return {
    add(row) {
      lines.push(agreedLine(row));
      lastKey = row.key;
      return lines.length < CHUNK_ROWS ? null : flush().then(() => undefined);
    },
    flush,
  };
}

/** For a run that knows only some of the keys. */
export const writesNoBaseline: BaselineWriter = { add: () => null, flush: async () => [] };

/** The new pointer in the place of the one that was read. `lost`: somebody else has written one since; the old chunks are left to it. */
export async function publishBaseline(
  store: ObjectStore,
  pair: string,
  before: FoundBaseline | null,
  pointer: BaselinePointer,
): Promise<'published' | 'lost'> {
  const put = await store.put(pointerKey(pair), canonicalJson(pointer), {
    condition: before ? { kind: 'version', version: before.version } : { kind: 'absent' },
    contentType: 'application/json',
    cacheControl: 'no-store',
  });
  if (put.kind === 'conflict') return 'lost';
  await clear(store, pair, new Set(pointer.chunks.map(({ key }) => key)));
  return 'published';
}

/** Chunks of before, and of runs that died: nothing points to them. What is not removed now is removed next time. */
async function clear(store: ObjectStore, pair: string, keep: ReadonlySet<string>): Promise<void> {
  try {
    const keys = await store.list(`.causeway/baseline/${pair}/`, { startAfter: null, limit: MOST_CLEARED });
    const stale = keys.filter((key) => key !== pointerKey(pair) && !keep.has(key));
    await Promise.all(stale.map((key) => store.remove(key)));
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}
