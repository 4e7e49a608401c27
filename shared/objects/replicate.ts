// One key, whatever made us look: both sides are looked at, judged, and made alike. Safe to run twice, late, and at the same time.
import type { SiteName } from '../model/site.ts';
import type { Clock } from '../ports/clock.ts';
import { BucketUnavailable } from '../ports/object-bucket.ts';
import type { CopyLimits } from './copy-work.ts';
import type { SideEvidence, ToldDeath } from './evidence.ts';
import { judge, type Verdict } from './judge.ts';
import { later } from './order.ts';
import type { Alike, Outcome } from './outcome.ts';
import { type Action, type Performed, perform } from './perform.ts';
import { type BothSides, firstSight, lookAtBoth, type ReplicateWork } from './sight.ts';
import type { Room } from './slots.ts';
import { identify, versionName } from './stamp.ts';
import { readTombstone } from './tombstone.ts';

export type ReplicateOptions = {
  clock: Clock;
  limits: CopyLimits;
  /** In bytes, for all keys of this process together. */
  room: Room;
  /** How young an object may be and not be suspected of having been deleted on the other side. */
  freshSeconds: number;
};

export const defaultLimits: CopyLimits = {
  smallBytes: 8 * 1024 * 1024,
  partBytes: 32 * 1024 * 1024,
  parallelParts: 4,
};

/** A copy that takes longer asks afterwards whether the key had come there and been deleted while it was under way: another worker's event may be lost. */
const swiftSeconds = 1;
/** What `room` is made of in a function of 256 MB, of which Node and the clients' code take half. */
export const defaultRoomBytes = 32 * 1024 * 1024;

/** Conflicts and removals end in another look; so many are those of somebody who writes faster than we copy. */
const maxRounds = 8;
/** At S3 each costs a request: asked only where a user's version would be overwritten or removed. */
const maxHistory = 50;

/** Never throws for what a service does; only for what a programmer did. */
export async function replicateKey(work: ReplicateWork, options: ReplicateOptions): Promise<Outcome> {
  try {
    return await untilAlike(work, options);
  } catch (error) {
    if (!(error instanceof BucketUnavailable)) throw error;
    if (error.reason === 'invalid') return { kind: 'poison', reason: 'invalid', because: error.message };
    return { kind: 'transient', reason: error.reason, bucket: error.bucket, because: error.message };
  }
}

async function untilAlike(work: ReplicateWork, options: ReplicateOptions): Promise<Outcome> {
  let done: Done | null = null;
  let lost = false;
  let doubted: SiteName | null = null;
  for (let round = 0; round < maxRounds; round++) {
    const lookedAtSeconds = options.clock.elapsedSeconds();
    const sight = await (round === 0 ? firstSight(work, (sides) => freshCopy(work, sides, options)) : lookAtBoth(work));
    const { sides, body } = sight;
    try {
      const verdict: Judged = sight.verdict ?? (await judged(work, sides, doubted, options));
      if (verdict.kind === 'nothing') return done ?? nothing(verdict.because, sides);
      if (verdict.kind === 'refuse') {
        if (verdict.reason === 'uncarriable')
          return { kind: 'poison', reason: 'uncarriable', because: verdict.because };
        // Two looks are not one: what came and was copied between them looks like this too.
        if (lost) return { kind: 'refused', reason: 'origin-lost', because: verdict.because };
        lost = true;
        continue;
      }
      const performed = await perform(verdict, { ...work, evidence: sides, body }, options);
      if (performed.kind === 'ended') return performed.outcome;
      done = afterwards(done, performed, verdict);
      doubted = options.clock.elapsedSeconds() - lookedAtSeconds > swiftSeconds ? newTo(verdict) : null;
      if (doubted === null && (done?.what === 'copied' || done?.what === 'restamped')) return done;
    } finally {
      body?.drop();
    }
  }
  const because = `${work.key} was changed each of the ${maxRounds} times that it was looked at; it will be looked at again later`;
  return { kind: 'transient', reason: 'contended', bucket: null, because };
}

