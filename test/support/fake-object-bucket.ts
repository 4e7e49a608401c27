// A bucket of large objects in memory, with faults on demand: one process's client of a state that many may share.
import type { ListedObject, ObjectVersion } from '../../shared/model/replica.ts';
import { crc32c, crc32cText, joinCrc32c, readCrc32c } from '../../shared/objects/crc32c.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import {
  type BucketTraits,
  BucketUnavailable,
  type ObjectBucket,
  type ObjectCondition,
  type ObjectFetch,
  type ObjectWriteResult,
  type PartRef,
  type UploadRef,
} from '../../shared/ports/object-bucket.ts';
import { type Content, contentOf, type FakeObjectState, type FakeUpload, type LiveEntry } from './fake-object-state.ts';

export type BucketCall = { operation: Exclude<keyof ObjectBucket, 'name'>; key: string };

export type BucketFault =
  /** Throws; nothing was done. The caller cannot tell this from the next. */
  | { kind: 'unknown-before' }
  /** Throws, though all of it was done. */
  | { kind: 'unknown-after' }
  | { kind: 'throttled' }
  /** A write is answered `conflict` though its condition held, and nothing was done: S3's 409. */
  | { kind: 'conflict' }
  /** The bytes are damaged on their way. */
  | { kind: 'damaged' }
  /** Held back by the clock, before the effect or after it. */
  | { kind: 'delay'; at: 'before' | 'after'; seconds: number }
  /** The caller's process ends, before the effect or after it: it never hears of anything again. */
  | { kind: 'dies'; at: 'before' | 'after' };

export type BucketFaults = (call: BucketCall) => BucketFault | null;

export type FakeObjectBucketOptions = {
  name: string;
  state: FakeObjectState;
  clock: Clock;
  faults: BucketFaults;
  pageSize: number;
  traits: Partial<BucketTraits>;
  /** How the fake keeps what it is given: bytes, or only their checksum when there are too many. */
  keep: 'bytes' | 'checksums';
};

