// What a bucket of the fake holds: versions, deaths and uploads in memory, as users and processes find them, in the manner of either service.
import { createHash } from 'node:crypto';
import type { ObjectAttributes, ObjectVersion } from '../../shared/model/replica.ts';
import { crc32c, crc32cText } from '../../shared/objects/crc32c.ts';
import type { NewObject, PartRef } from '../../shared/ports/object-bucket.ts';

/** Bytes that may be too many to be held: made when they are read. */
export type Content = {
  sizeBytes: number;
  crc32c: string;
  md5: string | null;
  chunks(startByte: number, endByte: number): Iterable<Uint8Array>;
};

export type LiveEntry = { kind: 'object'; version: ObjectVersion; content: Content };
export type Entry = LiveEntry | { kind: 'marker'; timeMillis: number };

export type FakeUpload = {
  id: string;
  target: NewObject;
  begunMillis: number;
  parts: Map<number, { ref: PartRef; content: Content }>;
};

/** What happened to a key, as the service's events tell it: for a test to deliver, late, twice or never. */
export type BucketEvent = {
  key: string;
  kind: 'written' | 'deleted' | 'attributes';
  timeMillis: number;
  of: ObjectVersion | null;
};

export type BucketManner = {
  /** `s3`: whole seconds, tags by content, and a listing that tells little. `gcs`: generations, and revisions of the attributes. */
  service: 's3' | 'gcs';
  versioned: boolean;
  nowMillis(): number;
  onEvent(event: BucketEvent): void;
};

export type FakeObjectState = {
  readonly manner: BucketManner;
  /** Of each key the oldest first; what is live is the last, unless that is a marker. */
  readonly entries: Map<string, Entry[]>;
  readonly uploads: Map<string, FakeUpload>;
  live(key: string): LiveEntry | null;
  /** Becomes live, whatever was there. `dated`: when the service says that it was written. */
  put(key: string, content: Content, more: PutDetails): ObjectVersion;
  /** Changes the attributes of what is live. `checksummed`: whether S3, which makes a copy for it, is asked for our checksum. */
  patch(key: string, attributes: ObjectAttributes, stamp: string | null, checksummed: boolean): ObjectVersion;
  remove(key: string): void;
  /** How many times anything was changed. */
  writes(): number;
};

export type PutDetails = {
  attributes: ObjectAttributes;
  stamp: string | null;
  /** S3 keeps a checksum of its own choice of what users write, so that they have none of ours. */
  checksummed: boolean;
  parts: number | null;
  datedMillis: number;
};

export function contentOf(bytes: Uint8Array): Content {
  const held = Buffer.from(bytes);
  return {
    sizeBytes: held.length,
    crc32c: crc32cText(crc32c(held)),
    md5: createHash('md5').update(held).digest('hex'),
    chunks: function* (startByte, endByte) {
      for (let at = startByte; at < endByte; at += 64 * 1024)
        yield held.subarray(at, Math.min(at + 64 * 1024, endByte));
    },
  };
}

export function createFakeObjectState(manner: BucketManner): FakeObjectState {
  const { service, versioned } = manner;
  const entries = new Map<string, Entry[]>();
  let changes = 0;
  let generations = 1_700_000_000_000_000;

  const live = (key: string): LiveEntry | null => {
    const last = entries.get(key)?.at(-1);
    return last?.kind === 'object' ? last : null;
  };
  const tell = (key: string, kind: BucketEvent['kind'], of: ObjectVersion | null) =>
    manner.onEvent({ key, kind, timeMillis: manner.nowMillis(), of: service === 'gcs' ? of : null });

  function put(key: string, content: Content, details: PutDetails): ObjectVersion {
    changes++;
    const before = live(key);
    const etag = `"${content.md5 ?? content.crc32c}${details.parts === null ? '' : `-${details.parts}`}"`;
    const generation = String(++generations);
    const version: ObjectVersion = {
      key,
      version: service === 'gcs' ? generation : versioned ? `v${generation}` : etag,
      tag: service === 'gcs' ? generation : etag,
      revision: 1,
      sizeBytes: content.sizeBytes,
      crc32c: service === 's3' && !details.checksummed ? null : content.crc32c,
      md5: details.parts === null ? content.md5 : null,
      modifiedMillis: service === 's3' ? Math.floor(details.datedMillis / 1000) * 1000 : details.datedMillis,
      attributes: details.attributes,
      stamp: details.stamp,
    };
    const entry: Entry = { kind: 'object', version, content };
    if (versioned) entries.set(key, [...(entries.get(key) ?? []), entry]);
    else entries.set(key, [entry]);
    tell(key, 'written', version);
    // Cloud Storage says of what is overwritten that it was deleted; S3 says nothing of it.
    if (before !== null && service === 'gcs') tell(key, 'deleted', before.version);
    return version;
  }

  return {
    manner,
    entries,
    uploads: new Map(),
    live,
    put,
    patch(key, attributes, stamp, checksummed) {
      const found = live(key);
      if (found === null) throw new Error(`${key} is not there`);
      if (service === 's3') {
        // A copy onto itself: another version with the same bytes.
        return put(key, found.content, {
          attributes,
          stamp,
          checksummed,
          parts: null,
          datedMillis: manner.nowMillis(),
        });
      }
      changes++;
      const { version } = found;
      const patched = {
        ...version,
        attributes,
        stamp,
        revision: version.revision + 1,
        modifiedMillis: manner.nowMillis(),
      };
      entries.get(key)?.splice(-1, 1, { ...found, version: patched });
      tell(key, 'attributes', patched);
      return patched;
    },
    remove(key) {
      const found = live(key);
      if (found === null) return;
      changes++;
      if (versioned) entries.get(key)?.push({ kind: 'marker', timeMillis: markedMillis(manner) });
      else entries.delete(key);
      tell(key, 'deleted', found.version);
    },
    writes: () => changes,
  };
}

function markedMillis({ service, nowMillis }: BucketManner): number {
  return service === 's3' ? Math.floor(nowMillis() / 1000) * 1000 : nowMillis();
}
