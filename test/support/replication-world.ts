// Two buckets under fire: users on both sides, events late, doubled and lost, and workers that are slow, unlucky or dead. Seeded, in virtual time.
import { noAttributes, type ObjectAttributes, type ObjectVersion } from '../../shared/model/replica.ts';
import type { Outcome } from '../../shared/objects/outcome.ts';
import { isOwnKey } from '../../shared/objects/own-keys.ts';
import { replicateKey } from '../../shared/objects/replicate.ts';
import type { Side } from '../../shared/objects/sight.ts';
import { createRoom } from '../../shared/objects/slots.ts';
import type { Identity } from '../../shared/objects/stamp.ts';
import { identify } from '../../shared/objects/stamp.ts';
import type { ObjectBucket } from '../../shared/ports/object-bucket.ts';
import { type BucketCall, type BucketFault, createFakeObjectBucket } from './fake-object-bucket.ts';
import { type BucketEvent, contentOf, createFakeObjectState, type FakeObjectState } from './fake-object-state.ts';
import { createVirtualTime, seededChance } from './virtual-time.ts';

export type ReplicationSettings = {
  seed: number;
  versioned: readonly [boolean, boolean];
  freshSeconds: number;
  /** A fault of the product: what a worker's view of a bucket is changed into. */
  bug: (bucket: ObjectBucket) => ObjectBucket;
};

export type UserWrite = { site: string; key: string; version: ObjectVersion; identity: Identity };
/** A user's own version that a worker overwrote or removed. */
export type Displaced = { site: string; key: string; version: ObjectVersion; identity: Identity };
/** `seen`: all that had been live where it was deleted until then, itself included. */
export type UserDeath = { site: string; key: string; seen: readonly Identity[] };

export type WorldSide = {
  site: string;
  state: FakeObjectState;
  /** Origins of all that was ever live here, by key. */
  everLive: Map<string, Identity[]>;
};

export type ReplicationWorld = {
  keys: readonly string[];
  sides: readonly [WorldSide, WorldSide];
  userWrites: readonly UserWrite[];
  userDeaths: readonly UserDeath[];
  displaced: readonly Displaced[];
  /** Keys of which the event of a death was lost. */
  unheardDeaths: ReadonlySet<string>;
  outcomes: readonly Outcome[];
  /** Writes of workers, those below `.causeway/` left out. */
  workerWrites(): number;
};

const keys = ['plain', 'a b+c%/é//..', 'large', 'raced'];
const userSeconds = 400;
const quietSeconds = 4000;