export function createFakeObjectBucket(options: FakeObjectBucketOptions): ObjectBucket {
  const { name, state, clock, faults, pageSize } = options;
  const { service, versioned } = state.manner;

  async function call<T>(
    what: BucketCall,
    effect: (damaged: boolean) => T | Promise<T>,
    conflict?: () => T,
  ): Promise<T> {
    const fault = faults(what);
    // Every real call gives the others a turn.
    await Promise.resolve();
    if (fault?.kind === 'unknown-before') throw lost(what);
    if (fault?.kind === 'throttled') throw new BucketUnavailable(name, 'throttled', `503: slow down with ${what.key}`);
    if (fault?.kind === 'conflict' && conflict) return conflict();
    if (fault?.kind === 'delay' && fault.at === 'before') await clock.sleep(fault.seconds);
    if (fault?.kind === 'dies' && fault.at === 'before') await never();
    const answer = await effect(fault?.kind === 'damaged');
    if (fault?.kind === 'unknown-after') throw lost(what);
    if (fault?.kind === 'delay' && fault.at === 'after') await clock.sleep(fault.seconds);
    if (fault?.kind === 'dies') await never();
    return answer;
  }
  const lost = ({ operation, key }: BucketCall) =>
    new BucketUnavailable(name, 'time-out', `${operation} ${key} was not answered (a fault of the test)`);
  const conflict = () => ({ kind: 'conflict' as const });
  const now = () => state.manner.nowMillis();

  return {
    name,
    traits: () =>
      call({ operation: 'traits', key: '' }, () => ({ ...traitsOf(service, versioned), ...options.traits })),
    look: (key) =>
      call({ operation: 'look', key }, () => {
        const found = state.live(key);
        if (found) return { kind: 'present', object: found.version };
        const marked = service === 's3' && versioned;
        return { kind: 'absent', deleted: marked ? state.entries.has(key) : 'unknown' };
      }),
    history: (key, limit) =>
      call({ operation: 'history', key }, () => {
        const entries = versioned ? (state.entries.get(key) ?? []).slice(-limit) : [];
        const beneath = (index: number) => {
          const one = entries[index - 1];
          return one?.kind === 'object' ? one.version : null;
        };
        return {
          versions: entries.flatMap((one) => (one.kind === 'object' ? [one.version] : [])).reverse(),
          deaths: entries
            .flatMap((one, index) =>
              one.kind === 'marker' ? [{ timeMillis: one.timeMillis, of: beneath(index) }] : [],
            )
            .reverse(),
        };
      }),
    fetch: (key, known) =>
      call({ operation: 'fetch', key }, (damaged): ObjectFetch => {
        const found = state.live(key);
        const isKnown = known?.tag === found?.version.tag && known?.revision === found?.version.revision;
        if (service === 'gcs' && (!found || !isKnown)) return { kind: 'unsure' };
        if (!found) return { kind: 'absent', deleted: versioned ? state.entries.has(key) : 'unknown' };
        const { sizeBytes, chunks } = found.content;
        const whole = async () => {
          const pieces: Uint8Array[] = [];
          for await (const piece of streamed(chunks(0, sizeBytes), damaged)) pieces.push(piece);
          return Buffer.concat(pieces);
        };
        return { kind: 'present', object: found.version, body: { whole, drop: () => {} } };
      }),
    read: (object, range) =>
      call({ operation: 'read', key: object.key }, (damaged) => {
        const found = versionOf(state, object);
        if (!found) return { kind: 'gone' };
        const { startByte, endByte } = range ?? { startByte: 0, endByte: found.content.sizeBytes };
        return { kind: 'bytes', bytes: streamed(found.content.chunks(startByte, endByte), damaged) };
      }),
    write: (target, bytes, sum, condition) =>
      call(
        { operation: 'write', key: target.key },
        (damaged): ObjectWriteResult => {
          if (!holds(state, target.key, condition)) return conflict();
          const content = contentOf(bytes);
          if (damaged || content.crc32c !== sum) return corrupt(sum, content.crc32c);
          const details = { attributes: target.attributes, stamp: target.stamp, checksummed: true };
          return {
            kind: 'written',
            object: state.put(target.key, content, { ...details, parts: null, datedMillis: now() }),
          };
        },
        conflict,
      ),
    begin: (target, id) =>
      call({ operation: 'begin', key: target.key }, () => {
        // S3 names each upload itself; ours are found again by the id that they were given.
        const named = service === 's3' ? `${id}.${state.uploads.size}.${state.writes()}` : id;
        if (!state.uploads.has(named)) {
          state.uploads.set(named, { id: named, target, begunMillis: now(), parts: new Map() });
        }
        return { id: named, key: target.key };
      }),
    writePart: (upload, number, sizeBytes, bytes, sum) =>
      call({ operation: 'writePart', key: upload.key }, async (damaged) => {
        const content = await taken(bytes, options.keep);
        const found = uploadOf(state, upload);
        if (!found) return { kind: 'no-upload' };
        if (content.sizeBytes !== sizeBytes) {
          throw new BucketUnavailable(
            name,
            'invalid',
            `part ${number} has ${content.sizeBytes} bytes, not ${sizeBytes}`,
          );
        }
        const said = sum();
        if (damaged || content.crc32c !== said) return corrupt(said, content.crc32c);
        const ref: PartRef = { number, sizeBytes, crc32c: content.crc32c, tag: `"part-${content.crc32c}"` };
        found.parts.set(number, { ref, content });
        return { kind: 'written', part: ref };
      }),
    parts: (upload) =>
      call({ operation: 'parts', key: upload.key }, () => {
        const found = uploadOf(state, upload);
        return found ? [...found.parts.values()].map(({ ref }) => ref).sort((a, b) => a.number - b.number) : null;
      }),
    complete: (upload, target, parts, sum, condition) =>
      call(
        { operation: 'complete', key: upload.key },
        (damaged): ObjectWriteResult | { kind: 'no-upload' } => {
          const found = uploadOf(state, upload);
          if (!found) return { kind: 'no-upload' };
          return completed(state, found, { target, parts, sum, condition, damaged });
        },
        conflict,
      ),
    abort: (upload) =>
      call({ operation: 'abort', key: upload.key }, () => {
        state.uploads.delete(upload.id);
      }),
    restamp: (object, target) =>
      call(
        { operation: 'restamp', key: object.key },
        (): ObjectWriteResult => {
          if (!holds(state, object.key, conditionOf(object))) return conflict();
          return { kind: 'written', object: state.patch(object.key, target.attributes, target.stamp, true) };
        },
        conflict,
      ),
    keepAside: (object, key) =>
      call({ operation: 'keepAside', key: object.key }, () => {
        const found = versionOf(state, object);
        if (!found) return { kind: 'gone' };
        const { attributes, stamp } = found.version;
        state.put(key, found.content, { attributes, stamp, checksummed: true, parts: null, datedMillis: now() });
        return { kind: 'kept' };
      }),
    remove: (object) =>
      call<{ kind: 'removed' | 'conflict' | 'absent' }>(
        { operation: 'remove', key: object.key },
        () => {
          if (!state.live(object.key)) return { kind: 'absent' };
          if (!holds(state, object.key, conditionOf(object))) return conflict();
          state.remove(object.key);
          return { kind: 'removed' };
        },
        conflict,
      ),
    async *list(prefix, startAfter) {
      let after = startAfter;
      for (;;) {
        const from = after;
        const page = await call({ operation: 'list', key: prefix }, () =>
          listed(state, prefix, from).slice(0, pageSize),
        );
        if (page.length > 0) yield page;
        if (page.length < pageSize) return;
        after = page.at(-1)?.key ?? null;
      }
    },
  };
}

