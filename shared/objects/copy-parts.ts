// A large copy: parts that stream from one side to the other, a few at a time, each checked, and gone on with by whoever comes next.
import { BucketUnavailable, type NewObject, type PartRef } from '../ports/object-bucket.ts';
import { type CopyOptions, type CopyResult, type CopyWork, isLate } from './copy-work.ts';
import { crc32c, crc32cText, joinCrc32c, readCrc32c } from './crc32c.ts';
import { type PartPlan, planParts, rangeOfPart } from './part-plan.ts';
import { writeStamp } from './stamp.ts';
import { closeUpload, type OpenUpload, openUpload, uploadId } from './upload.ts';

const maxTriesOfPart = 3;
/** What a part holds on its way, at both its sockets and between them. */
const streamBytes = 1024 * 1024;

/** Why the parts under way have to end: thrown where their bytes come from, so that no request goes on without a reader. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

export async function copyInParts(work: CopyWork, options: CopyOptions): Promise<CopyResult> {
  const { destination, object, attributes, origin } = work;
  const traits = await destination.traits();
  const plan = planParts(object.sizeBytes, traits, options.limits.partBytes);
  if (plan === null)
    return {
      kind: 'impossible',
      because: `${object.sizeBytes} bytes do not fit into ${traits.maxParts} parts at ${destination.name}`,
    };
  if (traits.largeStampedAt === 'begin' && object.crc32c === null) {
    return { kind: 'impossible', because: unstampable(work) };
  }
  const stampedMillis = options.clock.now().getTime();
  const target = targetOf(work, object.crc32c, stampedMillis);
  const id = uploadId(object.key, origin, attributes, destination);
  const upload = await openUpload(destination, id, { partBytes: plan.partBytes, stampedMillis, target });
  const kept = await destination.parts(upload.upload);
  if (kept === null) return forgotten(work, upload);
  const result = await writeParts(work, options, upload, planOf(upload, object.sizeBytes), kept);
  if (result.kind !== 'all')
    return result.kind === 'no-upload' ? forgotten(work, upload) : abandoned(work, upload, result);
  return completed(work, upload, result.parts);
}

/** Parts are cut as they were when the upload began. */
function planOf({ partBytes }: OpenUpload, sizeBytes: number): PartPlan {
  return { sizeBytes, partBytes, count: Math.max(1, Math.ceil(sizeBytes / partBytes)) };
}

/** Somebody else has completed or aborted it: what is there now has to be looked at. */
async function forgotten({ destination }: CopyWork, upload: OpenUpload): Promise<CopyResult> {
  await closeUpload(destination, upload, 'done');
  return { kind: 'conflict' };
}

async function abandoned({ destination }: CopyWork, upload: OpenUpload, result: CopyResult): Promise<CopyResult> {
  if (result.kind !== 'unfinished') await closeUpload(destination, upload, 'abort');
  return result;
}

async function completed(work: CopyWork, upload: OpenUpload, parts: readonly PartRef[]): Promise<CopyResult> {
  const { source, destination, object, condition } = work;
  const sum = crc32cText(
    parts.reduce((joined, part) => joinCrc32c(joined, readCrc32c(part.crc32c), part.sizeBytes), 0),
  );
  if (object.crc32c !== null && object.crc32c !== sum) {
    const because = `${source.name} tells CRC32C ${object.crc32c}, and its parts make up ${sum}`;
    return abandoned(work, upload, { kind: 'corrupt', because });
  }
  const target = targetOf(work, sum, upload.stampedMillis);
  const result = await destination.complete(upload.upload, target, parts, sum, condition);
  if (result.kind === 'no-upload') return forgotten(work, upload);
  if (result.kind !== 'written') return abandoned(work, upload, result);
  await closeUpload(destination, upload, 'done');
  return { kind: 'copied', object: result.object };
}

function targetOf({ object, attributes, origin }: CopyWork, sum: string | null, stampedMillis: number): NewObject {
  const stamp = sum === null ? null : writeStamp(origin, stampedMillis, { ...object, attributes, crc32c: sum });
  return { key: object.key, attributes, stamp };
}

