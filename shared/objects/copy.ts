// One version to the other side, whole or not at all: small ones at once, large ones in parts that stream.
import { createHash } from 'node:crypto';
import { copyInParts } from './copy-parts.ts';
import { type CopyOptions, type CopyResult, type CopyWork, isLate } from './copy-work.ts';
import { crc32c, crc32cText } from './crc32c.ts';
import { writeStamp } from './stamp.ts';

export function copyObject(work: CopyWork, options: CopyOptions): Promise<CopyResult> {
  return work.object.sizeBytes <= options.limits.smallBytes ? copyAtOnce(work, options) : copyInParts(work, options);
}

async function copyAtOnce(work: CopyWork, options: CopyOptions): Promise<CopyResult> {
  const { object, body } = work;
  const { room } = options;
  const leave = body === null ? await room.take(object.sizeBytes) : room.takeNow(object.sizeBytes);
  // Its connection does not wait: who has no room now reads it again when there is some.
  if (leave === null) {
    body?.drop();
    return copyAtOnce({ ...work, body: null }, options);
  }
  try {
    return await copyHeld(work, options);
  } finally {
    leave();
  }
}

async function copyHeld(work: CopyWork, options: CopyOptions): Promise<CopyResult> {
  const { destination, object, attributes, origin, condition } = work;
  const unfinished = { kind: 'unfinished', bytes: object.sizeBytes, doneBytes: 0 } as const;
  if (isLate(options)) return unfinished;
  const read = await bytesOf(work);
  if (read.kind !== 'bytes') return read;
  const { bytes } = read;
  const sum = crc32cText(crc32c(bytes));
  const because = unlike(work, bytes, sum);
  if (because !== null) return { kind: 'corrupt', because };
  if (isLate(options)) return unfinished;
  const stamp = writeStamp(origin, options.clock.now().getTime(), { ...object, attributes, crc32c: sum });
  const target = { key: object.key, attributes, stamp };
  const result = await destination.write(target, bytes, sum, condition);
  return result.kind === 'written' ? { kind: 'copied', object: result.object } : result;
}

type Read = { kind: 'bytes'; bytes: Uint8Array } | Extract<CopyResult, { kind: 'gone' | 'corrupt' }>;

async function bytesOf({ source, object, body }: CopyWork): Promise<Read> {
  if (body !== null) return { kind: 'bytes', bytes: await body.whole() };
  const read = await source.read(object, null);
  if (read.kind === 'gone') return read;
  const bytes = await collected(read.bytes, object.sizeBytes);
  if (bytes !== null) return { kind: 'bytes', bytes };
  const because = `${source.name} sent another number of bytes than the ${object.sizeBytes} it told`;
  return { kind: 'corrupt', because };
}

/** How the bytes differ from what the source says of them: by their CRC32C, or by their MD5 where it has none. Null: they do not. */
function unlike({ source, object }: CopyWork, bytes: Uint8Array, sum: string): string | null {
  if (object.crc32c !== null) {
    if (object.crc32c === sum) return null;
    return `${source.name} tells CRC32C ${object.crc32c}, and its bytes have ${sum}`;
  }
  if (object.md5 === null) return null;
  const md5 = createHash('md5').update(bytes).digest('hex');
  return md5 === object.md5 ? null : `${source.name} tells MD5 ${object.md5}, and its bytes have ${md5}`;
}

/** Null: they were fewer or more. */
async function collected(chunks: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(sizeBytes);
  let filled = 0;
  for await (const chunk of chunks) {
    if (filled + chunk.length > sizeBytes) return null;
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return filled === sizeBytes ? bytes : null;
}
