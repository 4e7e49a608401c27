// One S3 bucket: each key's versions and delete markers, changed by conditional writes, kept on disk, told to whoever listens.
import { join } from 'node:path';
import * as z from 'zod';
import { type BodyStore, createBodyStore } from './bodies.ts';
import { createNameIndex } from './byte-order.ts';
import { keepLog } from './kept-log.ts';
import { type Condition, conflict, judgeDelete, judgeWrite, noSuchKey } from './s3-conditions.ts';
import { KeptContent, type S3Content } from './s3-content.ts';
import { S3Error } from './s3-wire.ts';

/** A version, or a delete marker when it has no content. `versionId` is null in a bucket without versioning. */
export type S3Entry = { key: string; versionId: string | null; content: S3Content | null; at: Date };

/** What happened, as a notification tells it. `sequencer` rises with every change of the bucket. */
export type S3Change = {
  bucket: string;
  key: string;
  event: 'Put' | 'Copy' | 'CompleteMultipartUpload' | 'Delete' | 'DeleteMarkerCreated' | 'TaggingPut';
  versionId: string | null;
  /** Null of a removal. */
  content: S3Content | null;
  sequencer: string;
  at: Date;
};

export type S3Bucket = {
  readonly name: string;
  readonly isPublic: boolean;
  readonly versioned: boolean;
  readonly kmsKeyId: string | null;
  readonly bodies: BodyStore;
  /** The current version, or the one that is named. Throws S3's errors for what is absent, and for delete markers. */
  read(key: string, versionId: string | null): S3Entry & { content: S3Content };
  current(key: string): S3Content | null;
  /** Counts the changes of the bucket: with `changedSince` it says what came in during an upload. */
  changes(): number;
  changedSince(key: string, count: number): { written: boolean; removed: boolean };
  /** Throws when the condition does not hold, or when another conditional write of the key is under way. */
  write(key: string, content: S3Content, event: S3Change['event'], condition: Condition): Promise<S3Entry>;
  /** `versionId` null removes the current version: by a delete marker, where the bucket is versioned. */
  remove(key: string, versionId: string | null, ifMatch: string | null): { versionId: string | null; marker: boolean };
  tag(key: string, versionId: string | null, tags: Record<string, string>): S3Entry;
  /** Keys from that one on, in UTF-8 byte order. */
  keysFrom(key: string, inclusive: boolean): Generator<string>;
  /** All versions and markers of a key, newest first. */
  history(key: string): readonly S3Entry[];
};

const Kept = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('stored'),
    key: z.string(),
    versionId: z.string().nullable(),
    at: z.iso.datetime(),
    content: KeptContent.nullable(),
  }),
  z.object({ kind: z.literal('removed'), key: z.string(), versionId: z.string().nullable() }),
  z.object({
    kind: z.literal('tagged'),
    key: z.string(),
    versionId: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
  }),
]);

export type S3BucketOptions = {
  name: string;
  isPublic: boolean;
  versioned: boolean;
  /** The key that objects are encrypted with when a request says nothing; null: AES256. */
  kmsKeyId: string | null;
  /** A directory that the bucket is kept in and begins with; null: in memory only. */
  keepIn: string | null;
  now: () => Date;
  onChange(change: S3Change): void;
};