/** Of Amazon S3 and of Cloud Storage. */
function traitsOf(service: 's3' | 'gcs', versioned: boolean): BucketTraits {
  const s3 = service === 's3';
  const refused = [
    { pattern: /^\.{1,2}$/, because: 'Cloud Storage takes no object whose whole name is "." or ".."' },
    {
      pattern: /^\.well-known\/acme-challenge\//,
      because: 'Cloud Storage takes no object below .well-known/acme-challenge/',
    },
    { pattern: /[\r\n]/, because: 'Cloud Storage takes no line breaks in names' },
  ];
  return {
    versioned,
    maxObjectBytes: s3 ? 50 * 1000 ** 4 : 5 * 1024 ** 4,
    minPartBytes: s3 ? 5 * 1024 ** 2 : 1,
    maxPartBytes: s3 ? 5 * 1024 ** 3 : 5 * 1024 ** 4,
    maxParts: 10_000,
    tellsDeaths: s3 && versioned,
    writesPerSecondOfOneKey: s3 ? null : 1,
    largeStampedAt: s3 ? 'begin' : 'complete',
    carries: {
      maxMetadataBytes: s3 ? 2048 : 8192,
      metadataNames: s3 ? 'token' : 'any',
      tags: s3 ? { kind: 'native', max: 10, maxNameChars: 128, maxValueChars: 256 } : { kind: 'in-metadata' },
      maxKeyBytes: 1024,
      refusedKeys: s3 ? [] : refused,
    },
  };
}

/** Of a process that has ended. */
function never(): Promise<never> {
  return new Promise(() => {});
}

function conditionOf({ tag, revision }: ObjectVersion): ObjectCondition {
  return { kind: 'tag', tag, revision };
}

function holds(state: FakeObjectState, key: string, condition: ObjectCondition): boolean {
  const live = state.live(key)?.version;
  if (condition.kind === 'absent') return live === undefined;
  return live?.tag === condition.tag && live.revision === condition.revision;
}

/** By its version, wherever in the history it is now. Bytes stay when attributes change. */
function versionOf(state: FakeObjectState, { key, version }: ObjectVersion): LiveEntry | null {
  const entries = state.entries.get(key) ?? [];
  return entries.filter((one) => one.kind === 'object').find((one) => one.version.version === version) ?? null;
}