/** Where a copy was made on the condition that nothing is there. */
function newTo(verdict: Action): SiteName | null {
  return verdict.kind === 'copy' && verdict.condition.kind === 'absent' ? verdict.to : null;
}

/** The verdict, if it is to copy what the event tells of to where nothing is, and asks for nothing more. */
function freshCopy(work: ReplicateWork, sides: BothSides, { clock, freshSeconds }: ReplicateOptions) {
  const verdict = judge({
    key: work.key,
    sides,
    told: [],
    doubted: null,
    nowMillis: clock.now().getTime(),
    freshSeconds,
  });
  if (verdict.kind !== 'copy' || verdict.from !== work.heard?.site) return null;
  return verdict.condition.kind === 'absent' ? verdict : null;
}

type Done = Extract<Outcome, { kind: 'done' }>;

/** A removal is followed by another look: what was created meanwhile is found by nobody else, once our own event is there. */
function afterwards(
  before: Done | null,
  performed: Exclude<Performed, { kind: 'ended' }>,
  verdict: Action,
): Done | null {
  if (performed.kind === 'look-again') return before;
  const keptAside = [...(before?.keptAside ?? []), ...performed.keptAside];
  return { kind: 'done', ...performed.deed, keptAside, because: verdict.because };
}

function nothing(because: string, [left, right]: BothSides): Outcome {
  return {
    kind: 'done',
    what: 'nothing',
    at: null,
    bytes: 0,
    alike: alikeOf(left, right),
    keptAside: [],
    left: [],
    because,
  };
}

function alikeOf(left: SideEvidence, right: SideEvidence): Alike | null {
  if (left.look.kind === 'absent' || right.look.kind === 'absent') return null;
  const [one, other] = [identify(left.look.object, left.site), identify(right.look.object, right.site)];
  return { left: left.look.object, right: right.look.object, origin: later(one, other).origin };
}

type Judged = Exclude<Verdict, { kind: 'ask' }>;

/** Asks what the judge wants to know, and no more: each question is a request. */
async function judged(
  work: ReplicateWork,
  seen: BothSides,
  doubted: SiteName | null,
  options: ReplicateOptions,
): Promise<Judged> {
  const told = [...agreedBy(work), ...toldBy(work)];
  const freshSeconds = work.again ? 0 : options.freshSeconds;
  let sides = seen;
  for (;;) {
    const nowMillis = options.clock.now().getTime();
    const verdict = judge({ key: work.key, sides, told, doubted, nowMillis, freshSeconds });
    if (verdict.kind !== 'ask') return verdict;
    const [one, other] = sides;
    const answer = async (side: SideEvidence) => (side.site === verdict.at ? asked(work, side, verdict.what) : side);
    sides = [await answer(one), await answer(other)];
  }
}

async function asked(work: ReplicateWork, side: SideEvidence, what: 'tombstone' | 'history'): Promise<SideEvidence> {
  const found = work.sides.find(({ site }) => site === side.site);
  if (!found) throw new Error(`${side.site} is no side of ${work.key}`);
  if (what === 'history') {
    const history = await found.bucket.history(work.key, maxHistory);
    const whole = side.traits.versioned && history.versions.length + history.deaths.length < maxHistory;
    return { ...side, history: { ...history, whole } };
  }
  return { ...side, tombstone: (await readTombstone(found.bucket, work.key)) ?? 'none' };
}

/** An event's "deleted" is also said of what was overwritten, which the look at its side tells. */
function toldBy({ heard }: ReplicateWork): ToldDeath[] {
  if (heard === null || heard.hint.kind !== 'deleted') return [];
  const { site, hint } = heard;
  const of = hint.of && identify(hint.of, site).origin;
  return [
    { site, by: 'event', timeMillis: hint.timeMillis, of, version: hint.of ? versionName(hint.of) : hint.version },
  ];
}

function agreedBy({ agreed, sides }: ReplicateWork): ToldDeath[] {
  if (agreed === null) return [];
  return sides.map(({ site }) => ({ site, by: 'baseline', timeMillis: agreed.timeMillis, of: agreed, version: null }));
}
