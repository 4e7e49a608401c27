// What travels beside the bytes: in one form for comparing, and as much of it as a destination can carry.
import { canonicalJson } from '../model/canonical-json.ts';
import { type ObjectAttributes, stampEntry, tagsEntry } from '../model/replica.ts';
import type { CarryingLimits } from '../ports/object-bucket.ts';

/** What the services answer where no type was given. */
const noContentTypes = ['binary/octet-stream', 'application/octet-stream'];
/** Of a stamp with names and versions of everyday length; what is left is the user's. */
const stampBytes = 256;

export type Carried = {
  attributes: ObjectAttributes;
  /** What the destination cannot take, each in words; empty when all of it travels. */
  left: string[];
};

/**
 * Equal for attributes that mean the same. The storage class is left out: each side's own lifecycle may move an object to another, and
 * that is no change of the object.
 */
export function sameForm({ storageClass: _own, ...attributes }: ObjectAttributes): string {
  const named = Object.entries(attributes.metadata).map(([name, value]) => [name.toLowerCase(), value.trim()] as const);
  const own = named.filter(([name]) => name !== stampEntry && name !== tagsEntry);
  return canonicalJson({
    contentType: noContentTypes.includes(attributes.contentType ?? '') ? null : plain(attributes.contentType),
    contentEncoding: plain(attributes.contentEncoding),
    contentDisposition: plain(attributes.contentDisposition),
    contentLanguage: plain(attributes.contentLanguage),
    cacheControl: plain(attributes.cacheControl),
    metadata: Object.fromEntries(own),
    tags: attributes.tags,
  });
}

/** Whether two ends would tell the same, had each of them to carry it for the other. */
export function sameAttributes(
  one: ObjectAttributes,
  other: ObjectAttributes,
  limits: readonly CarryingLimits[],
): boolean {
  if (sameForm(one) === sameForm(other)) return true;
  return sameForm(carriedByAll(one, limits)) === sameForm(carriedByAll(other, limits));
}

function carriedByAll(attributes: ObjectAttributes, limits: readonly CarryingLimits[]): ObjectAttributes {
  return limits.reduce((rest, one) => carry(rest, one).attributes, attributes);
}

const headers = ['contentType', 'contentEncoding', 'contentDisposition', 'contentLanguage', 'cacheControl'] as const;

/**
 * Where names travel as headers, so do these. Cloud Storage takes any text, such as a file's name with an umlaut in the disposition; S3
 * has no form for it, and a request with such a header fails by its signature, or cannot be sent at all.
 */
function carryHeaders(
  attributes: ObjectAttributes,
  { metadataNames }: CarryingLimits,
  left: string[],
): ObjectAttributes {
  const carried = { ...attributes };
  if (metadataNames === 'any') return carried;
  for (const name of headers) {
    if (/^[\t\x20-\x7e]*$/.test(attributes[name] ?? '')) continue;
    carried[name] = null;
    left.push(`${name} ${JSON.stringify(attributes[name])}: a header is ASCII`);
  }
  return carried;
}

/** As much as the destination takes, by rules that give the same answer each time: names in their order, as long as they fit. */
export function carry(attributes: ObjectAttributes, limits: CarryingLimits): Carried {
  const left: string[] = [];
  const texts = carryHeaders(attributes, limits, left);
  const tags = carryTags(attributes.tags, limits, left);
  const tagsBytes =
    limits.tags.kind === 'in-metadata' && Object.keys(tags).length > 0
      ? entryBytes(tagsEntry, JSON.stringify(tags))
      : 0;
  let room = limits.maxMetadataBytes - stampBytes - tagsBytes;
  const metadata: Record<string, string> = {};
  for (const [name, value] of inOrder(attributes.metadata)) {
    if (name === stampEntry || name === tagsEntry) continue;
    if (limits.metadataNames === 'token' && !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) {
      left.push(`metadata "${name}": the name cannot be a header's`);
    } else if (entryBytes(name, value) > room) {
      left.push(
        `metadata "${name}": ${entryBytes(name, value)} bytes, and ${Math.max(0, room)} of ${limits.maxMetadataBytes} are left`,
      );
    } else {
      room -= entryBytes(name, value);
      metadata[name] = value;
    }
  }
  return { attributes: { ...texts, metadata, tags }, left };
}

/** Why the destination cannot take this key or so many bytes, or null. */
export function uncarriable(
  key: string,
  sizeBytes: number,
  { carries, maxObjectBytes }: { carries: CarryingLimits; maxObjectBytes: number },
): string | null {
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes > carries.maxKeyBytes) return `its key has ${keyBytes} bytes, and ${carries.maxKeyBytes} is the limit`;
  const refused = carries.refusedKeys.find(({ pattern }) => pattern.test(key));
  if (refused) return refused.because;
  if (sizeBytes > maxObjectBytes) return `it has ${sizeBytes} bytes, and ${maxObjectBytes} is the limit`;
  return null;
}

function carryTags(
  tags: ObjectAttributes['tags'],
  { tags: limits }: CarryingLimits,
  left: string[],
): Record<string, string> {
  if (limits.kind === 'in-metadata') return { ...tags };
  const carried: Record<string, string> = {};
  for (const [name, value] of inOrder(tags)) {
    if (Object.keys(carried).length === limits.max) left.push(`tag "${name}": ${limits.max} tags is the limit`);
    else if (name.length > limits.maxNameChars || value.length > limits.maxValueChars) {
      left.push(
        `tag "${name}": ${limits.maxNameChars} characters of name and ${limits.maxValueChars} of value are the limit`,
      );
    } else if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(name + value))
      left.push(`tag "${name}": it has characters that a tag cannot have`);
    else carried[name] = value;
  }
  return carried;
}

function inOrder(entries: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1));
}

function entryBytes(name: string, value: string): number {
  return Buffer.byteLength(name) + Buffer.byteLength(value);
}

/** Nothing and an empty text are the same header. */
function plain(value: string | null): string | null {
  return value === null || value.trim() === '' ? null : value.trim();
}
