// One Google Cloud Storage bucket in memory: generations that never repeat, and the preconditions as the service judges them.
import * as z from 'zod';
import { checksumOf, md5Of } from './checksums.ts';
import { keepLog } from './kept-log.ts';

/** An error answer of the JSON API. */
export class GcsError extends Error {
  override readonly name = 'GcsError';
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** What a client may say about an object that it uploads. */
export type GcsMetadata = {
  contentType: string;
  cacheControl: string | null;
  metadata: Record<string, string>;
  md5Hash: string | null;
  crc32c: string | null;
};

export type GcsObject = {
  name: string;
  body: Buffer;
  /** Microseconds since 1970, moved on where two writes would share it: unique in the bucket and rising. */
  generation: bigint;
  metageneration: number;
  contentType: string;
  cacheControl: string | null;
  metadata: Record<string, string>;
  md5Hash: string;
  crc32c: string;
  created: Date;
};

/** The query parameters of a request, each null when it was not given. */
export type Preconditions = {
  generationMatch: string | null;
  generationNotMatch: string | null;
  metagenerationMatch: string | null;
};

export type GcsBucket = {
  readonly name: string;
  readonly isPublic: boolean;
  /** The live object. 404 when there is none, or when it is not of that generation; 304 and 412 as preconditions say. */
  read(name: string, generation: string | null, preconditions: Preconditions): GcsObject;
  /** 412 when a precondition does not hold; asked before a resumable upload, too. */
  check(name: string, preconditions: Preconditions): void;
  write(name: string, body: Buffer, metadata: GcsMetadata, preconditions: Preconditions): GcsObject;
  remove(name: string, generation: string | null, preconditions: Preconditions): void;
  /** Live objects in UTF-8 byte order of their names. */
  objects(): GcsObject[];
};

export type GcsBucketOptions = {
  name: string;
  isPublic: boolean;
  /** Answers 429 to a second change of one object within a second, as the service does when that goes on. */
  limitsWrites: boolean;
  /** A file that the bucket is kept in and begins with; null: in memory only. */
  keptIn: string | null;
  now: () => Date;
};

/** One change as it is kept on disk; `object` null is a removal. */
const Kept = z.object({
  name: z.string(),
  object: z
    .object({
      body: z.string(),
      generation: z.string(),
      contentType: z.string(),
      cacheControl: z.string().nullable(),
      metadata: z.record(z.string(), z.string()),
      created: z.iso.datetime(),
    })
    .nullable(),
});

export function createGcsBucket(options: GcsBucketOptions): GcsBucket {
  const log = keepLog(options.keptIn, Kept);
  const objects = new Map<string, GcsObject>();
  const changedAt = new Map<string, number>();
  let lastGeneration = 0n;
  for (const { name, object } of log.read()) {
    if (object === null) {
      objects.delete(name);
      continue;
    }
    const stored = fromKept(name, object);
    objects.set(name, stored);
    // Also of objects that are gone: a generation is never given out twice.
    lastGeneration = stored.generation > lastGeneration ? stored.generation : lastGeneration;
  }

  const limit = (name: string) => {
    if (!options.limitsWrites) return;
    const at = options.now().getTime();
    const before = changedAt.get(name);
    if (before !== undefined && at - before < 1000) {
      throw new GcsError(
        429,
        'rateLimitExceeded',
        `The object ${options.name}/${name} exceeded the rate limit for object mutation operations (create, update, and delete). Please reduce your request rate. See https://cloud.google.com/storage/docs/gcs429.`,
      );
    }
    changedAt.set(name, at);
  };
  const nextGeneration = () => {
    const micros = BigInt(options.now().getTime()) * 1000n;
    lastGeneration = micros > lastGeneration ? micros : lastGeneration + 1n;
    return lastGeneration;
  };
  const find = (name: string, generation: string | null) => {
    const found = objects.get(name);
    if (!found || (generation !== null && String(found.generation) !== generation)) {
      throw new GcsError(404, 'notFound', `No such object: ${options.name}/${name}`);
    }
    return found;
  };
  return {
    name: options.name,
    isPublic: options.isPublic,
    read(name, generation, preconditions) {
      const found = find(name, generation);
      if (preconditions.generationNotMatch === String(found.generation)) {
        throw new GcsError(304, 'notModified', 'Not Modified');
      }
      judge(found, { ...preconditions, generationNotMatch: null });
      return found;
    },
    check: (name, preconditions) => judge(objects.get(name) ?? null, preconditions),
    write(name, body, metadata, preconditions) {
      judge(objects.get(name) ?? null, preconditions);
      limit(name);
      const stored = stamp(name, body, metadata, nextGeneration(), options.now());
      log.append({ name, object: toKept(stored) });
      objects.set(name, stored);
      return stored;
    },
    remove(name, generation, preconditions) {
      judge(find(name, generation), preconditions);
      limit(name);
      log.append({ name, object: null });
      objects.delete(name);
    },
    objects: () => [...objects.values()].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))),
  };
}

/** Generation 0 stands for "there is none". */
function judge(found: GcsObject | null, preconditions: Preconditions): void {
  const generation = String(found?.generation ?? 0);
  const { generationMatch, generationNotMatch, metagenerationMatch } = preconditions;
  const holds =
    (generationMatch === null || generationMatch === generation) &&
    (generationNotMatch === null || generationNotMatch !== generation) &&
    (metagenerationMatch === null || metagenerationMatch === String(found?.metageneration ?? 0));
  if (!holds) {
    throw new GcsError(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.');
  }
}

function stamp(name: string, body: Buffer, sent: GcsMetadata, generation: bigint, created: Date): GcsObject {
  const md5Hash = md5Of(body).toString('base64');
  const crc32c = checksumOf('crc32c', body);
  if ((sent.md5Hash ?? md5Hash) !== md5Hash || (sent.crc32c ?? crc32c) !== crc32c) {
    throw new GcsError(
      400,
      'invalid',
      `Provided hash does not match calculated hash (MD5 "${md5Hash}", CRC32C "${crc32c}").`,
    );
  }
  const { contentType, cacheControl, metadata } = sent;
  return { name, body, generation, metageneration: 1, contentType, cacheControl, metadata, md5Hash, crc32c, created };
}

function toKept({ body, generation, contentType, cacheControl, metadata, created }: GcsObject) {
  return {
    body: body.toString('base64'),
    generation: String(generation),
    contentType,
    cacheControl,
    metadata,
    created: created.toISOString(),
  };
}

function fromKept(name: string, kept: NonNullable<z.infer<typeof Kept>['object']>): GcsObject {
  const { contentType, cacheControl, metadata } = kept;
  const sent = { contentType, cacheControl, metadata, md5Hash: null, crc32c: null };
  return stamp(name, Buffer.from(kept.body, 'base64'), sent, BigInt(kept.generation), new Date(kept.created));
}
