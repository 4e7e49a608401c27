// One version to the other side, whole or not at all: small ones at once, large ones in parts that stream.
import { createHash } from 'node:crypto';
import { copyInParts } from './copy-parts.ts';
import type { CopyOptions, CopyResult, CopyWork } from './copy-work.ts';
import { crc32c, crc32cText } from './crc32c.ts';
import { writeStamp } from './stamp.ts';

export function copyObject(work: CopyWork, options: CopyOptions): Promise<CopyResult> {
  return work.object.sizeBytes <= options.limits.smallBytes ? copyAtOnce(work, options) : copyInParts(work, options);
}

async function copyAtOnce(work: CopyWork, { clock }: CopyOptions): Promise<CopyResult> {
  const { source, destination, object, attributes, origin, condition } = work;
  const read = await source.read(object, null);
  if (read.kind === 'gone') return read;
  const bytes = await collected(read.bytes, object.sizeBytes);
  if (bytes === null)
    return {
      kind: 'corrupt',
      because: `${source.name} sent another number of bytes than the ${object.sizeBytes} it told`,
    };
  const sum = crc32cText(crc32c(bytes));
  if (object.crc32c !== null && object.crc32c !== sum) {
    return { kind: 'corrupt', because: `${source.name} tells CRC32C ${object.crc32c}, and its bytes have ${sum}` };
  }
  const md5 =
    object.crc32c === null && object.md5 !== null ? createHash('md5').update(bytes).digest('hex') : object.md5;
  if (md5 !== object.md5) {
    return { kind: 'corrupt', because: `${source.name} tells MD5 ${object.md5}, and its bytes have ${md5}` };
  }
  const stamp = writeStamp(origin, clock.now().getTime(), { ...object, attributes, crc32c: sum });
  const target = { key: object.key, attributes, stamp };
  const result = await destination.write(target, bytes, sum, condition);
  return result.kind === 'written' ? { kind: 'copied', object: result.object } : result;
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
