// Whatever happens on the way, both sides end alike, with the winner that the rule names and nothing lost: hundreds of histories, seeded.
import { describe, expect, it } from 'vitest';
import { sameForm } from '../../../shared/objects/attributes.ts';
import { compareOrigins, sameOrigin } from '../../../shared/objects/order.ts';
import { conflictKey, isOwnKey } from '../../../shared/objects/own-keys.ts';
import { type Identity, identify } from '../../../shared/objects/stamp.ts';
import type { ObjectBucket, ObjectCondition } from '../../../shared/ports/object-bucket.ts';
import {
  type ReplicationSettings,
  type ReplicationWorld,
  runReplicationWorld,
  type UserWrite,
} from '../../support/replication-world.ts';

const sound = (bucket: ObjectBucket) => bucket;

function settingsOf(seed: number, bug = sound): ReplicationSettings {
  const versioned = [true, true] as const;
  return { seed, versioned, freshSeconds: 0, bug };
}

/** What is wrong at the end of a history, in sentences. */
function complaints(world: ReplicationWorld, strict: boolean): string[] {
  return [
    ...world.keys.flatMap((key) => [
      ...unlike(world, key),
      ...(strict ? [...wrongWinner(world, key), ...resurrected(world, key)] : []),
    ]),
    ...lostWrites(world),
    ...pingPong(world),
  ];
}

function unlike({ sides: [one, other], unheardDeaths, outcomes }: ReplicationWorld, key: string): string[] {
  const [left, right] = [one.state.live(key), other.state.live(key)];
  if (!left && !right) return [];
  // Where no history tells what no event told, only a baseline can: until then nothing is guessed, and it is said.
  const untold = unheardDeaths.has(key) && !(left ? other : one).state.manner.versioned;
  if (untold && (!left || !right)) {
    const said = outcomes.some((outcome) => outcome.kind === 'refused' && outcome.reason === 'origin-lost');
    return said ? [] : [`${key} is on one side, and nothing said so`];
  }
  if (!left || !right) return [`${key} is only at ${left ? one.site : other.site}`];
  const same = left.content.crc32c === right.content.crc32c;
  if (!same) return [`${key} has other bytes at ${one.site} than at ${other.site}`];
  const alike = sameForm(left.version.attributes) === sameForm(right.version.attributes);
  return alike ? [] : [`${key} has other attributes at ${one.site} than at ${other.site}`];
}

/** Each site's own last word counts: what its users wrote and neither overwrote nor deleted there. */
function lastWords(world: ReplicationWorld, key: string): UserWrite[] {
  return world.sides.flatMap(({ site }) => {
    const last = world.userWrites.filter((one) => one.key === key && one.site === site && one.identity.native).at(-1);
    return last ? [last] : [];
  });
}

function wrongWinner(world: ReplicationWorld, key: string): string[] {
  const words = lastWords(world, key).sort((a, b) => compareOrigins(a.identity.origin, b.identity.origin));
  const live = world.sides[0].state.live(key);
  if (words.length === 0) return live ? [`${key} came from nowhere`] : [];
  if (world.unheardDeaths.has(key)) return [];
  if (words.some((one) => displacedUnseen(world, one))) return [];
  const alive = words.filter(({ identity }) => !seenAndDeleted(world, key, identity));
  const winner = alive.at(-1);
  if (!live) return alive.filter((one) => !gaveWay(world, one)).map((one) => `${key} is gone, and not ${bodyOf(one)}`);
  const is = identify(live.version, world.sides[0].site).origin;
  if (!winner) return [`${key} is ${is.site} ${is.version}, and whatever was written to it was deleted`];
  const isWinner =
    sameOrigin(is, winner.identity.origin) || sameForm(live.version.attributes) === sameForm(winner.version.attributes);
  return isWinner ? [] : [`${key} is ${is.site} ${is.version}, and the last to write it was ${bodyOf(winner)}`];
}

/** By a user who had it before him, or had overwritten it. */
function seenAndDeleted(world: ReplicationWorld, key: string, { origin }: Identity): boolean {
  return world.userDeaths.some(
    (death) => death.key === key && death.seen.some((one) => sameOrigin(one.origin, origin)),
  );
}

/** To a later write of the other site, which somebody deleted afterwards. */
function gaveWay(world: ReplicationWorld, { key, site, identity }: UserWrite): boolean {
  return world.userWrites.some(
    (one) =>
      one.key === key &&
      one.site !== site &&
      compareOrigins(one.identity.origin, identity.origin) > 0 &&
      seenAndDeleted(world, key, one.identity),
  );
}

function resurrected(world: ReplicationWorld, key: string): string[] {
  if (world.unheardDeaths.has(key)) return [];
  return world.sides.flatMap(({ site, state }) => {
    const live = state.live(key);
    return live && seenAndDeleted(world, key, identify(live.version, site))
      ? [`${key} lives at ${site}, and a user had deleted that very version`]
      : [];
  });
}

function lostWrites(world: ReplicationWorld): string[] {
  return world.displaced.flatMap(({ site, key, version, identity }) => {
    const own = world.sides.find((one) => one.site === site)!;
    const other = world.sides.find((one) => one.site !== site)!;
    const seen = (other.everLive.get(key) ?? []).some((one) => sameOrigin(one.origin, identity.origin));
    const kept = own.state.live(conflictKey(key, identity.origin)) !== null;
    const spread = world.sides.some((one) => {
      const live = one.state.live(key);
      return live !== null && live.content.md5 === version.md5;
    });
    const untold = own.state.manner.service === 's3' && sameBytesBefore(world, { key, site, version });
    return seen || kept || spread || untold
      ? []
      : [`${key} of ${site}, ${version.version}, was written by a user and is nowhere`];
  });
}

