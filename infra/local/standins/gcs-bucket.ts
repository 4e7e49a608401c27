// One Cloud Storage bucket: live objects, generations that are not live any more, and every change told to whoever listens.
import { join } from 'node:path';
import * as z from 'zod';
import { type BodyStore, createBodyStore, type StoredBody } from './bodies.ts';
import { createNameIndex } from './byte-order.ts';
import { checkName, type Described, type GcsObject, KeptObject } from './gcs-object.ts';
import { GcsError, judge, type Preconditions } from './gcs-wire.ts';
import { keepLog } from './kept-log.ts';

/** What an object is made of, before it has a name and a generation. */
export type NewObject = {
  body: StoredBody;
  described: Described;
  crc32c: string;
  md5Hash: string | null;
  componentCount: number | null;
};

/** What happened, as a notification tells it. An overwrite is two: the old generation leaves, the new one is finalized. */
export type GcsChange = {
  bucket: string;
  object: GcsObject;
  event: 'finalized' | 'deleted' | 'archived' | 'metadataUpdated';
  /** Of a finalized one: the live generation that it took the place of. */
  overwroteGeneration: bigint | null;
  /** Of one that left: the generation that took its place. */
  overwrittenByGeneration: bigint | null;
  at: Date;
};

export type GcsBucket = {
  readonly name: string;
  readonly isPublic: boolean;
  readonly versioned: boolean;
  readonly bodies: BodyStore;
  /** The live object, or one of that generation that is still kept. 404 when there is none; 304 and 412 as preconditions say. */
  read(name: string, generation: string | null, preconditions: Preconditions, softDeleted?: boolean): GcsObject;
  /** 412 when a precondition does not hold; asked before an upload's bytes, too. */
  check(name: string, preconditions: Preconditions): void;
  /** Takes the body over, or gives it up when it throws. */
  write(name: string, made: NewObject, preconditions: Preconditions): GcsObject;
  describe(
    name: string,
    generation: string | null,
    change: (before: Described) => Described,
    preconditions: Preconditions,
  ): GcsObject;
  remove(name: string, generation: string | null, preconditions: Preconditions): void;
  live(name: string): GcsObject | null;
  /** Live and noncurrent generations, or the softly deleted ones; oldest first. */
  generations(name: string, which: 'live' | 'versions' | 'soft-deleted'): GcsObject[];
  /** Names that something is known of, from that one on, in UTF-8 byte order. */
  namesFrom(name: string, inclusive: boolean): Generator<string>;
};

export type GcsBucketOptions = {
  name: string;
  isPublic: boolean;
  versioned: boolean;
  /** Whether what is removed for good can still be listed as softly deleted. */
  softDeletes: boolean;
  kmsKeyName: string | null;
  /** Answers 429 to a second change of one object within a second, as the service does when that goes on. */
  limitsWrites: boolean;
  /** A directory that the bucket is kept in and begins with; null: in memory only. */
  keepIn: string | null;
  now: () => Date;
  onChange(change: GcsChange): void;
};

const Leaving = z.enum(['noncurrent', 'soft-deleted', 'gone']);
const Kept = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stored'), object: KeptObject }),
  z.object({ kind: z.literal('described'), object: KeptObject.omit({ body: true }) }),
  z.object({ kind: z.literal('left'), name: z.string(), generation: z.string(), as: Leaving, at: z.iso.datetime() }),
]);

