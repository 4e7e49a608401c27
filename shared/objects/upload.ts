// The checkpoint of a large copy: how another process, or the next invocation, finds the upload that was begun.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { ObjectAttributes, Origin } from '../model/replica.ts';
import type { NewObject, ObjectBucket, UploadRef } from '../ports/object-bucket.ts';
import { sameForm } from './attributes.ts';
import { checkpointKey } from './own-keys.ts';
import { type KeptRecord, readRecord, writeRecord } from './record.ts';

const Checkpoint = z.strictObject({
  format: z.literal(1),
  upload: z.strictObject({ id: z.string(), key: z.string() }),
  partBytes: z.int().positive(),
  /** When the stamp was made: whoever completes the upload writes the same one. */
  stampedMillis: z.int(),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

export type OpenUpload = Checkpoint & { id: string };

/** The same for everybody who copies this version, with these attributes, into this bucket. */
export function uploadId(key: string, origin: Origin, attributes: ObjectAttributes, bucket: ObjectBucket): string {
  const named = [bucket.name, key, origin.site, origin.version, sameForm(attributes)].join('\n');
  return createHash('sha256').update(named).digest('hex').slice(0, 32);
}

/** Finds what was begun, or begins. Of two that begin at once, one gives way and goes on with the other's. */
export async function openUpload(
  bucket: ObjectBucket,
  id: string,
  fresh: { partBytes: number; stampedMillis: number; target: NewObject },
): Promise<OpenUpload> {
  const found = await readCheckpoint(bucket, id);
  if (found !== null) return { ...found, id };
  const upload: UploadRef = await bucket.begin(fresh.target, id);
  const { partBytes, stampedMillis } = fresh;
  const begun: Checkpoint = { format: 1, upload, partBytes, stampedMillis };
  if ((await writeRecord(bucket, checkpointKey(id), JSON.stringify(begun), { kind: 'absent' })) === 'written') {
    return { ...begun, id };
  }
  const first = await readCheckpoint(bucket, id);
  if (first === null) return { ...begun, id };
  if (first.upload.id !== upload.id) await bucket.abort(upload);
  return { ...first, id };
}

/** `abort`: what was uploaded goes too. */
export async function closeUpload(
  bucket: ObjectBucket,
  { id, upload }: OpenUpload,
  how: 'done' | 'abort',
): Promise<void> {
  if (how === 'abort') await bucket.abort(upload);
  const look = await bucket.look(checkpointKey(id));
  if (look.kind === 'present') await bucket.remove(look.object);
}

async function readCheckpoint(bucket: ObjectBucket, id: string): Promise<Checkpoint | null> {
  const found: KeptRecord | null = await readRecord(bucket, checkpointKey(id));
  if (found === null) return null;
  try {
    return Checkpoint.parse(JSON.parse(found.text));
  } catch (cause) {
    const key = checkpointKey(id);
    throw new Error(`${bucket.name}: the checkpoint ${key} cannot be read; delete it, and the copy begins again`, {
      cause,
    });
  }
}
