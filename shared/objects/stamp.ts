// The stamp on what Causeway wrote: which version it is a replica of. Believed only of exactly the object that it was written for.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../model/canonical-json.ts';
import type { ObjectVersion, Origin } from '../model/replica.ts';
import { SiteName } from '../model/site.ts';
import { sameForm } from './attributes.ts';

/** What the digest is over, beside the origin. */
export type StampedObject = Pick<ObjectVersion, 'key' | 'sizeBytes' | 'attributes'> & { crc32c: string };

/** `native`: written by a user at the site where it lies. */
export type Identity = { origin: Origin; native: boolean };

const format = '1';
/** What is written in one request is there soon after it was stamped; what comes in parts, within the life of an upload. */
const smallBytes = 8 * 1024 * 1024;
const soonMillis = 5 * 60_000;
const uploadMillis = 7 * 86_400_000;

/** `1 <site> <time> <version> <when it was stamped> <digest>`, in one line of ASCII. Times in milliseconds. */
export function writeStamp(origin: Origin, stampedMillis: number, object: StampedObject): string {
  const fields = [format, origin.site, origin.timeMillis, encodeURIComponent(origin.version), stampedMillis];
  return [...fields, digestOf(fields.join(' '), object)].join(' ');
}

/**
 * Which version an object is. A stamp is taken for what it says only when its digest is that of the object as it is: a copy under another
 * key, new bytes below old metadata, or a changed header make an object a user's own again. So does, long after the stamp was made, a
 * version that appears anew with all its metadata: that is how an older version is brought back.
 */
export function identify(object: ObjectVersion, site: SiteName): Identity {
  const stamped = stampedOrigin(object);
  if (stamped !== null) return { origin: stamped, native: false };
  return { origin: { site, version: versionName(object), timeMillis: object.modifiedMillis }, native: true };
}

/** Cloud Storage: a change of attributes is a version too. Its first revision is 1, as every one of S3's. */
export function versionName({ version, revision }: Pick<ObjectVersion, 'version' | 'revision'>): string {
  return revision === 1 ? version : `${version}/${revision}`;
}

/**
 * Whether a version is, or was, that of an origin: attributes that are changed in place (Cloud Storage) make it a user's own, and leave of
 * what it was before nothing but the stamp.
 */
export function bears(object: ObjectVersion, site: SiteName, origin: Origin): boolean {
  const same = (one: Origin) => one.site === origin.site && one.version === origin.version;
  if (same(identify(object, site).origin)) return true;
  const stamp = object.revision > 1 ? readStamp(object.stamp) : null;
  return stamp !== null && same(stamp.origin);
}

function stampedOrigin(object: ObjectVersion): Origin | null {
  const { crc32c } = object;
  const stamp = readStamp(object.stamp);
  if (stamp === null || crc32c === null) return null;
  if (stamp.digest !== digestOf(stamp.fields, { ...object, crc32c })) return null;
  return appearedAnew(object, stamp.stampedMillis) ? null : stamp.origin;
}

/** What it says, whether or not it may be believed. */
function readStamp(
  text: string | null,
): { origin: Origin; stampedMillis: number; fields: string; digest: string } | null {
  if (text === null) return null;
  const [version, site, time, originVersion, stamped, digest, ...more] = text.split(' ');
  if (version !== format || digest === undefined || more.length > 0) return null;
  const named = SiteName.safeParse(site);
  const [timeMillis, stampedMillis] = [Number(time), Number(stamped)];
  if (!named.success || !Number.isSafeInteger(timeMillis) || !Number.isSafeInteger(stampedMillis)) return null;
  const name = decoded(originVersion ?? '');
  if (name === null) return null;
  const origin = { site: named.data, version: name, timeMillis };
  return { origin, stampedMillis, fields: text.slice(0, text.lastIndexOf(' ')), digest };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Later revisions only tell that attributes were touched which do not travel. */
function appearedAnew({ revision, modifiedMillis, sizeBytes }: ObjectVersion, stampedMillis: number): boolean {
  const lifeMillis = sizeBytes <= smallBytes ? soonMillis : uploadMillis;
  return revision === 1 && modifiedMillis - stampedMillis > lifeMillis;
}

function digestOf(fields: string, { key, sizeBytes, crc32c, attributes }: StampedObject): string {
  const text = canonicalJson({ fields, key, sizeBytes, crc32c, attributes: sameForm(attributes) });
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
