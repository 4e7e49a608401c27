// The users of a storm: they create, overwrite and remove objects at both sides at once, and know nothing of each other or of us.
import type { ObjectAttributes } from '../../../../shared/model/replica.ts';
import { crc32c, crc32cText } from '../../../../shared/objects/crc32c.ts';
import { identify } from '../../../../shared/objects/stamp.ts';
import type { Chance } from '../../../../shared/ports/clock.ts';
import type { ObjectBucket } from '../../../../shared/ports/object-bucket.ts';
import { type BothBuckets, type Ledger, type StormSite, sites } from './ledger.ts';

export type StormSize = {
  deeds: number;
  /** So many keys share the deeds: the fewer, the more often both sides write the same one. */
  keys: number;
  /** Objects that are copied in parts, one write each. */
  largeKeys: number;
  largeBytes: number;
  usersAtOnce: number;
  /** One key of so many is in a tier with a window, whose end is waited for; 0: none is. */
  windowedOneIn: number;
};

/** Names that break others, among ordinary ones. */
const names = [
  'plain.txt',
  'with space.txt',
  'plus+and%25.txt',
  'ümlaut.txt',
  'u\u0308mlaut.txt',
  'a//b',
  'dot/./segment',
  'slash/',
  "quote'&<>.txt",
  '日本語.txt',
];

/** Resolves when every deed was done, or refused because somebody else had been there first. Throws what a bucket throws. */
export async function storm(buckets: BothBuckets, size: StormSize, chance: Chance, ledger: Ledger): Promise<void> {
  let left = size.deeds;
  const user = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const site = pick(sites, chance);
      const number = Math.floor(chance.fraction() * size.keys);
      const removes = chance.fraction() < 0.2;
      const prefix = size.windowedOneIn > 0 && number % size.windowedOneIn === 0 ? 'uploads' : 'critical';
      const key = `${prefix}/${number}/${names[number % names.length]}`;
      if (removes) await remove(site, buckets[site], key, ledger);
      else
        await write(site, buckets[site], key, contentOf(Math.floor(chance.fraction() * 8192), chance), chance, ledger);
    }
  };
  const large = Array.from({ length: size.largeKeys }, (_, number) => {
    const site = sites[number % 2] ?? 'aws';
    const content = contentOf(size.largeBytes + number, chance);
    return write(site, buckets[site], `critical/large/${number}`, content, chance, ledger);
  });
  await Promise.all([...large, ...Array.from({ length: size.usersAtOnce }, user)]);
}

async function write(
  site: StormSite,
  bucket: ObjectBucket,
  key: string,
  bytes: Uint8Array,
  chance: Chance,
  ledger: Ledger,
): Promise<void> {
  const look = await bucket.look(key);
  const condition =
    look.kind === 'absent'
      ? ({ kind: 'absent' } as const)
      : ({ kind: 'tag', tag: look.object.tag, revision: look.object.revision } as const);
  const target = { key, attributes: attributesOf(chance), stamp: null };
  const result = await bucket.write(target, bytes, crc32cText(crc32c(bytes)), condition);
  if (result.kind === 'corrupt') throw new Error(`${bucket.name}: ${key} was damaged on its way: ${result.because}`);
  if (result.kind === 'conflict') return;
  ledger.note({ kind: 'written', site, key, origin: identify(result.object, site).origin });
}

async function remove(site: StormSite, bucket: ObjectBucket, key: string, ledger: Ledger): Promise<void> {
  const look = await bucket.look(key);
  if (look.kind === 'absent') return;
  const result = await bucket.remove(look.object);
  if (result.kind === 'removed') ledger.note({ kind: 'removed', site, key, of: identify(look.object, site).origin });
}

function contentOf(sizeBytes: number, chance: Chance): Uint8Array {
  const bytes = Buffer.alloc(sizeBytes, chance.id());
  return bytes;
}

function attributesOf(chance: Chance): ObjectAttributes {
  return {
    contentType: pick(['text/plain', 'image/png', null], chance),
    contentEncoding: null,
    contentDisposition: pick(['attachment; filename="a.txt"', null], chance),
    contentLanguage: pick(['en', null], chance),
    cacheControl: pick(['no-cache', 'max-age=60', null], chance),
    metadata: { colour: pick(['blue', 'green'], chance), writer: chance.id() },
    tags: pick([{ team: 'video' }, {}], chance),
    storageClass: 'standard',
  };
}

function pick<T>(from: readonly [T, ...T[]] | readonly T[], chance: Chance): T {
  const found = from[Math.floor(chance.fraction() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}