export function createGcsBucket(options: GcsBucketOptions): GcsBucket {
  const { keepIn, versioned } = options;
  const bodies = createBodyStore(keepIn === null ? null : join(keepIn, `${options.name}.gcs.bodies`));
  const log = keepLog(keepIn === null ? null : join(keepIn, `${options.name}.gcs.jsonl`), Kept);
  // Every generation that is still kept, oldest first; a live one is the last that is not softly deleted.
  const objects = new Map<string, GcsObject[]>();
  const index = createNameIndex();
  const changedAt = new Map<string, number>();
  let lastGeneration = 0n;
  const listOf = (name: string) => objects.get(name) ?? [];
  const live = (name: string) => listOf(name).findLast(({ left }) => left === null) ?? null;
  const set = (name: string, list: GcsObject[]) => {
    if (list.length > 0) {
      objects.set(name, list);
      index.add(name);
    } else {
      objects.delete(name);
      index.delete(name);
    }
  };
  const put = (object: GcsObject) => {
    const others = listOf(object.name).filter(({ generation }) => generation !== object.generation);
    set(object.name, [...others, object]);
    // Also of objects that are gone: a generation is never given out twice.
    if (object.generation > lastGeneration) lastGeneration = object.generation;
  };
  /** In place: a change of metadata leaves the order as it is. */
  const swap = (object: GcsObject) =>
    set(
      object.name,
      listOf(object.name).map((each) =>
        each.generation === object.generation ? { ...object, left: each.left } : each,
      ),
    );
  const take = (name: string, generation: bigint, as: z.infer<typeof Leaving>, at: Date) => {
    const list = listOf(name).flatMap((each) => {
      if (each.generation !== generation) return [each];
      if (as !== 'gone') return [{ ...each, left: { as, at } }];
      bodies.release(each.body);
      return [];
    });
    set(name, list);
  };
  const find = (name: string, generation: string | null, softDeleted = false) => {
    const found =
      generation === null
        ? live(name)
        : listOf(name).find(
            (each) => String(each.generation) === generation && (each.left?.as === 'soft-deleted') === softDeleted,
          );
    if (!found) throw new GcsError(404, 'notFound', `No such object: ${options.name}/${name}`);
    return found;
  };
  for (const record of log.read()) {
    if (record.kind === 'left') take(record.name, BigInt(record.generation), record.as, new Date(record.at));
    else if (record.kind === 'stored') put({ ...datesOf(record.object), body: bodies.fromKept(record.object.body) });
    else swap({ ...find(record.object.name, record.object.generation), ...datesOf(record.object) });
  }
  bodies.sweep();
  const tell = (change: Pick<GcsChange, 'object' | 'event' | 'at'> & Partial<GcsChange>) =>
    options.onChange({ bucket: options.name, overwroteGeneration: null, overwrittenByGeneration: null, ...change });
  /** `forGood`: a removal that names its generation leaves no noncurrent one, in a versioned bucket either. */
  const leave = (object: GcsObject, overwrittenByGeneration: bigint | null, forGood = false) => {
    const as =
      versioned && object.left === null && !forGood ? 'noncurrent' : options.softDeletes ? 'soft-deleted' : 'gone';
    const at = options.now();
    const { name, generation } = object;
    log.append({ kind: 'left', name, generation: String(generation), as, at: at.toISOString() });
    take(name, generation, as, at);
    const event = as === 'noncurrent' ? 'archived' : 'deleted';
    const gone: GcsObject = { ...object, left: as === 'gone' ? null : { as, at } };
    tell({ object: gone, event, overwrittenByGeneration, at });
  };
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
  return {
    name: options.name,
    isPublic: options.isPublic,
    versioned,
    bodies,
    live,
    read(name, generation, preconditions, softDeleted) {
      const found = find(name, generation, softDeleted);
      const { generationNotMatch, metagenerationNotMatch } = preconditions;
      if (generationNotMatch === String(found.generation) || metagenerationNotMatch === String(found.metageneration)) {
        throw new GcsError(304, 'notModified', 'Not Modified');
      }
      judge(found, preconditions);
      return found;
    },
    check: (name, preconditions) => judge(live(name), preconditions),
    write(name, made, preconditions) {
      try {
        checkName(name);
        judge(live(name), preconditions);
        limit(name);
      } catch (error) {
        bodies.release(made.body);
        throw error;
      }
      const at = options.now();
      const micros = BigInt(at.getTime()) * 1000n;
      const generation = micros > lastGeneration ? micros : lastGeneration + 1n;
      const object: GcsObject = {
        ...made,
        name,
        generation,
        metageneration: 1,
        kmsKeyName: options.kmsKeyName,
        created: at,
        updated: at,
        left: null,
      };
      const before = live(name);
      log.append({ kind: 'stored', object: { ...factsOf(object), body: bodies.toKept(object.body) } });
      put(object);
      if (before) leave(before, generation);
      tell({ object, event: 'finalized', overwroteGeneration: before?.generation ?? null, at });
      return object;
    },
    describe(name, generation, change, preconditions) {
      const found = find(name, generation);
      judge(found, preconditions);
      const described = change(found.described);
      limit(name);
      const at = options.now();
      const object = { ...found, described, metageneration: found.metageneration + 1, updated: at };
      log.append({ kind: 'described', object: factsOf(object) });
      swap(object);
      tell({ object, event: 'metadataUpdated', at });
      return object;
    },
    remove(name, generation, preconditions) {
      const found = find(name, generation);
      judge(found, preconditions);
      limit(name);
      leave(found, null, generation !== null);
    },
    generations: (name, which) => {
      if (which === 'live') return listOf(name).filter(({ left }) => left === null);
      return listOf(name).filter(({ left }) => (left?.as === 'soft-deleted') === (which === 'soft-deleted'));
    },
    namesFrom: (name, inclusive) => index.from(name, inclusive),
  };
}

type KeptFacts = Omit<z.infer<typeof KeptObject>, 'body'>;

function factsOf({ body: _body, left: _left, ...object }: GcsObject): KeptFacts {
  return {
    ...object,
    generation: String(object.generation),
    created: object.created.toISOString(),
    updated: object.updated.toISOString(),
  };
}

function datesOf(kept: KeptFacts): Omit<GcsObject, 'body'> {
  return {
    ...kept,
    generation: BigInt(kept.generation),
    created: new Date(kept.created),
    updated: new Date(kept.updated),
    left: null,
  };
}