function uploadOf(state: FakeObjectState, upload: UploadRef): FakeUpload | null {
  const found = state.uploads.get(upload.id);
  return found?.target.key === upload.key ? found : null;
}

type Completion = {
  target: FakeUpload['target'];
  parts: readonly PartRef[];
  sum: string;
  condition: ObjectCondition;
  damaged: boolean;
};

function completed(state: FakeObjectState, upload: FakeUpload, { target, parts, sum, condition, damaged }: Completion) {
  const contents = parts.map(({ number, tag }) => {
    const part = upload.parts.get(number);
    return part?.ref.tag === tag ? part.content : null;
  });
  if (contents.some((one) => one === null)) return { kind: 'no-upload' as const };
  if (!holds(state, target.key, condition)) return { kind: 'conflict' as const };
  const content = joined(contents.filter((one) => one !== null));
  if (damaged || content.crc32c !== sum) return corrupt(sum, content.crc32c);
  state.uploads.delete(upload.id);
  const s3 = state.manner.service === 's3';
  const laidDown = s3 ? upload.target : target;
  const object = state.put(target.key, content, {
    attributes: laidDown.attributes,
    stamp: laidDown.stamp,
    checksummed: true,
    parts: parts.length,
    // S3 dates what came in parts by when the upload began.
    datedMillis: s3 ? upload.begunMillis : state.manner.nowMillis(),
  });
  return { kind: 'written' as const, object };
}

function corrupt(said: string, arrived: string): { kind: 'corrupt'; because: string } {
  return { kind: 'corrupt', because: `CRC32C ${said} was announced and ${arrived} arrived` };
}

function joined(contents: readonly Content[]): Content {
  const sizeBytes = contents.reduce((sum, one) => sum + one.sizeBytes, 0);
  const sum = contents.reduce((crc, one) => joinCrc32c(crc, readCrc32c(one.crc32c), one.sizeBytes), 0);
  return {
    sizeBytes,
    crc32c: crc32cText(sum),
    md5: null,
    chunks: function* (startByte, endByte) {
      let begins = 0;
      for (const one of contents) {
        const from = Math.max(startByte - begins, 0);
        const to = Math.min(endByte - begins, one.sizeBytes);
        if (from < to) yield* one.chunks(from, to);
        begins += one.sizeBytes;
      }
    },
  };
}

async function* streamed(chunks: Iterable<Uint8Array>, damaged: boolean): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield damaged ? chunk.map((byte) => byte ^ 1) : chunk;
  }
}

async function taken(bytes: AsyncIterable<Uint8Array>, keep: FakeObjectBucketOptions['keep']): Promise<Content> {
  const held: Uint8Array[] = [];
  let sum = 0;
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    if (keep === 'bytes') held.push(Buffer.from(chunk));
    sum = crc32c(chunk, sum);
    sizeBytes += chunk.length;
  }
  if (keep === 'bytes') return contentOf(Buffer.concat(held));
  const unread = () => {
    throw new Error('only the checksum of these bytes was kept');
  };
  return { sizeBytes, crc32c: crc32cText(sum), md5: null, chunks: unread };
}

function listed(state: FakeObjectState, prefix: string, startAfter: string | null): ListedObject[] {
  const bytes = (text: string) => Buffer.from(text, 'utf8');
  const gcs = state.manner.service === 'gcs';
  return [...state.entries.keys()]
    .filter((key) => key.startsWith(prefix))
    .filter((key) => startAfter === null || Buffer.compare(bytes(key), bytes(startAfter)) > 0)
    .sort((one, other) => Buffer.compare(bytes(one), bytes(other)))
    .flatMap((key) => {
      const found = state.live(key)?.version;
      if (!found) return [];
      const { tag, sizeBytes, modifiedMillis } = found;
      const told = gcs ? found : { version: null, revision: null, crc32c: null, stamp: null };
      const { version, revision, crc32c: sum, stamp } = told;
      return [{ key, tag, version, revision, sizeBytes, crc32c: sum, modifiedMillis, stamp }];
    });
}
