// Whether a storm ended well: both sides equal byte for byte, the winners that the rule says, nothing lost, and no more writes than needed.
import type { ObjectVersion, Origin } from '../../../../shared/model/replica.ts';
import { sameForm } from '../../../../shared/objects/attributes.ts';
import { compareOrigins, sameOrigin } from '../../../../shared/objects/order.ts';
import { conflictKey, isOwnKey } from '../../../../shared/objects/own-keys.ts';
import { bears, identify } from '../../../../shared/objects/stamp.ts';
import type { ObjectBucket } from '../../../../shared/ports/object-bucket.ts';
import { type BothBuckets, type Deed, type StormSite, sites } from './ledger.ts';

export type Proof = {
  keys: number;
  bytes: number;
  /** Each with a sentence; empty: the sides are equal. */
  unequal: string[];
  /** Keys whose live version is not the one that the rule says. */
  wrong: string[];
  /**
   * Keys that live again although they were removed, the event of the removal being lost: a copy that was under way, or a doubled event,
   * brought them back. Nobody can know it without reading the history of every key.
   */
  broughtBack: number;
  /** Acknowledged versions that are neither live, nor were seen by who wrote or deleted after them, nor are kept aside. */
  lost: string[];
  keptAside: number;
  /** Versions that Causeway wrote, at both sides. */
  replicaWrites: number;
};

const historyLimit = 1000;

/** Reads everything at both sides. Throws what the buckets throw. */
export async function prove(
  buckets: BothBuckets,
  deeds: readonly Deed[],
  unheardRemovals: ReadonlySet<string>,
): Promise<Proof> {
  const [left, right] = [await keysOf(buckets.aws), await keysOf(buckets.gcp)];
  const proof: Proof = {
    keys: 0,
    bytes: 0,
    unequal: [],
    wrong: [],
    broughtBack: 0,
    lost: [],
    keptAside: 0,
    replicaWrites: 0,
  };
  proof.keptAside = [...left, ...right].filter((key) => key.startsWith('.causeway/conflicts')).length;
  const users = new Set([...left, ...right, ...deeds.map(({ key }) => key)].filter((key) => !isOwnKey(key)));
  for (const key of users) {
    const [one, other] = await Promise.all([contentAt(buckets.aws, key), contentAt(buckets.gcp, key)]);
    const difference = differenceOf(one, other);
    if (difference !== null) proof.unequal.push(`${key}: ${difference}`);
    if (one) proof.keys += 1;
    proof.bytes += one?.bytes.length ?? 0;
    const stored = {
      aws: (await buckets.aws.history(key, historyLimit)).versions,
      gcp: (await buckets.gcp.history(key, historyLimit)).versions,
    };
    const ofKey = deeds.filter((deed) => deed.key === key).map((deed) => asStored(deed, stored[deed.site]));
    const it = { deeds: ofKey, stored };
    const live = one && identify(one.object, 'aws').origin;
    const wrong = wrongWith(it, live);
    const broughtBack = live !== null && seenAndRemoved(it, live) && unheardRemovals.has(key);
    if (broughtBack) proof.broughtBack += 1;
    else if (wrong !== null) proof.wrong.push(`${key}: ${wrong}`);
    for (const origin of unaccounted(it, live)) {
      const kept = conflictKey(key, origin);
      if (!left.has(kept) && !right.has(kept)) proof.lost.push(`${key}: ${told(origin)}`);
    }
    proof.replicaWrites += [...stored.aws, ...stored.gcp].filter(({ stamp }) => stamp !== null).length;
  }
  return proof;
}

async function keysOf(bucket: ObjectBucket): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const page of bucket.list('', null)) for (const { key } of page) keys.add(key);
  return keys;
}

type Content = { object: ObjectVersion; bytes: Buffer };

async function contentAt(bucket: ObjectBucket, key: string): Promise<Content | null> {
  const look = await bucket.look(key);
  if (look.kind === 'absent') return null;
  const read = await bucket.read(look.object, null);
  if (read.kind === 'gone') throw new Error(`${bucket.name}: ${key} changes although nobody writes any more`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of read.bytes) chunks.push(chunk);
  return { object: look.object, bytes: Buffer.concat(chunks) };
}

