// Bytes whose number and name nobody knows before their end: few wait in memory, many in the bucket below a draft's name.
import { noAttributes, type ObjectVersion } from '../../model/replica.ts';
import { crc32c, crc32cText, joinCrc32c } from '../../objects/crc32c.ts';
import {
  BucketUnavailable,
  type NewObject,
  type ObjectBucket,
  type PartRef,
  type UploadRef,
} from '../../ports/object-bucket.ts';
import type { Shelf } from './shelf.ts';

export type Held = { kind: 'small'; bytes: Uint8Array; sum: number } | { kind: 'large'; draft: ObjectVersion };

/** `partBytes`: what one part of an upload holds, and so what is in memory at most. S3 takes none below 5 MiB but the last. */
export type Draft = { key: string; id: string; partBytes: number };

const attributes = { ...noAttributes, contentType: 'application/gzip' };

/** Takes them all. Whatever is thrown, nothing is left of a draft but what the bucket's lifecycle clears. */
export async function holdBytes(shelf: Shelf, draft: Draft, chunks: AsyncIterable<Uint8Array>): Promise<Held> {
  const upload = createUpload(shelf, draft);
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  try {
    for await (const chunk of chunks) {
      waiting.push(chunk);
      waitingBytes += chunk.byteLength;
      if (waitingBytes < draft.partBytes) continue;
      await upload.add(Buffer.concat(waiting));
      waiting = [];
      waitingBytes = 0;
    }
    const rest = Buffer.concat(waiting);
    if (!upload.begun()) return { kind: 'small', bytes: rest, sum: crc32c(rest) };
    if (rest.byteLength > 0) await upload.add(rest);
    return { kind: 'large', draft: await upload.complete() };
  } catch (error) {
    await upload.abandon();
    throw error;
  }
}

/** Under their own name, unless that is there already: equal names hold equal bytes. */
export async function layDown(shelf: Shelf, held: Held, key: string): Promise<void> {
  await shelf.ask(async (bucket) => {
    const look = await bucket.look(key);
    if (look.kind === 'absent') await writeAs(bucket, held, key);
  });
}

/** What was only held goes. */
export async function letGo(shelf: Shelf, held: Held): Promise<void> {
  if (held.kind === 'large') await shelf.ask((bucket) => bucket.remove(held.draft));
}

async function writeAs(bucket: ObjectBucket, held: Held, key: string): Promise<void> {
  const failed = (because: string) =>
    new BucketUnavailable(bucket.name, 'failed', `${key} was not written: ${because}`);
  if (held.kind === 'large') {
    const kept = await bucket.keepAside(held.draft, key);
    if (kept.kind === 'gone') throw failed(`its draft ${held.draft.key} is gone`);
    return;
  }
  const target: NewObject = { key, attributes, stamp: null };
  const result = await bucket.write(target, held.bytes, crc32cText(held.sum), { kind: 'absent' });
  if (result.kind === 'corrupt') throw failed(result.because);
  if (result.kind === 'conflict') throw failed('another write of it was under way');
}

function createUpload(shelf: Shelf, { key, id }: Draft) {
  const target: NewObject = { key, attributes, stamp: null };
  const parts: PartRef[] = [];
  let upload: UploadRef | null = null;
  let sum = 0;
  let sizeBytes = 0;

  async function write(ref: UploadRef, bytes: Uint8Array, partSum: number): Promise<PartRef> {
    return shelf.ask(async (bucket) => {
      const result = await bucket.writePart(ref, parts.length + 1, bytes.byteLength, once(bytes), () =>
        crc32cText(partSum),
      );
      if (result.kind === 'written') return result.part;
      const because = result.kind === 'corrupt' ? result.because : 'the upload is gone';
      throw new BucketUnavailable(bucket.name, 'failed', `part ${parts.length + 1} of ${key}: ${because}`);
    });
  }

  return {
    begun: () => upload !== null,
    async add(bytes: Uint8Array): Promise<void> {
      upload ??= await shelf.ask((bucket) => bucket.begin(target, id));
      const partSum = crc32c(bytes);
      parts.push(await write(upload, bytes, partSum));
      sum = parts.length === 1 ? partSum : joinCrc32c(sum, partSum, bytes.byteLength);
      sizeBytes += bytes.byteLength;
    },
    /** By what is there in the end: the answer to the completion may have been lost. */
    async complete(): Promise<ObjectVersion> {
      return shelf.ask(async (bucket) => {
        if (upload) await bucket.complete(upload, target, parts, crc32cText(sum), { kind: 'absent' });
        const look = await bucket.look(key);
        if (look.kind === 'present' && look.object.sizeBytes === sizeBytes) return look.object;
        throw new BucketUnavailable(
          bucket.name,
          'failed',
          `the draft ${key} of ${sizeBytes} bytes is not there after its completion`,
        );
      });
    },
    /** What cannot be cleared now is cleared by a later run, or the bucket's lifecycle. */
    async abandon(): Promise<void> {
      const ref = upload;
      if (ref) await shelf.ask((bucket) => bucket.abort(ref)).catch(() => undefined);
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
