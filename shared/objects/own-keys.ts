// Keys below `.causeway/`: what Causeway itself keeps in a bucket that it replicates. None of it is ever replicated.
import { createHash } from 'node:crypto';
import type { Origin } from '../model/replica.ts';

const home = '.causeway/';
const maxKeyBytes = 1024;

export function isOwnKey(key: string): boolean {
  return key.startsWith(home);
}

/** What was removed from this bucket, and by which death. */
export function tombstoneKey(key: string): string {
  return ownKey('tombstones', key, '');
}

/** How far a large copy into this bucket has come. */
export function checkpointKey(id: string): string {
  return `${home}uploads/${id}`;
}

/** Where the version that lost a conflict is kept, in its own bucket: the same name however often it is kept. */
export function conflictKey(key: string, { site, version, timeMillis }: Origin): string {
  const time = new Date(timeMillis).toISOString().replaceAll(':', '-');
  const plain = version.replace(/[^A-Za-z0-9._-]/g, '.').slice(0, 64);
  return ownKey('conflicts', key, `/${time}-${site}-${plain}`);
}

/** A key that would be too long with what stands before it goes by its digest. */
function ownKey(room: string, key: string, ending: string): string {
  const readable = `${home}${room}/${key}${ending}`;
  if (Buffer.byteLength(readable) <= maxKeyBytes) return readable;
  return `${home}${room}-of-long-keys/${createHash('sha256').update(key).digest('hex')}${ending}`;
}