function unstampable({ source, destination, object }: CopyWork): string {
  return `${destination.name} wants the stamp of a large object before its bytes, and ${source.name} has no CRC32C of ${object.key}; have it computed (S3 Batch Operations: compute checksum), or copy the object over itself with --checksum-algorithm CRC32C`;
}

type Written = { kind: 'all'; parts: PartRef[] } | { kind: 'no-upload' } | CopyResult;
type PartResult = { kind: 'written'; part: PartRef } | { kind: 'no-upload' } | CopyResult;

/** A few parts at a time. The first that ends otherwise than written ends them all. */
async function writeParts(
  work: CopyWork,
  options: CopyOptions,
  { upload }: OpenUpload,
  plan: PartPlan,
  kept: readonly PartRef[],
): Promise<Written> {
  const done = new Map(kept.filter((part) => isOfPlan(plan, part)).map((part) => [part.number, part]));
  const missing = Array.from({ length: plan.count }, (_, index) => index + 1).filter((number) => !done.has(number));
  let ended: PartResult | { kind: 'thrown'; error: unknown } | null = null;
  const stopped = () => ended !== null || isLate(options);

  async function writer(): Promise<void> {
    while (!stopped()) {
      const number = missing.shift();
      if (number === undefined) return;
      const leave = await options.room.take(streamBytes);
      try {
        const result = await writePart(work, upload, plan, number, stopped);
        if (result.kind === 'written') done.set(number, result.part);
        else ended ??= result;
      } catch (error) {
        if (!(error instanceof Stopped)) ended ??= { kind: 'thrown', error };
      } finally {
        leave();
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.limits.parallelParts, missing.length) }, writer));
  return ending(ended, [...done.values()], plan);
}

function ending(
  ended: PartResult | { kind: 'thrown'; error: unknown } | null,
  done: PartRef[],
  plan: PartPlan,
): Written {
  if (ended?.kind === 'thrown') throw ended.error;
  if (ended !== null && ended.kind !== 'written') return ended;
  const doneBytes = done.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (done.length < plan.count) return { kind: 'unfinished', bytes: plan.sizeBytes, doneBytes };
  return { kind: 'all', parts: done.sort((one, other) => one.number - other.number) };
}

function isOfPlan(plan: PartPlan, part: PartRef): boolean {
  const { startByte, endByte } = rangeOfPart(plan, part.number);
  return part.number <= plan.count && part.sizeBytes === endByte - startByte;
}

/** Tried again when the service failed or the bytes were damaged: what was written of the others would wait for nothing else. */
async function writePart(
  work: CopyWork,
  upload: OpenUpload['upload'],
  plan: PartPlan,
  number: number,
  stopped: () => boolean,
): Promise<PartResult> {
  for (let tries = 1; ; tries++) {
    try {
      const result = await writePartOnce(work, upload, plan, number, stopped);
      if (result.kind !== 'corrupt' || tries === maxTriesOfPart) return result;
    } catch (error) {
      if (!mayPass(error) || tries === maxTriesOfPart) throw error;
    }
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof BucketUnavailable && (error.reason === 'failed' || error.reason === 'time-out');
}

async function writePartOnce(
  { source, destination, object }: CopyWork,
  upload: OpenUpload['upload'],
  plan: PartPlan,
  number: number,
  stopped: () => boolean,
): Promise<PartResult> {
  const range = rangeOfPart(plan, number);
  const sizeBytes = range.endByte - range.startByte;
  const read = await source.read(object, range);
  if (read.kind === 'gone') return read;
  let sum = 0;
  async function* summed(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      if (stopped()) throw new Stopped('another part has ended the copy, or its time is over');
      sum = crc32c(chunk, sum);
      yield chunk;
    }
  }
  const result = await destination.writePart(upload, number, sizeBytes, summed(read.bytes), () => crc32cText(sum));
  if (result.kind !== 'written') return result;
  if (result.part.crc32c === crc32cText(sum)) return result;
  return {
    kind: 'corrupt',
    because: `${destination.name} has CRC32C ${result.part.crc32c} of part ${number}, and ${crc32cText(sum)} was sent`,
  };
}
