// Objects that are kept alike in two buckets: what an object version is, and how a strategy pairs the buckets.
import type { SiteName } from './site.ts';

/** What travels with the bytes. `null`: not set. Names of `metadata` are lower-case: S3 knows no others. */
export type ObjectAttributes = {
  contentType: string | null;
  contentEncoding: string | null;
  contentDisposition: string | null;
  contentLanguage: string | null;
  cacheControl: string | null;
  /** The user's own, without what Causeway stamps. */
  metadata: Readonly<Record<string, string>>;
  /** S3's tags; kept as one entry of the metadata where a provider has none. Empty: none. */
  tags: Readonly<Record<string, string>>;
  storageClass: StorageClass;
};

/** Nothing but bytes. */
export const noAttributes: ObjectAttributes = {
  contentType: null,
  contentEncoding: null,
  contentDisposition: null,
  contentLanguage: null,
  cacheControl: null,
  metadata: {},
  tags: {},
  storageClass: 'standard',
};

/** Entries of the metadata that are Causeway's own, and no user's. */
export const stampEntry = 'causeway-stamp';
export const tagsEntry = 'causeway-tags';

/** The classes by what they are for: each provider's names map to the nearest. */
export type StorageClass = 'standard' | 'infrequent' | 'cold' | 'archive';

/**
 * Which version of an object a version *is*, wherever its bytes lie: the site where it was written, that site's name of the version
 * and that site's clock. Ordered by (time, site): the last write wins, and both sides agree about who was last.
 */
export type Origin = {
  site: SiteName;
  /** S3: the version id, or the ETag in an unversioned bucket. Cloud Storage: the generation, and `/metageneration` beyond the first. */
  version: string;
  /** Milliseconds since 1970 by the origin's clock; whole seconds at S3. */
  timeMillis: number;
};

/** One version of an object as a bucket has it. */
export type ObjectVersion = {
  key: string;
  /** Pins reads to these bytes. S3: the version id, or `"etag"`; Cloud Storage: the generation. */
  version: string;
  /** Makes the next write or removal conditional. S3: the ETag; Cloud Storage: the generation. */
  tag: string;
  /** Cloud Storage: rises with each change of attributes, and is 1 in what was written at once; S3: always 1. */
  revision: number;
  sizeBytes: number;
  /** Of the whole object, base64 of the big-endian number as both clouds write it; null where the service has none (S3, older uploads). */
  crc32c: string | null;
  /** Hexadecimal, of the whole object; null where the service has none (written in parts, or encrypted with a key of one's own). */
  md5: string | null;
  modifiedMillis: number;
  attributes: ObjectAttributes;
  /** The entry that Causeway wrote (`causeway-stamp`), as text; whether it may be believed is `shared/objects`' business. */
  stamp: string | null;
};

/** `deleted: 'unknown'`: the service does not tell a key that never was from one that was deleted, without its history being read. */
export type ObjectLook = { kind: 'present'; object: ObjectVersion } | { kind: 'absent'; deleted: boolean | 'unknown' };

/** What is there, if it is what a write with that stamp and checksum made: its answer may have been lost. */
export function madeBy(look: ObjectLook, stamp: string | null, crc32c: string): ObjectVersion | null {
  if (look.kind === 'absent' || stamp === null) return null;
  return look.object.stamp === stamp && look.object.crc32c === crc32c ? look.object : null;
}

/**
 * What an event says of a key. Nothing is done because of it but to look: it may be late, doubled, out of order, or about a version that
 * is no more. `deleted` is also said of what was overwritten.
 */
export type ObjectHint = {
  bucket: string;
  key: string;
  kind: 'written' | 'deleted' | 'attributes';
  version: string | null;
  /** S3's order of the events of one key: hexadecimal, the shorter padded with zeros on the right. */
  sequencer: string | null;
  timeMillis: number;
  /** The version that it speaks of, where the event tells all of it (Cloud Storage). */
  of: ObjectVersion | null;
};

/** What a listing tells of an object; null is what this provider's listings do not tell. */
export type ListedObject = {
  key: string;
  tag: string;
  version: string | null;
  revision: number | null;
  sizeBytes: number;
  crc32c: string | null;
  modifiedMillis: number;
  stamp: string | null;
};

/** A prefix and how soon what lies below it is replicated. The longest prefix that matches a key decides. */
export type ReplicationTier = {
  name: string;
  prefix: string;
  /** Null: on the event. Else the newest version of each key is copied once per window of this length. */
  everySeconds: number | null;
};

/** Two buckets that are kept alike, both ways. */
export type BucketPair = {
  name: string;
  buckets: readonly [PairedBucket, PairedBucket];
  tiers: readonly ReplicationTier[];
};

export type PairedBucket = { site: SiteName; bucket: string };
