// Objects as the JSON API writes them, to and from our own words. https://cloud.google.com/storage/docs/json_api/v1/objects
import * as z from 'zod';
import {
  type ObjectAttributes,
  type ObjectVersion,
  type StorageClass,
  stampEntry,
  tagsEntry,
} from '../../shared/model/replica.ts';
import type { NewObject } from '../../shared/ports/object-bucket.ts';

/** What the service says of an object that was written without a content type. */
export const noContentType = 'application/octet-stream';

/** Numbers of 64 bits are texts, but in some events. */
const Long = z.union([z.string(), z.number()]).transform(String);

export const GcsObject = z.object({
  name: z.string(),
  generation: Long,
  metageneration: Long,
  size: Long,
  crc32c: z.string().optional(),
  md5Hash: z.string().optional(),
  timeCreated: z.string().optional(),
  updated: z.string(),
  /** Of a generation that is no longer live. */
  timeDeleted: z.string().optional(),
  softDeleteTime: z.string().optional(),
  contentType: z.string().optional(),
  contentEncoding: z.string().optional(),
  contentDisposition: z.string().optional(),
  contentLanguage: z.string().optional(),
  cacheControl: z.string().optional(),
  storageClass: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});
export type GcsObject = z.infer<typeof GcsObject>;

/** What is asked for in place of the whole resource, which is three times as long. */
export const objectFields = Object.keys(GcsObject.shape).join(',');

export function versionOf(resource: GcsObject): ObjectVersion {
  const { [stampEntry]: stamp = null, [tagsEntry]: tags = '{}', ...metadata } = resource.metadata ?? {};
  const attributes: ObjectAttributes = {
    contentType: resource.contentType === noContentType ? null : (resource.contentType ?? null),
    contentEncoding: resource.contentEncoding ?? null,
    contentDisposition: resource.contentDisposition ?? null,
    contentLanguage: resource.contentLanguage ?? null,
    cacheControl: resource.cacheControl ?? null,
    metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value])),
    tags: tagsOf(tags),
    storageClass: storageClassOf(resource.storageClass),
  };
  return {
    key: resource.name,
    version: resource.generation,
    tag: resource.generation,
    revision: Number(resource.metageneration),
    sizeBytes: Number(resource.size),
    crc32c: resource.crc32c ?? null,
    md5: resource.md5Hash === undefined ? null : Buffer.from(resource.md5Hash, 'base64').toString('hex'),
    modifiedMillis: Date.parse(resource.updated),
    attributes,
    stamp,
  };
}

/** What is no such entry was written by somebody else, and tells no tags. */
function tagsOf(text: string): Record<string, string> {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(text));
  } catch {
    return {};
  }
}

export function stampOf(resource: Pick<GcsObject, 'metadata'>): string | null {
  return resource.metadata?.[stampEntry] ?? null;
}

/** What an object is to be described by. A patch takes away what is null; a new object has it not. */
export function describe({ attributes, stamp }: NewObject): Record<string, unknown> {
  const { tags, storageClass, metadata, ...texts } = attributes;
  return {
    ...texts,
    storageClass: classNames[storageClass],
    metadata: {
      ...metadata,
      ...(stamp === null ? {} : { [stampEntry]: stamp }),
      ...(Object.keys(tags).length === 0 ? {} : { [tagsEntry]: JSON.stringify(tags) }),
    },
  };
}

const classNames = {
  standard: 'STANDARD',
  infrequent: 'NEARLINE',
  cold: 'COLDLINE',
  archive: 'ARCHIVE',
} as const satisfies Record<StorageClass, string>;

/** The older names, MULTI_REGIONAL, REGIONAL and DURABLE_REDUCED_AVAILABILITY, are for what is read often. */
function storageClassOf(name: string | undefined): StorageClass {
  switch (name) {
    case 'NEARLINE':
      return 'infrequent';
    case 'COLDLINE':
      return 'cold';
    case 'ARCHIVE':
      return 'archive';
    default:
      return 'standard';
  }
}
