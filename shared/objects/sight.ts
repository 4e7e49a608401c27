// What is seen of a key before it is judged: a look at both sides, and of what an event says was just written no look but a first try.
import type { ObjectHint, ObjectVersion, Origin } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';
import type { ObjectBody, ObjectBucket, ObjectFetch } from '../ports/object-bucket.ts';
import type { SideEvidence } from './evidence.ts';
import type { Verdict } from './judge.ts';
import { isOwnKey } from './own-keys.ts';
import { identify } from './stamp.ts';

export type Side = { site: SiteName; bucket: ObjectBucket };

export type ReplicateWork = {
  key: string;
  sides: readonly [Side, Side];
  /** The event that made us look, and of which side's bucket it came; null: none did. */
  heard: { site: SiteName; hint: ObjectHint } | null;
  /** The version that both sides had when they were last compared, which makes a side that has lost it since a deleter. */
  agreed: Origin | null;
  /** Whether the same has been tried before: then nothing is taken on trust. */
  again: boolean;
  /** When the clock's `elapsedSeconds` say so, a copy stops, to be gone on with. */
  untilSeconds: number;
};

export type BothSides = readonly [SideEvidence, SideEvidence];
type Copy = Extract<Verdict, { kind: 'copy' }>;

/** `body`: the bytes of what is live where the event came from. `verdict`: it was judged already, for one side was only presumed. */
export type Sight = { sides: BothSides; body: ObjectBody | null; verdict: Copy | null };

export async function lookAtBoth({ key, sides: [one, other] }: ReplicateWork): Promise<Sight> {
  const look = async (side: Side) => evidenceOf(side, await side.bucket.look(key));
  const [left, right] = await Promise.all([look(one), look(other)]);
  return { sides: [left, right], body: null, verdict: null };
}

/**
 * Most keys that an event tells of are new: the other side has nothing. So the version is read at once, with all that a look would tell.
 * The other side is looked at meanwhile where that may tell of a deletion. Elsewhere a look could tell nothing that the write's own
 * condition does not: it is presumed to find nothing, and made all the same unless `copyOf` finds that then the version has to be copied.
 */
export async function firstSight(work: ReplicateWork, copyOf: (sides: BothSides) => Copy | null): Promise<Sight> {
  const ways = newsOf(work);
  if (ways === null) return lookAtBoth(work);
  const { from, to, known } = ways;
  const { tellsDeaths } = await to.bucket.traits();
  const [fetched, looked] = await Promise.allSettled([
    from.bucket.fetch(work.key, known),
    tellsDeaths ? to.bucket.look(work.key) : presumed,
  ]);
  if (fetched.status === 'rejected') throw fetched.reason;
  const body = fetched.value.kind === 'present' ? fetched.value.body : null;
  try {
    if (looked.status === 'rejected') throw looked.reason;
    const source = await evidenceOf(from, await lookOf(fetched.value, from, work.key));
    const inOrder = (other: SideEvidence): BothSides => (work.sides[0] === from ? [source, other] : [other, source]);
    const sides = inOrder(await evidenceOf(to, looked.value));
    if (tellsDeaths) return { sides, body, verdict: null };
    const verdict = copyOf(sides);
    if (verdict !== null) return { sides, body, verdict };
    return { sides: inOrder(await evidenceOf(to, await to.bucket.look(work.key))), body, verdict: null };
  } catch (failure) {
    body?.drop();
    throw failure;
  }
}

const presumed = { kind: 'absent', deleted: 'unknown' } as const;

/** Null: nothing says that something was just written. What we wrote ourselves is on both sides already. */
function newsOf({ key, sides, heard, again, agreed }: ReplicateWork) {
  if (heard === null || heard.hint.kind !== 'written' || again || agreed !== null || isOwnKey(key)) return null;
  const known: ObjectVersion | null = heard.hint.of;
  if (known !== null && !identify(known, heard.site).native) return null;
  const [one, other] = sides;
  return one.site === heard.site ? { from: one, to: other, known } : { from: other, to: one, known };
}

async function lookOf(fetched: ObjectFetch, { bucket }: Side, key: string): Promise<SideEvidence['look']> {
  switch (fetched.kind) {
    case 'unsure':
      return bucket.look(key);
    case 'absent':
      return fetched;
    case 'present':
      return { kind: 'present', object: fetched.object };
  }
}

async function evidenceOf({ site, bucket }: Side, look: SideEvidence['look']): Promise<SideEvidence> {
  return { site, traits: await bucket.traits(), look, history: null, tombstone: null };
}
