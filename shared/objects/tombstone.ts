// Tombstones: written before Causeway removes an object, so that no replay brings it back and its own removal is taken for nobody's wish.
import * as z from 'zod';
import type { ObjectVersion, Origin } from '../model/replica.ts';
import { SiteName } from '../model/site.ts';
import type { ObjectBucket } from '../ports/object-bucket.ts';
import { laterDeath } from './order.ts';
import { tombstoneKey } from './own-keys.ts';
import { maxRecordBytes, readRecord, writeRecord } from './record.ts';
import { versionName } from './stamp.ts';

const Death = z.strictObject({ site: SiteName, version: z.string(), timeMillis: z.int() });
export const Tombstone = z.strictObject({
  format: z.literal(1),
  /** The latest death by which something was removed here. */
  death: Death,
  /** The versions that were removed, as `versionName` names them, the newest last. */
  removed: z.array(z.strictObject({ version: z.string(), atMillis: z.int() })),
});
export type Tombstone = z.infer<typeof Tombstone>;

const maxTries = 5;

/** Null: there is none. Throws when there is one that cannot be read: nothing may be decided without it. */
export async function readTombstone(bucket: ObjectBucket, key: string): Promise<Tombstone | null> {
  const found = await readRecord(bucket, tombstoneKey(key));
  return found === null ? null : parseTombstone(bucket, key, found.text);
}

/** Joined with what is there: any number of processes may write in any order, and the same comes out. */
export async function writeTombstone(
  bucket: ObjectBucket,
  object: ObjectVersion,
  death: Origin,
  nowMillis: number,
): Promise<'written' | 'contended'> {
  const { key } = object;
  const removal = { version: versionName(object), atMillis: nowMillis };
  for (let tries = 0; tries < maxTries; tries++) {
    const found = await readRecord(bucket, tombstoneKey(key));
    const before = found === null ? null : parseTombstone(bucket, key, found.text);
    const after = joined(before, death, removal);
    const condition = found?.condition ?? { kind: 'absent' };
    if ((await writeRecord(bucket, tombstoneKey(key), textOf(after), condition)) === 'written') return 'written';
  }
  return 'contended';
}

function joined(before: Tombstone | null, death: Origin, removal: Tombstone['removed'][number]): Tombstone {
  const others = (before?.removed ?? []).filter((one) => one.version !== removal.version);
  return { format: 1, death: laterDeath(before?.death ?? null, death) ?? death, removed: [...others, removal] };
}

/** The oldest removals are forgotten when the names are too long for all of them. */
function textOf(tombstone: Tombstone): string {
  const text = JSON.stringify(tombstone);
  if (Buffer.byteLength(text) <= maxRecordBytes || tombstone.removed.length <= 1) return text;
  return textOf({ ...tombstone, removed: tombstone.removed.slice(1) });
}

function parseTombstone(bucket: ObjectBucket, key: string, text: string): Tombstone {
  try {
    return Tombstone.parse(JSON.parse(text));
  } catch (cause) {
    const way = `look at ${tombstoneKey(key)}, and delete it if ${key} may be replicated again`;
    throw new Error(`${bucket.name}: the tombstone of ${key} cannot be read; ${way}`, { cause });
  }
}
