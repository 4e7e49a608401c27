// Carries out what was judged, each change only on the condition that what it was judged by is still there.
import type { ObjectVersion, Origin } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';
import type { ObjectBody, ObjectBucket } from '../ports/object-bucket.ts';
import { carry } from './attributes.ts';
import { copyObject } from './copy.ts';
import type { CopyOptions, CopyResult } from './copy-work.ts';
import type { SideEvidence } from './evidence.ts';
import type { Verdict } from './judge.ts';
import type { Alike, Outcome } from './outcome.ts';
import { conflictKey } from './own-keys.ts';
import { identify, writeStamp } from './stamp.ts';
import { writeTombstone } from './tombstone.ts';

export type Action = Extract<Verdict, { kind: 'copy' | 'restamp' | 'remove' }>;

export type Scene = {
  sides: readonly { site: SiteName; bucket: ObjectBucket }[];
  evidence: readonly SideEvidence[];
  /** Of what a copy would take, where it is on its way already. */
  body: ObjectBody | null;
  untilSeconds: number;
};

type Deeds = Pick<Extract<Outcome, { kind: 'done' }>, 'what' | 'at' | 'bytes' | 'alike' | 'left'>;

export type Performed =
  | { kind: 'changed'; deed: Deeds; keptAside: string[] }
  | { kind: 'look-again' }
  | { kind: 'ended'; outcome: Outcome };

export async function perform(
  action: Action,
  scene: Scene,
  options: Omit<CopyOptions, 'untilSeconds'>,
): Promise<Performed> {
  const loser = action.kind === 'remove' ? action.at : action.to;
  const kept = action.keepAside ? await keepAside(scene, loser) : [];
  if (kept === null) return { kind: 'look-again' };
  switch (action.kind) {
    case 'copy':
      return copy(action, scene, kept, { ...options, untilSeconds: scene.untilSeconds });
    case 'restamp':
      return restamp(action, scene, kept, options.clock.now().getTime());
    case 'remove':
      return remove(action, scene, kept, options.clock.now().getTime());
  }
}

/** Before it is overwritten or removed: a crash between the two leaves one copy too many, and none too few. Null: it is gone. */
async function keepAside(scene: Scene, site: SiteName): Promise<string[] | null> {
  const { bucket, object, origin } = presentAt(scene, site);
  const key = conflictKey(object.key, origin);
  const result = await bucket.keepAside(object, key);
  return result.kind === 'kept' ? [key] : null;
}

async function copy(
  action: Extract<Action, { kind: 'copy' }>,
  scene: Scene,
  keptAside: string[],
  options: CopyOptions,
): Promise<Performed> {
  const from = presentAt(scene, action.from);
  const to = sideOf(scene, action.to);
  const { attributes, left } = carry(from.object.attributes, to.evidence.traits.carries);
  const { object, origin, bucket: source } = from;
  const { condition } = action;
  const work = { source, destination: to.bucket, object, attributes, origin, condition, body: scene.body };
  const result = await copyObject(work, options);
  if (result.kind === 'copied') {
    const alike = alikeWith(scene, action.to, object, result.object, origin);
    const deed = { what: 'copied' as const, at: action.to, bytes: object.sizeBytes, alike, left };
    return { kind: 'changed', deed, keptAside };
  }
  return uncopied(result, to.bucket.name);
}

function uncopied(result: Exclude<CopyResult, { kind: 'copied' }>, bucket: string): Performed {
  switch (result.kind) {
    case 'gone':
    case 'conflict':
      return { kind: 'look-again' };
    case 'corrupt':
      return { kind: 'ended', outcome: { kind: 'transient', reason: 'corrupt', bucket, because: result.because } };
    case 'impossible':
      return { kind: 'ended', outcome: { kind: 'poison', reason: 'uncarriable', because: result.because } };
    case 'unfinished': {
      const { bytes, doneBytes } = result;
      const because = `${doneBytes} of ${bytes} bytes are at ${bucket}; the time was over`;
      return { kind: 'ended', outcome: { kind: 'unfinished', bytes, doneBytes, because } };
    }
  }
}

async function restamp(
  action: Extract<Action, { kind: 'restamp' }>,
  scene: Scene,
  keptAside: string[],
  nowMillis: number,
): Promise<Performed> {
  const { object: like, origin } = presentAt(scene, action.from);
  const { bucket, object, evidence } = presentAt(scene, action.to);
  const { attributes, left } = carry(like.attributes, evidence.traits.carries);
  const crc32c = object.crc32c ?? like.crc32c;
  if (crc32c === null)
    throw new Error(`${object.key} was judged to have equal bytes on both sides, and no side tells their CRC32C`);
  const stamp = writeStamp(origin, nowMillis, { ...object, attributes, crc32c });
  const result = await bucket.restamp(object, { key: object.key, attributes, stamp });
  if (result.kind === 'corrupt') {
    return {
      kind: 'ended',
      outcome: { kind: 'transient', reason: 'corrupt', bucket: bucket.name, because: result.because },
    };
  }
  if (result.kind === 'conflict') return { kind: 'look-again' };
  const alike = alikeWith(scene, action.to, like, result.object, origin);
  return { kind: 'changed', deed: { what: 'restamped', at: action.to, bytes: 0, alike, left }, keptAside };
}

/** The tombstone first: were it to come after, a crash between the two would leave a removal that looks like a user's. */
async function remove(
  { at, death }: Extract<Action, { kind: 'remove' }>,
  scene: Scene,
  keptAside: string[],
  nowMillis: number,
): Promise<Performed> {
  const { bucket, object } = presentAt(scene, at);
  if ((await writeTombstone(bucket, object, death, nowMillis)) === 'contended') return { kind: 'look-again' };
  const result = await bucket.remove(object);
  if (result.kind !== 'removed') return { kind: 'look-again' };
  return { kind: 'changed', deed: { what: 'removed', at, bytes: 0, alike: null, left: [] }, keptAside };
}

function alikeWith(
  { sides: [first] }: Scene,
  to: SiteName,
  source: ObjectVersion,
  written: ObjectVersion,
  origin: Origin,
): Alike {
  return first?.site === to ? { left: written, right: source, origin } : { left: source, right: written, origin };
}

function sideOf({ sides, evidence }: Scene, site: SiteName): { bucket: ObjectBucket; evidence: SideEvidence } {
  const side = sides.find((one) => one.site === site);
  const seen = evidence.find((one) => one.site === site);
  if (!side || !seen) throw new Error(`${site} is neither of the two sides`);
  return { bucket: side.bucket, evidence: seen };
}

type PresentSide = { bucket: ObjectBucket; evidence: SideEvidence; object: ObjectVersion; origin: Origin };

function presentAt(scene: Scene, site: SiteName): PresentSide {
  const side = sideOf(scene, site);
  const { look } = side.evidence;
  if (look.kind === 'absent') throw new Error(`${site} was judged by an object that it does not have`);
  return { ...side, object: look.object, origin: identify(look.object, site).origin };
}
