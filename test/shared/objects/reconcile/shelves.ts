// Two buckets as maps, and a one-key replication between them that is simple enough to be seen to be right.

import {
  type BucketPair,
  type ListedObject,
  noAttributes,
  type ObjectVersion,
} from '../../../../shared/model/replica.ts';
import type { Alike } from '../../../../shared/objects/outcome.ts';
import type { AgreedSide } from '../../../../shared/objects/reconcile/agreed.ts';
import type { Side } from '../../../../shared/objects/reconcile/classify.ts';
import type { KeyOutcome, SyncKey } from '../../../../shared/objects/reconcile/key-work.ts';
import type { Ends } from '../../../../shared/objects/reconcile/listings.ts';
import type { PairWork } from '../../../../shared/objects/reconcile/pair-work.ts';
import type { ObjectBucket } from '../../../../shared/ports/object-bucket.ts';
import type { ObjectStore } from '../../../../shared/ports/object-store.ts';
import { createFakeBucket, createFakeObjectStore } from '../../../support/fake-object-store.ts';
import { onlyListed } from '../../../support/listed-bucket.ts';
import { createVirtualTime, seededChance } from '../../../support/virtual-time.ts';

export type Shelf = Map<string, { size: number; time: number; tag: string }>;

const PAGE = 3;

export const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** A bucket that can be listed, and remembers how often it was asked. */
export function shelfBucket(name: string, shelf: Shelf, pages: { asked: number }): ObjectBucket {
  return {
    ...onlyListed(name),
    async *list(prefix, startAfter) {
      const keys = [...shelf.keys()]
        .filter((key) => key.startsWith(prefix) && (startAfter === null || byBytes(key, startAfter) > 0))
        .sort(byBytes);
      pages.asked += 1;
      for (let at = 0; at < keys.length; at += PAGE) {
        if (at > 0) pages.asked += 1;
        yield keys.slice(at, at + PAGE).map((key) => listed(key, shelf));
      }
    },
  };
}

function listed(key: string, shelf: Shelf): ListedObject {
  const { size, time, tag } = shelf.get(key)!;
  return { key, tag, version: null, revision: null, sizeBytes: size, crc32c: null, modifiedMillis: time, stamp: null };
}

const PAIR: BucketPair = {
  name: 'assets',
  buckets: [
    { site: 'aws', bucket: 'left-bucket' },
    { site: 'gcp', bucket: 'right-bucket' },
  ],
  tiers: [{ name: 'other', prefix: '', everySeconds: 300 }],
};

export type World = ReturnType<typeof createWorld>;

export function createWorld({ seed = 1 }: { seed?: number } = {}) {
  const { clock, ...time } = createVirtualTime();
  const shelves: Record<Side, Shelf> = { left: new Map(), right: new Map() };
  const pages = { left: { asked: 0 }, right: { asked: 0 } };
  const stored = createFakeBucket('unique');
  const store: ObjectStore = createFakeObjectStore({ name: 'state', bucket: stored, clock, faults: () => null });
  const chance = seededChance(seed);
  const synced: string[] = [];
  let seconds = 0;
  const world = {
    time,
    clock: { ...clock, elapsedSeconds: () => seconds, now: () => new Date(1_764_000_000_000 + seconds * 1000) },
    shelves,
    pages,
    stored,
    store,
    synced,
    /** What a key comes to in place of the usual. */
    outcomes: new Map<string, KeyOutcome>(),
    pass: (more: number) => {
      seconds += more;
    },
    put(side: Side, key: string, size: number, at: number) {
      shelves[side].set(key, { size, time: at, tag: `${side}-${size}-${at}` });
    },
    work(owner: string): PairWork {
      return {
        pair: PAIR,
        ends: {
          left: shelfBucket('left-bucket', shelves.left, pages.left),
          right: shelfBucket('right-bucket', shelves.right, pages.right),
        },
        providers: { left: 'aws', right: 'gcp' },
        store,
        limits: { everySeconds: 86_400, deleteCap: 1000, deleteCapPercent: 10 },
        makeSync: (ends) => syncBetween(ends),
        concurrency: 4,
        clock: world.clock,
        chance,
        owner,
      };
    },
  };

  function syncBetween(_ends: Ends): SyncKey {
    return async (key, { agreed }) => {
      synced.push(key);
      const planned = world.outcomes.get(key);
      if (planned) return planned;
      const there = { left: shelves.left.get(key), right: shelves.right.get(key) };
      if (!there.left && !there.right) return { kind: 'nothing', alike: null };
      if (there.left && there.right && there.left.size === there.right.size) {
        return { kind: 'nothing', alike: alikeOf(key) };
      }
      const from: Side = !there.right || (there.left && there.left.time > there.right.time) ? 'left' : 'right';
      const to: Side = from === 'left' ? 'right' : 'left';
      const newest = there[from]!;
      if (!there[to] && agreed && agreed.timeMillis >= newest.time) {
        shelves[from].delete(key);
        return { kind: 'removed', at: from };
      }
      world.put(to, key, newest.size, newest.time);
      return { kind: 'copied', to, sizeBytes: newest.size, alike: alikeOf(key), left: [], keptAside: false };
    };
  }

  function alikeOf(key: string): Alike {
    const version = (side: Side): ObjectVersion => {
      const { size, time: at, tag } = shelves[side].get(key)!;
      const known: AgreedSide = { tag, revision: 1, modifiedMillis: at };
      return {
        key,
        version: tag,
        ...known,
        sizeBytes: size,
        crc32c: null,
        md5: null,
        attributes: noAttributes,
        stamp: null,
      };
    };
    const left = version('left');
    return {
      left,
      right: version('right'),
      origin: { site: 'aws', version: left.tag, timeMillis: left.modifiedMillis },
    };
  }
  return world;
}
