// One S3 bucket in memory: versions, delete markers and the conditional writes as S3 judges them.
import * as z from 'zod';
import { checksumAlgorithms, md5Of } from './checksums.ts';
import { keepLog } from './kept-log.ts';
import { S3Error, type Upload } from './s3-wire.ts';

export type S3Version = Upload & {
  etag: string;
  contentType: string;
  cacheControl: string | null;
  /** `x-amz-meta-*` headers, by their full names. */
  metadata: Record<string, string>;
  lastModified: Date;
  /** Null in a bucket without versioning. */
  versionId: string | null;
};

/** A key's history, newest last; `null` content is a delete marker. */
type Entry = { versionId: string | null; content: S3Version | null };

type NewVersion = Omit<S3Version, 'etag' | 'versionId'>;
type Condition = { ifMatch: string | null; ifNoneMatch: string | null };

export type S3Bucket = {
  readonly name: string;
  readonly isPublic: boolean;
  read(key: string, versionId: string | null): S3Version;
  write(key: string, version: NewVersion, condition: Condition): Promise<S3Version>;
  remove(key: string, ifMatch: string | null): { versionId: string | null; marker: boolean };
  /** Keys that have a current version, in UTF-8 byte order. */
  keys(): string[];
};

/** One change as it is kept on disk; `content` null is a removal. */
const Kept = z.object({
  key: z.string(),
  versionId: z.string().nullable(),
  content: z
    .object({
      body: z.string(),
      checksum: z.object({ algorithm: z.enum(checksumAlgorithms), value: z.string() }),
      contentType: z.string(),
      cacheControl: z.string().nullable(),
      metadata: z.record(z.string(), z.string()),
      lastModified: z.iso.datetime(),
    })
    .nullable(),
});

export type S3BucketOptions = {
  name: string;
  isPublic: boolean;
  versioned: boolean;
  /** A file that the bucket is kept in and begins with; null: in memory only. */
  keptIn: string | null;
};

export function createS3Bucket(options: S3BucketOptions): S3Bucket {
  const log = keepLog(options.keptIn, Kept);
  const entries = new Map<string, Entry[]>();
  const underway = new Set<string>();
  let written = 0;
  const history = (key: string) => entries.get(key) ?? [];
  const current = (key: string) => history(key).at(-1)?.content ?? null;
  const nextId = () => (options.versioned ? `v${String(++written).padStart(12, '0')}` : null);
  const apply = (key: string, entry: Entry) => {
    if (options.versioned) entries.set(key, [...history(key), entry]);
    else if (entry.content) entries.set(key, [entry]);
    else entries.delete(key);
  };
  const append = (key: string, entry: Entry) => {
    log.append({ key, versionId: entry.versionId, content: entry.content && toKept(entry.content) });
    apply(key, entry);
  };
  const commit = (key: string, version: NewVersion): S3Version => {
    const stored = stamp(version, nextId());
    append(key, { versionId: stored.versionId, content: stored });
    return stored;
  };
  for (const { key, versionId, content } of log.read()) {
    apply(key, { versionId, content: content && stamp(fromKept(content), versionId) });
    written++;
  }
  return {
    name: options.name,
    isPublic: options.isPublic,
    read(key, versionId) {
      const found =
        versionId === null ? history(key).at(-1) : history(key).find((entry) => entry.versionId === versionId);
      if (!found?.content) throw noSuchKey(key);
      return found.content;
    },
    async write(key, version, condition) {
      refuseUnknownConditions(condition);
      if (condition.ifMatch === null && condition.ifNoneMatch === null) return commit(key, version);
      const before = current(key);
      judge(key, before, condition);
      if (underway.has(key)) throw conflict(key, condition);
      underway.add(key);
      try {
        // Two conditional writes that overlap are what S3 answers 409 to, so a write here takes a moment in which others may come.
        await new Promise((resolve) => setImmediate(resolve));
        if (current(key) !== before) throw conflict(key, condition);
        return commit(key, version);
      } finally {
        underway.delete(key);
      }
    },
    remove(key, ifMatch) {
      const before = current(key);
      if (ifMatch !== null && (before === null || (ifMatch !== '*' && bare(ifMatch) !== bare(before.etag)))) {
        throw preconditionFailed('If-Match');
      }
      const versionId = nextId();
      append(key, { versionId, content: null });
      return { versionId, marker: options.versioned };
    },
    keys: () => [...entries.keys()].filter((key) => current(key) !== null).sort(byBytes),
  };
}

function stamp(version: NewVersion, versionId: string | null): S3Version {
  return { ...version, etag: `"${md5Of(version.body).toString('hex')}"`, versionId };
}

function toKept({ etag: _etag, versionId: _versionId, ...version }: S3Version) {
  return { ...version, body: version.body.toString('base64'), lastModified: version.lastModified.toISOString() };
}

function fromKept(kept: NonNullable<z.infer<typeof Kept>['content']>): NewVersion {
  return { ...kept, body: Buffer.from(kept.body, 'base64'), lastModified: new Date(kept.lastModified) };
}

function refuseUnknownConditions(condition: Condition): void {
  if (condition.ifMatch !== null && condition.ifNoneMatch !== null) {
    throw notImplemented('If-Match,If-None-Match', 'Multiple conditional request headers present in the request');
  }
  if (condition.ifMatch === '*') throw notImplemented('If-Match', wrongValue('If-Match'));
  if (condition.ifNoneMatch !== null && condition.ifNoneMatch !== '*') {
    throw notImplemented('If-None-Match', wrongValue('If-None-Match'));
  }
}

function judge(key: string, before: S3Version | null, condition: Condition): void {
  if (condition.ifNoneMatch !== null && before !== null) throw preconditionFailed('If-None-Match');
  if (condition.ifMatch === null) return;
  if (before === null) throw noSuchKey(key);
  if (bare(condition.ifMatch) !== bare(before.etag)) throw preconditionFailed('If-Match');
}

export function bare(etag: string): string {
  return etag.replace(/^"|"$/g, '');
}

export function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function noSuchKey(key: string): S3Error {
  return new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
}

export function preconditionFailed(header: string): S3Error {
  return new S3Error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition: header,
  });
}

function conflict(key: string, condition: Condition): S3Error {
  return new S3Error(
    409,
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    { Condition: condition.ifMatch === null ? 'If-None-Match' : 'If-Match', Key: key },
  );
}

function notImplemented(header: string, more: string): S3Error {
  return new S3Error(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented', {
    Header: header,
    additionalMessage: more,
  });
}

function wrongValue(header: string): string {
  return `We don't accept the provided value of ${header} header for this API`;
}
