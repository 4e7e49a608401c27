// Objects of Cloud Storage as its JSON API shows them, whole or in the fields that were asked for.
import type { GcsObject } from './gcs-object.ts';

/** The object as the API shows it; numbers of 64 bits are strings. */
/** `at`: where its bytes are fetched, as the service names itself: clients that follow `mediaLink` come back to whom they asked. */
export function resourceOf(
  bucket: string,
  object: GcsObject,
  at = 'https://storage.googleapis.com',
): Record<string, unknown> {
  const generation = String(object.generation);
  const { described } = object;
  const optional = {
    contentEncoding: described.contentEncoding,
    contentDisposition: described.contentDisposition,
    contentLanguage: described.contentLanguage,
    cacheControl: described.cacheControl,
    customTime: described.customTime,
    metadata: Object.keys(described.metadata).length === 0 ? null : described.metadata,
    kmsKeyName: object.kmsKeyName,
    componentCount: object.componentCount,
    // A composite has none: nobody has read its bytes in one go.
    md5Hash: object.md5Hash,
    timeDeleted: object.left?.as === 'noncurrent' ? object.left.at.toISOString() : null,
    softDeleteTime: object.left?.as === 'soft-deleted' ? object.left.at.toISOString() : null,
  };
  return {
    kind: 'storage#object',
    id: `${bucket}/${object.name}/${generation}`,
    selfLink: `https://www.googleapis.com/storage/v1/b/${bucket}/o/${encodeURIComponent(object.name)}`,
    mediaLink: `${at}/download/storage/v1/b/${bucket}/o/${encodeURIComponent(object.name)}?generation=${generation}&alt=media`,
    name: object.name,
    bucket,
    generation,
    metageneration: String(object.metageneration),
    contentType: described.contentType,
    storageClass: described.storageClass,
    size: String(object.body.sizeBytes),
    crc32c: object.crc32c,
    etag: Buffer.from(`${generation}/${object.metageneration}`).toString('base64'),
    timeCreated: object.created.toISOString(),
    timeStorageClassUpdated: object.created.toISOString(),
    updated: object.updated.toISOString(),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
  };
}

/** Leaves of an answer what `fields` asks for: `items(name,size),nextPageToken`, `a/b`, `*`. */
export function partial(value: unknown, fields: string | null): unknown {
  if (fields === null || fields === '' || fields === '*') return value;
  if (Array.isArray(value)) return value.map((each) => partial(each, fields));
  if (typeof value !== 'object' || value === null) return value;
  const kept = new Map<string, unknown>();
  for (const part of fieldList(fields)) {
    const [, name = '', nested = null] =
      /^([^(/]+)(?:\((.*)\)|\/(.*))?$/.exec(part)?.filter((each) => each !== undefined) ?? [];
    const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
    if (found !== undefined) kept.set(name, partial(found, nested));
  }
  return Object.fromEntries(kept);
}

/** Parts between the commas that stand in no parentheses. */
function fieldList(fields: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= fields.length; at++) {
    const sign = fields[at];
    if (sign === '(') depth += 1;
    if (sign === ')') depth -= 1;
    if (sign !== undefined && (sign !== ',' || depth > 0)) continue;
    parts.push(fields.slice(start, at).trim());
    start = at + 1;
  }
  return parts;
}