/** An ETag is that of the bytes: for attributes alone, a condition at S3 cannot tell that they were changed a moment ago. */
function displacedUnseen(world: ReplicationWorld, word: UserWrite): boolean {
  const own = world.sides.find((one) => one.site === word.site)!;
  const displaced = world.displaced.some(
    (one) => one.site === word.site && one.version.version === word.version.version,
  );
  return displaced && own.state.manner.service === 's3' && sameBytesBefore(world, word);
}

/** Whether users had written these bytes before, wherever: then they may have been what was there. An unversioned bucket no longer shows it. */
function sameBytesBefore(
  { userWrites }: ReplicationWorld,
  { key, site, version }: Pick<UserWrite, 'key' | 'site' | 'version'>,
): boolean {
  const at = userWrites.findIndex((one) => {
    const same = one.version.version === version.version && one.version.modifiedMillis === version.modifiedMillis;
    return one.key === key && one.site === site && same;
  });
  return at >= 0 && userWrites.slice(0, at).some((one) => one.key === key && one.version.md5 === version.md5);
}

/** A write of a user is answered by a few of ours, and those by none. */
function pingPong(world: ReplicationWorld): string[] {
  const users = world.userWrites.length + world.userDeaths.length;
  return world.workerWrites() <= users * 2 ? [] : [`${world.workerWrites()} writes answered ${users} of users`];
}

function bodyOf({ site, version }: UserWrite): string {
  return `${site} ${version.version}`;
}

async function complaintsOf(settings: ReplicationSettings): Promise<string[]> {
  const world = await runReplicationWorld(settings);
  const strict = settings.versioned.every(Boolean);
  return complaints(world, strict).map((one) => `seed ${settings.seed}: ${one}`);
}

async function allComplaints(count: number, make: (seed: number) => ReplicationSettings): Promise<string[]> {
  const found: string[] = [];
  for (let seed = 1; seed <= count; seed++) found.push(...(await complaintsOf(make(seed))));
  return found;
}

describe('two buckets under fire', () => {
  it('end alike where both keep versions, with the winner of the rule, nothing lost and nothing brought back', async () => {
    expect(await allComplaints(150, (seed) => settingsOf(seed))).toEqual([]);
  }, 60_000);

  it('end no otherwise when new objects are not suspected of having been deleted', async () => {
    expect(await allComplaints(50, (seed) => ({ ...settingsOf(seed), freshSeconds: 60 }))).toEqual([]);
  }, 60_000);

  it.each([
    ['S3', [false, true]],
    ['Cloud Storage', [true, false]],
    ['either', [false, false]],
  ] as const)(
    'end alike, and lose nothing, when %s keeps no versions',
    async (_, versioned) => {
      expect(await allComplaints(50, (seed) => ({ ...settingsOf(seed), versioned }))).toEqual([]);
    },
    60_000,
  );
});

/** Each is a replication that somebody might write; the histories above have to find it out. */
const bugs: Record<string, (bucket: ObjectBucket) => ObjectBucket> = {
  'that does not look at stamps': (bucket) => ({
    ...bucket,
    look: async (key) => {
      const look = await bucket.look(key);
      return look.kind === 'present' ? { kind: 'present', object: { ...look.object, stamp: null } } : look;
    },
  }),
  'that writes without a condition': (bucket) => ({
    ...bucket,
    write: async (target, bytes, sum) => bucket.write(target, bytes, sum, await conditionNow(bucket, target.key)),
    complete: async (upload, target, parts, sum) =>
      bucket.complete(upload, target, parts, sum, await conditionNow(bucket, target.key)),
  }),
  'that removes without a condition': (bucket) => ({
    ...bucket,
    remove: async (object) => {
      const look = await bucket.look(object.key);
      return look.kind === 'present' ? bucket.remove(look.object) : { kind: 'absent' };
    },
  }),
  'that reads no history': (bucket) => ({ ...bucket, history: async () => ({ versions: [], deaths: [] }) }),
  'that keeps no loser': (bucket) => ({ ...bucket, keepAside: async () => ({ kind: 'kept' }) }),
  'that compares by size': (bucket) => ({
    ...bucket,
    look: async (key) => {
      const look = await bucket.look(key);
      if (look.kind === 'absent' || isOwnKey(key)) return look;
      return {
        kind: 'present',
        object: { ...look.object, md5: 'size', ...(look.object.stamp === null ? { crc32c: null } : {}) },
      };
    },
  }),
};

async function conditionNow(bucket: ObjectBucket, key: string): Promise<ObjectCondition> {
  const look = await bucket.look(key);
  return look.kind === 'absent'
    ? { kind: 'absent' }
    : { kind: 'tag', tag: look.object.tag, revision: look.object.revision };
}

describe('the histories find out a replication', () => {
  it.each(Object.entries(bugs))(
    '%s',
    async (_, bug) => {
      let found: string[] = [];
      for (let seed = 1; seed <= 300 && found.length === 0; seed++) found = await complaintsOf(settingsOf(seed, bug));
      expect(found).not.toEqual([]);
    },
    60_000,
  );
});
