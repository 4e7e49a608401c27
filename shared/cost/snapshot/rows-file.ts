// Files of rows: lines compressed on their way into a bucket, and read out of it again, in constant memory.
import { createHash } from 'node:crypto';
import { pipeline as connect } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { ObjectBucket } from '../../ports/object-bucket.ts';
import { type Draft, type Held, holdBytes } from './hold.ts';
import { type RowLine, readLine } from './lines.ts';
import type { Shelf } from './shelf.ts';

export type HeldRows = { held: Held; digest: string };

/** `texts` are lines, some at a time. What they throw is thrown on. */
export async function holdRows(shelf: Shelf, draft: Draft, texts: AsyncIterable<string>): Promise<HeldRows> {
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Buffer> {
    for await (const text of texts) {
      const bytes = Buffer.from(text, 'utf8');
      hash.update(bytes);
      if (bytes.byteLength > 0) yield bytes;
    }
  }
  let held: Held | null = null;
  await pipeline(hashed, createGzip(), async (chunks: AsyncIterable<Uint8Array>) => {
    held = await holdBytes(shelf, draft, chunks);
  });
  if (held === null) throw new Error('a pipeline that ended has held nothing');
  return { held, digest: hash.digest('hex') };
}

/** Null: there is no such file (any more). What is read throws when the file is damaged, or the bucket stays away half-way. */
export async function readRows(bucket: ObjectBucket, key: string): Promise<AsyncIterable<RowLine[]> | null> {
  const look = await bucket.look(key);
  if (look.kind === 'absent') return null;
  const read = await bucket.read(look.object, null);
  return read.kind === 'gone' ? null : linesOf(key, read.bytes);
}

/** Some at a time: as many as a chunk of the file completes. */
async function* linesOf(key: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<RowLine[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of unzipped(bytes)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines.map(readLine);
  }
  if (rest !== '') throw new Error(`${key} ends in the middle of a line`);
}

function unzipped(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // What goes wrong in it is thrown to whoever reads.
  return connect(bytes, createGunzip(), () => undefined);
}