function differenceOf(one: Content | null, other: Content | null): string | null {
  if (one === null && other === null) return null;
  if (one === null || other === null) return `only ${one ? 'aws' : 'gcp'} has it`;
  if (!one.bytes.equals(other.bytes))
    return `${one.bytes.length} bytes at aws, and ${other.bytes.length} others at gcp`;
  const [left, right] = [sameForm(one.object.attributes), sameForm(other.object.attributes)];
  return left === right ? null : `${left} at aws, and ${right} at gcp`;
}

type KeyDeeds = {
  deeds: readonly Deed[];
  /** What each bucket remembers of the key, the newest first. */
  stored: Record<StormSite, readonly ObjectVersion[]>;
};

/** Each site's own last write, unless a user deleted it who had seen it; the earlier first. */
function standing(it: KeyDeeds): Origin[] {
  return sites
    .flatMap((site) => {
      const last = it.deeds.filter((deed) => deed.kind === 'written' && deed.site === site).at(-1);
      return last?.kind === 'written' && !seenAndRemoved(it, last.origin) ? [last.origin] : [];
    })
    .sort(compareOrigins);
}

/** Removed by a user, or held at his site when he removed what had followed it there. */
function seenAndRemoved({ deeds, stored }: KeyDeeds, origin: Origin): boolean {
  return deeds.some((deed) => {
    if (deed.kind !== 'removed') return false;
    const at = stored[deed.site].findIndex((one) => bears(one, deed.site, deed.of));
    const before = at < 0 ? [] : stored[deed.site].slice(at + 1);
    return sameOrigin(deed.of, origin) || before.some((one) => bears(one, deed.site, origin));
  });
}

/** To a later write of the other site that was deleted afterwards: only then may what nobody deleted be gone. */
function gaveWay(it: KeyDeeds, origin: Origin): boolean {
  return it.deeds.some(
    (deed) =>
      deed.kind === 'written' &&
      deed.site !== origin.site &&
      compareOrigins(deed.origin, origin) > 0 &&
      seenAndRemoved(it, deed.origin),
  );
}

/** Null: what is live, or that nothing is, is as the rule says: the last write that stands wins. */
function wrongWith(it: KeyDeeds, live: Origin | null): string | null {
  const standers = standing(it);
  const winner = standers.at(-1) ?? null;
  const right = live === null ? standers.every((one) => gaveWay(it, one)) : sameOrNone(winner, live);
  return right ? null : `${told(live)} is live, and the rule says ${told(winner)}`;
}

/** Written, and not known to have been replaced by its own site's users: what must be live, older than that, or kept. */
function unaccounted(it: KeyDeeds, live: Origin | null): Origin[] {
  return it.deeds.flatMap((deed, index) => {
    if (deed.kind !== 'written' || sameOrNone(deed.origin, live)) return [];
    const { site, origin } = deed;
    const replaced = it.deeds.slice(index + 1).some((next) => next.site === site && next.kind === 'written');
    return replaced || seenAndRemoved(it, origin) || heldAtTheOther(it, origin) ? [] : [origin];
  });
}

/** Whoever wrote over it there had seen it. */
function heldAtTheOther({ stored }: KeyDeeds, origin: Origin): boolean {
  return sites.some((site) => site !== origin.site && stored[site].some((one) => bears(one, site, origin)));
}

/** With the time that the bucket keeps: what S3 answers to a write does not say in which second it was taken. */
function asStored(deed: Deed, versions: readonly ObjectVersion[]): Deed {
  if (deed.kind === 'removed') return deed;
  const origins = versions.map((version) => identify(version, deed.site).origin);
  return { ...deed, origin: origins.find(({ version }) => version === deed.origin.version) ?? deed.origin };
}

function sameOrNone(one: Origin | null, other: Origin | null): boolean {
  return one === null || other === null ? one === other : sameOrigin(one, other);
}

function told(origin: Origin | null): string {
  return origin === null
    ? 'nothing'
    : `${origin.site}'s ${origin.version} of ${new Date(origin.timeMillis).toISOString()}`;
}
