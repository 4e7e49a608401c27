// A bucket of large objects whose versions are looked at, read pinned, written on condition and listed: one end of a replication.
import type { ListedObject, ObjectAttributes, ObjectLook, ObjectVersion } from '../model/replica.ts';

export type ByteRange = { startByte: number /** Exclusive. */; endByte: number };

/** The tag of the version that is replaced, or `absent`: nothing is there. */
export type ObjectCondition = { kind: 'absent' } | { kind: 'tag'; tag: string; revision: number };

/** Everything that is written in the same request as the bytes. `stamp: null` for what is ours alone (parts, records). */
export type NewObject = { key: string; attributes: ObjectAttributes; stamp: string | null };

/**
 * `conflict`: the condition did not hold, or another write was under way: nothing was changed by this call, look again.
 * `corrupt`: the bytes that arrived are not those of the checksum: nothing became visible.
 */
export type ObjectWriteResult =
  | { kind: 'written'; object: ObjectVersion }
  | { kind: 'conflict' }
  | { kind: 'corrupt'; because: string };

/** `gone`: the pinned version is no longer there: look again. */
export type ObjectReadResult = { kind: 'bytes'; bytes: AsyncIterable<Uint8Array> } | { kind: 'gone' };

/** The bytes of an object on their way: taken whole, each of them, or given up. Whoever has one does one of both, soon. */
export type ObjectBody = { whole(): Promise<Uint8Array>; drop(): void };

/** `unsure`: this cannot be told in one request: look, and read. */
export type ObjectFetch =
  | { kind: 'present'; object: ObjectVersion; body: ObjectBody }
  | { kind: 'absent'; deleted: boolean | 'unknown' }
  | { kind: 'unsure' };

/** A large write that several calls, processes and invocations carry on. Plain data: kept in the checkpoint. */
export type UploadRef = { id: string; key: string };
export type PartRef = {
  number: number;
  sizeBytes: number;
  crc32c: string /** What the service named it. */;
  tag: string;
};

/** One death that the bucket's own history tells: when, and what was deleted (null: not told). */
export type RecordedDeath = { timeMillis: number; of: ObjectVersion | null };

/** What a bucket allows and is, for plans and preconditions. */
export type BucketTraits = {
  versioned: boolean;
  maxObjectBytes: number;
  minPartBytes: number;
  maxPartBytes: number;
  maxParts: number;
  /** Whether a look at a key that is absent may tell that it was deleted: S3's delete markers do. */
  tellsDeaths: boolean;
  /** Null: a key may be written as often as one likes. */
  writesPerSecondOfOneKey: number | null;
  /** When the attributes and the stamp of a large write are laid down: S3 takes them only when it begins. */
  largeStampedAt: 'begin' | 'complete';
  carries: CarryingLimits;
};

/** What a service takes beside the bytes. Sizes are of UTF-8. */
export type CarryingLimits = {
  /** Of all metadata together, names and values, Causeway's own entries counted. */
  maxMetadataBytes: number;
  /** `token`: names travel as HTTP headers do. */
  metadataNames: 'token' | 'any';
  /** `in-metadata`: kept as one entry of the metadata, and counted there. */
  tags: { kind: 'native'; max: number; maxNameChars: number; maxValueChars: number } | { kind: 'in-metadata' };
  maxKeyBytes: number;
  /** Keys that the service refuses, each with its reason. */
  refusedKeys: readonly { pattern: RegExp; because: string }[];
};

/**
 * Every function throws `BucketUnavailable` when the service did not answer, throttled or refused: for a change that means UNKNOWN, it
 * may have happened; look again. Nothing is retried below this port. Keys are any that both providers take.
 */
export type ObjectBucket = {
  readonly name: string;
  traits(): Promise<BucketTraits>;
  look(key: string): Promise<ObjectLook>;
  /** The newest deaths and versions of a key by the bucket's own history, newest first, the live one included, at most `limit` looked at. Without one: empty. */
  history(key: string, limit: number): Promise<{ versions: ObjectVersion[]; deaths: RecordedDeath[] }>;
  /**
   * What is live now, with its bytes as `read` gives them: a look and a read in one request. `known`: what an event says is live, or null;
   * where the answer tells less than a look (Cloud Storage), the service is asked whether that is so.
   */
  fetch(key: string, known: ObjectVersion | null): Promise<ObjectFetch>;
  /** The bytes of one version, never of another; never decompressed on the way. `range: null`: all of them. */
  read(object: ObjectVersion, range: ByteRange | null): Promise<ObjectReadResult>;
  /** Small objects: one request, bytes in memory; `crc32c` is verified by the service before anything is visible. */
  write(target: NewObject, bytes: Uint8Array, crc32c: string, condition: ObjectCondition): Promise<ObjectWriteResult>;
  /** Large objects. `begin` may be forgotten at any time: `abort`, or the bucket's lifecycle, clears what was left. */
  begin(target: NewObject, id: string): Promise<UploadRef>;
  /**
   * Streams one part; the same number again replaces it. `crc32c` is asked once, after the last of the bytes was taken: S3 wants it in
   * the trailer of the upload. `corrupt`: what arrived is not what was sent; the part does not count. What `bytes` throws is thrown on.
   */
  writePart(
    upload: UploadRef,
    number: number,
    sizeBytes: number,
    bytes: AsyncIterable<Uint8Array>,
    crc32c: () => string,
  ): Promise<{ kind: 'written'; part: PartRef } | { kind: 'corrupt'; because: string } | { kind: 'no-upload' }>;
  /** Which parts the service has: what a new invocation goes on from. Null: there is no such upload (any more). */
  parts(upload: UploadRef): Promise<PartRef[] | null>;
  /** Becomes visible whole, with `crc32c` (combined from the parts) verified before, or not at all. `no-upload`: begin again. */
  complete(
    upload: UploadRef,
    target: NewObject,
    parts: readonly PartRef[],
    crc32c: string,
    condition: ObjectCondition,
  ): Promise<ObjectWriteResult | { kind: 'no-upload' }>;
  abort(upload: UploadRef): Promise<void>;
  /** New attributes and stamp for bytes that stay as they are, on the service's side, only if `object` is what is live; no bytes travel, and their CRC32C is known then. */
  restamp(object: ObjectVersion, target: NewObject): Promise<ObjectWriteResult>;
  /** A copy beside, on the service's side, of exactly this version, with its attributes, live or older; twice is once. `gone`: it is no longer there. */
  keepAside(object: ObjectVersion, key: string): Promise<{ kind: 'kept' } | { kind: 'gone' }>;
  /** Removes what is live, only if it is this version. In a versioned bucket the bytes stay as an older version. */
  remove(object: ObjectVersion): Promise<{ kind: 'removed' } | { kind: 'conflict' } | { kind: 'absent' }>;
  /** Live objects below the prefix, in byte order of their UTF-8 keys, after `startAfter` (exclusive), page by page. */
  list(prefix: string, startAfter: string | null): AsyncIterable<ListedObject[]>;
};

export class BucketUnavailable extends Error {
  override readonly name = 'BucketUnavailable';
  readonly bucket: string;
  /** `refused`: credentials or permission, a person must mend it. `invalid`: the service will never take this request. */
  readonly reason: 'time-out' | 'throttled' | 'failed' | 'refused' | 'invalid';
  constructor(bucket: string, reason: BucketUnavailable['reason'], message: string, options?: ErrorOptions) {
    super(`${bucket}: ${message}`, options);
    this.bucket = bucket;
    this.reason = reason;
  }
}