export async function runReplicationWorld(settings: ReplicationSettings): Promise<ReplicationWorld> {
  const chance = seededChance(settings.seed);
  const time = createVirtualTime('2026-11-25T01:00:00.000Z');
  const { clock } = time;
  const draw = (count: number) => Math.floor(chance.fraction() * count);
  const happens = (probability: number) => chance.fraction() < probability;
  const nowMillis = () => clock.now().getTime();
  let stormy = true;
  let actor: 'user' | 'worker' = 'worker';
  let workerWrites = 0;
  const userWrites: UserWrite[] = [];
  const userDeaths: UserDeath[] = [];
  const displaced: Displaced[] = [];
  const unheardDeaths = new Set<string>();
  const outcomes: Outcome[] = [];

  const side = (site: string, service: 's3' | 'gcs', versioned: boolean): WorldSide => {
    const everLive = new Map<string, Identity[]>();
    const onEvent = (event: BucketEvent) => {
      if (isOwnKey(event.key)) return;
      const live = state.live(event.key);
      if (live) {
        const identity = identify(live.version, site);
        everLive.set(event.key, [...(everLive.get(event.key) ?? []), identity]);
      }
      if (actor === 'worker') workerWrites++;
      announce(site, event);
    };
    const state = createFakeObjectState({ service, versioned, nowMillis, onEvent });
    const watched: FakeObjectState = {
      ...state,
      // Whoever writes as a worker over a user's own version displaces it.
      put: (key, content, more) => displacing(key, () => state.put(key, content, more)),
      patch: (key, attributes, stamp, checksummed) =>
        displacing(key, () => state.patch(key, attributes, stamp, checksummed)),
      remove: (key) => displacing(key, () => state.remove(key)),
    };
    function displacing<T>(key: string, change: () => T): T {
      const before = state.live(key)?.version;
      if (before && actor === 'worker' && !isOwnKey(key)) {
        const identity = identify(before, site);
        if (identity.native) displaced.push({ site, key, version: before, identity });
      }
      return change();
    }
    return { site, state: watched, everLive };
  };
  const sides: readonly [WorldSide, WorldSide] = [
    side('aws-site', 's3', settings.versioned[0]),
    side('gcp-site', 'gcs', settings.versioned[1]),
  ];

  const faults =
    (dies: { now: boolean }) =>
    ({ operation, key }: BucketCall): BucketFault | null => {
      if (dies.now) return { kind: 'dies', at: 'before' };
      if (!stormy) return null;
      const roll = chance.fraction();
      if (roll < 0.5) return { kind: 'delay', at: happens(0.5) ? 'before' : 'after', seconds: chance.fraction() * 0.4 };
      if (roll < 0.54) return { kind: 'delay', at: happens(0.5) ? 'before' : 'after', seconds: chance.fraction() * 60 };
      if (roll < 0.56) return { kind: 'unknown-before' };
      if (roll < 0.58) return { kind: 'unknown-after' };
      if (roll < 0.6) return { kind: 'throttled' };
      if (roll < 0.61) return { kind: 'conflict' };
      // A large object that S3 keeps no CRC32C of is as sound as the connection it came by.
      if (roll < 0.62 && !(operation === 'read' && key === 'large')) return { kind: 'damaged' };
      if (roll < 0.64) {
        // The whole process goes, and takes with it what else it was doing.
        dies.now = true;
        return { kind: 'dies', at: happens(0.5) ? 'before' : 'after' };
      }
      return null;
    };

  async function work(
    key: string,
    heard: { site: string; event: BucketEvent } | null,
    again: boolean,
  ): Promise<Outcome> {
    const dies = { now: false };
    const opened = (one: WorldSide): Side => {
      const bucket = createFakeObjectBucket({
        name: one.site,
        state: one.state,
        clock,
        faults: faults(dies),
        pageSize: 3,
        traits: { minPartBytes: 1 },
        keep: 'bytes',
      });
      return { site: one.site, bucket: settings.bug(bucket) };
    };
    const outcome = await replicateKey(
      {
        key,
        sides: [opened(sides[0]), opened(sides[1])],
        heard: heard && {
          site: heard.site,
          hint: { ...heard.event, bucket: heard.site, version: heard.event.of?.version ?? null, sequencer: null },
        },
        agreed: null,
        again,
        untilSeconds: clock.elapsedSeconds() + (stormy ? 0.2 + chance.fraction() * 20 : 1000),
      },
      {
        clock,
        limits: { smallBytes: 100, partBytes: 60, parallelParts: 2 },
        room: createRoom(2 ** 25),
        freshSeconds: settings.freshSeconds,
      },
    );
    outcomes.push(outcome);
    return outcome;
  }

  /** At least once: what is not acknowledged within its time is delivered again, while the first try may still be going on. */
  async function deliver(heard: { site: string; event: BucketEvent }, tries: number): Promise<void> {
    const acknowledged = work(heard.event.key, heard, tries > 0).then(
      (outcome) => outcome.kind !== 'transient' && outcome.kind !== 'unfinished',
    );
    const done = await Promise.race([acknowledged, clock.sleep(60).then(() => false)]);
    if (done || tries > 30) return;
    await clock.sleep(1 + chance.fraction() * 20);
    return deliver(heard, tries + 1);
  }

  function announce(site: string, event: BucketEvent): void {
    if (stormy && happens(0.15)) {
      if (event.kind === 'deleted') unheardDeaths.add(event.key);
      return;
    }
    for (let copies = stormy && happens(0.2) ? 2 : 1; copies > 0; copies--) {
      const late = stormy && happens(0.1) ? chance.fraction() * 200 : chance.fraction() * 2;
      time.after(late, () => void deliver({ site, event }, 0));
    }
  }

  const attributes = (count: number): ObjectAttributes => ({
    ...noAttributes,
    contentType: ['text/plain', 'text/html', null][draw(3)] ?? null,
    metadata: { count: String(count), title: 'Über' },
    tags: happens(0.3) ? { team: String(draw(2)) } : {},
  });
  function userActs(count: number): void {
    const one = sides[draw(2)] ?? sides[0];
    const key = keys[draw(keys.length)] ?? 'plain';
    const found = one.state.live(key)?.version;
    actor = 'user';
    if (found && happens(0.25)) {
      userDeaths.push({ site: one.site, key, seen: one.everLive.get(key) ?? [] });
      one.state.remove(key);
    } else {
      const body = `${one.site} wrote ${String(count).padStart(4, '0')}`.padEnd(key === 'large' ? 250 : 30, '.');
      const checksummed = happens(0.5);
      const version =
        found && happens(0.2)
          ? one.state.patch(key, attributes(count), found.stamp, found.crc32c !== null)
          : one.state.put(key, contentOf(Buffer.from(body)), {
              attributes: attributes(count),
              stamp: null,
              checksummed,
              parts: null,
              datedMillis: nowMillis(),
            });
      userWrites.push({ site: one.site, key, version, identity: identify(version, one.site) });
    }
    actor = 'worker';
  }

  for (let count = 0; count < 24; count++) time.after(chance.fraction() * userSeconds, () => userActs(count));
  await time.runUntil(userSeconds + 300);
  stormy = false;
  await time.runUntil(quietSeconds);
  // In place of a reconciliation: every key of either side, without an event and without trust.
  for (let pass = 0; pass < 2; pass++) {
    for (const key of keys) {
      void work(key, null, true);
      await time.runUntil(clock.elapsedSeconds() + 300);
    }
  }
  return { keys, sides, userWrites, userDeaths, displaced, unheardDeaths, outcomes, workerWrites: () => workerWrites };
}