export function createS3Bucket(options: S3BucketOptions): S3Bucket {
  const { keepIn, name, versioned } = options;
  const bodies = createBodyStore(keepIn === null ? null : join(keepIn, `${name}.s3.bodies`));
  const log = keepLog(keepIn === null ? null : join(keepIn, `${name}.s3.jsonl`), Kept);
  // Each key's entries, oldest first.
  const entries = new Map<string, S3Entry[]>();
  const index = createNameIndex();
  const touched = new Map<string, { written: number; removed: number }>();
  const underway = new Set<string>();
  let changes = 0;
  let lastStamp = 0n;
  const historyOf = (key: string) => entries.get(key) ?? [];
  const current = (key: string) => historyOf(key).at(-1)?.content ?? null;
  const set = (key: string, list: S3Entry[]) => {
    if (list.length === 0) {
      entries.delete(key);
      index.delete(key);
    } else {
      entries.set(key, list);
      index.add(key);
    }
  };
  const apply = (record: z.infer<typeof Kept>, entry: S3Entry | null) => {
    const before = historyOf(record.key);
    if (record.kind === 'tagged') {
      set(
        record.key,
        before.map((each) => (each.versionId === record.versionId ? tagged(each, record.tags) : each)),
      );
      return;
    }
    const gone = before.filter((each) => (entry === null || !versioned) && each.versionId === record.versionId);
    for (const { content } of gone) if (content) bodies.release(content.body);
    const kept = before.filter((each) => !gone.includes(each));
    set(record.key, entry === null ? kept : [...kept, entry]);
  };
  const touch = (key: string, kind: 'written' | 'removed') => {
    changes += 1;
    touched.set(key, { ...(touched.get(key) ?? { written: 0, removed: 0 }), [kind]: changes });
  };
  const tell = (key: string, event: S3Change['event'], versionId: string | null, content: S3Content | null) => {
    const at = options.now();
    const micros = BigInt(at.getTime()) * 1000n;
    lastStamp = micros > lastStamp ? micros : lastStamp + 1n;
    const sequencer = lastStamp.toString(16).toUpperCase().padStart(18, '0');
    options.onChange({ bucket: name, key, event, versionId, content, sequencer, at });
  };
  let named = 0;
  const nextId = () => (versioned ? `v${String(++named).padStart(12, '0')}` : null);
  const store = (key: string, content: S3Content | null): S3Entry => {
    const entry = { key, versionId: nextId(), content, at: content?.lastModified ?? wholeSeconds(options.now()) };
    const record = { kind: 'stored', key, versionId: entry.versionId, at: entry.at.toISOString() } as const;
    log.append({ ...record, content: content && toKept(content, bodies) });
    apply({ ...record, content: null }, entry);
    return entry;
  };
  for (const record of log.read()) {
    const content = record.kind === 'stored' && record.content ? fromKept(record.content, bodies) : null;
    apply(record, record.kind === 'stored' ? { ...record, content, at: new Date(record.at) } : null);
    if (record.kind === 'stored') named += 1;
  }
  bodies.sweep();
  const find = (key: string, versionId: string | null): S3Entry => {
    const list = historyOf(key);
    const id = versionId === 'null' ? null : versionId;
    const found = versionId === null ? list.at(-1) : list.find((each) => each.versionId === id);
    if (found) return found;
    if (versionId === null) throw noSuchKey(key);
    throw new S3Error(404, 'NoSuchVersion', 'The specified version does not exist.', {
      Key: key,
      VersionId: versionId,
    });
  };
  return {
    name,
    isPublic: options.isPublic,
    versioned,
    kmsKeyId: options.kmsKeyId,
    bodies,
    read: (key, versionId) => {
      const found = find(key, versionId);
      if (found.content) return { ...found, content: found.content };
      throw markerError(found, versionId);
    },
    current,
    changes: () => changes,
    changedSince: (key, count) => {
      const { written = 0, removed = 0 } = touched.get(key) ?? {};
      return { written: written > count, removed: removed > count };
    },
    async write(key, content, event, condition) {
      const commit = () => {
        const entry = store(key, content);
        touch(key, 'written');
        tell(key, event, entry.versionId, content);
        return entry;
      };
      if (condition.ifMatch === null && condition.ifNoneMatch === null) return commit();
      const before = current(key);
      judgeWrite(key, before, condition);
      if (underway.has(key)) throw conflict(key, condition);
      underway.add(key);
      try {
        // Two conditional writes that overlap are what S3 answers 409 to, so a write here takes a moment in which others may come.
        await new Promise((resolve) => setImmediate(resolve));
        if (current(key) !== before) throw conflict(key, condition);
        return commit();
      } finally {
        underway.delete(key);
      }
    },
    remove(key, versionId, ifMatch) {
      judgeDelete(current(key), ifMatch);
      if (versionId === null && versioned) {
        const marker = store(key, null);
        touch(key, 'removed');
        tell(key, 'DeleteMarkerCreated', marker.versionId, null);
        return { versionId: marker.versionId, marker: true };
      }
      const id = versionId === 'null' ? null : versionId;
      const found = historyOf(key).find((each) => each.versionId === id);
      if (!found) return { versionId: id, marker: false };
      const record = { kind: 'removed', key, versionId: id } as const;
      log.append(record);
      apply(record, null);
      touch(key, 'removed');
      tell(key, 'Delete', id, null);
      return { versionId: id, marker: found.content === null };
    },
    tag(key, versionId, tags) {
      const found = find(key, versionId);
      if (!found.content) throw markerError(found, versionId);
      const record = { kind: 'tagged', key, versionId: found.versionId, tags } as const;
      log.append(record);
      apply(record, null);
      tell(key, 'TaggingPut', found.versionId, found.content);
      return tagged(found, tags);
    },
    keysFrom: (key, inclusive) => index.from(key, inclusive),
    history: (key) => historyOf(key).toReversed(),
  };
}

function tagged(entry: S3Entry, tags: Record<string, string>): S3Entry {
  return { ...entry, content: entry.content && { ...entry.content, tags } };
}

export function wholeSeconds(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}

/** A delete marker is "not there" when it is current, and no object that could be read when it is named. */
function markerError(entry: S3Entry, versionId: string | null): S3Error {
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': entry.versionId ?? 'null' };
  if (versionId === null) return noSuchKey(entry.key, headers);
  const message = 'The specified method is not allowed against this resource.';
  return new S3Error(
    405,
    'MethodNotAllowed',
    message,
    { Method: 'GET', ResourceType: 'DeleteMarker' },
    {
      ...headers,
      allow: 'DELETE',
      'last-modified': entry.at.toUTCString(),
    },
  );
}

function toKept(content: S3Content, bodies: BodyStore): z.infer<typeof KeptContent> {
  return { ...content, body: bodies.toKept(content.body), lastModified: content.lastModified.toISOString() };
}

function fromKept(kept: z.infer<typeof KeptContent>, bodies: BodyStore): S3Content {
  return { ...kept, body: bodies.fromKept(kept.body), lastModified: new Date(kept.lastModified) };
}
