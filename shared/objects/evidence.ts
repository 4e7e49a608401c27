// What is known of a key when it is judged, and which deaths that tells of.
import type { ObjectLook, ObjectVersion, Origin } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';
import type { BucketTraits, RecordedDeath } from '../ports/object-bucket.ts';
import { sameForm } from './attributes.ts';
import { ends, sameOrigin } from './order.ts';
import { bears, type Identity, identify, versionName } from './stamp.ts';
import type { Tombstone } from './tombstone.ts';

/** A death that somebody else tells: an event of the side where it was, or the baseline of a reconciliation. */
export type ToldDeath = {
  site: SiteName;
  by: 'event' | 'baseline';
  timeMillis: number;
  /** The version that died, or null when it is not told. */
  of: Origin | null;
  /** Its `versionName` in its bucket, where it is told. */
  version: string | null;
};

/** `whole`: whatever the side ever had of the key is in it. The newest first. */
export type KeyHistory = { versions: readonly ObjectVersion[]; deaths: readonly RecordedDeath[]; whole: boolean };

export type SideEvidence = {
  site: SiteName;
  traits: Pick<BucketTraits, 'carries' | 'maxObjectBytes' | 'versioned'>;
  look: ObjectLook;
  /** Null: not read yet. */
  history: KeyHistory | null;
  /** Null: not read yet. */
  tombstone: Tombstone | 'none' | null;
};

export type LiveSide = SideEvidence & { object: ObjectVersion; identity: Identity };

/** `exact`: that very version had been at the other side, and who deleted there had seen it. */
export type Ending = { death: Origin; exact: boolean; because: string };

/** Two machines' clocks, and the way of an event. */
const sameRemovalMillis = 60_000;

/** The first death of a key that is told at `side` and ends the version that is live at the other one; null when none does. */
export function endingOf(live: LiveSide, side: SideEvidence, told: readonly ToldDeath[]): Ending | null {
  const { identity } = live;
  const witnesses = [...deathsInHistory(side, live), ...deathsInTombstone(side), ...deathsTold(side, live, told)];
  for (const { agreed, because, ...witness } of witnesses) {
    const seen = hadSeen(side, witness, live);
    if (!ends(witness.death, identity, seen)) continue;
    const exact = seen === true || agreed || sameOrigin(witness.death, identity.origin);
    return { death: seen === true ? identity.origin : witness.death, exact, because };
  }
  return null;
}

/** Whether a side that deleted one version had held another one until then. Null: nothing tells, or what was deleted left no trace. */
function hadSeen(
  { site, history }: SideEvidence,
  death: Pick<Witness, 'versions' | 'untilMillis'>,
  { identity, object }: LiveSide,
): boolean | null {
  if (history === null) return null;
  const at = history.versions.findIndex((one) => death.versions.includes(versionName(one)));
  const until = history.versions.filter((one, index) =>
    at < 0 ? one.modifiedMillis <= death.untilMillis : index >= at,
  );
  // The same content may have been written anew since.
  const stands = death.untilMillis >= identity.origin.timeMillis;
  const seen = until.some((one) => bears(one, site, identity.origin) || (stands && sameContent(one, object)));
  return seen || (history.whole && at >= 0) ? seen : null;
}

/** Whether the history of a side shows that it held a version: whoever wrote there afterwards had seen it. */
export function held(side: SideEvidence, origin: Origin): boolean {
  return (side.history?.versions ?? []).some((one) => bears(one, side.site, origin));
}

/** Equal as far as anybody can tell without reading: bytes of unknown checksum are not. */
export function sameBytes(one: ObjectVersion, other: ObjectVersion): boolean {
  if (one.sizeBytes !== other.sizeBytes) return false;
  if (one.crc32c !== null && other.crc32c !== null) return one.crc32c === other.crc32c;
  return one.md5 !== null && one.md5 === other.md5;
}

/** Both sides may have been given the same object by somebody else: then the one's version stands for the other's. */
function sameContent(one: ObjectVersion, other: ObjectVersion): boolean {
  return sameBytes(one, other) && sameForm(one.attributes) === sameForm(other.attributes);
}

/**
 * `agreed`: what is at the other side was there when the two were compared. `versions`: which of the side's own ended, by name; `untilMillis`:
 * when, should none of them be found.
 */
type Witness = {
  death: Origin;
  versions: readonly string[];
  untilMillis: number;
  agreed: boolean;
  because: string;
};

function deathsInHistory(side: SideEvidence, live: LiveSide): Witness[] {
  return (side.history?.deaths ?? [])
    .filter(({ of, timeMillis }) => !isOwnRemoval(side, live, of && versionName(of), of === null ? timeMillis : null))
    .map(({ timeMillis, of }) => {
      const stands = of !== null && sameContent(of, live.object) && timeMillis >= live.identity.origin.timeMillis;
      const origin = stands ? live.identity.origin : of && identify(of, side.site).origin;
      const death = origin ?? { site: side.site, version: '', timeMillis };
      return {
        death,
        versions: of === null ? [] : [versionName(of)],
        untilMillis: timeMillis,
        agreed: false,
        because: `the history of ${side.site} shows that it was deleted there`,
      };
    });
}

function deathsInTombstone({ site, tombstone }: SideEvidence): Witness[] {
  if (tombstone === null || tombstone === 'none') return [];
  const versions = tombstone.removed.map(({ version }) => version);
  const untilMillis = Math.max(0, ...tombstone.removed.map(({ atMillis }) => atMillis));
  const because = `its tombstone at ${site} says that it is dead`;
  return [{ death: tombstone.death, versions, untilMillis, agreed: false, because }];
}

/** What an event cannot say of which version, the history can, where there is one. */
function deathsTold(side: SideEvidence, live: LiveSide, told: readonly ToldDeath[]): Witness[] {
  const known = (side.history?.deaths.length ?? 0) > 0;
  return told
    .filter(({ site, of }) => site === side.site && (of !== null || !known))
    .filter(({ of, version, timeMillis }) => !isOwnRemoval(side, live, version, of === null ? timeMillis : null))
    .map(({ by, of, version, timeMillis }) => ({
      death: of ?? { site: side.site, version: '', timeMillis },
      versions: version === null ? [] : [version],
      untilMillis: timeMillis,
      agreed: by === 'baseline',
      because:
        by === 'event'
          ? `an event says that it was deleted at ${side.site}`
          : `it was on both sides when they were last compared, and is no longer at ${side.site}`,
    }));
}

/**
 * Causeway's own removal is nobody's wish: what it was made for is the death that its tombstone tells. Where nothing names the version, the
 * time does; and what was written since was not removed by it.
 */
function isOwnRemoval(
  { tombstone }: SideEvidence,
  { identity }: LiveSide,
  version: string | null,
  timeMillis: number | null,
): boolean {
  if (tombstone === null || tombstone === 'none') return false;
  return tombstone.removed.some((one) => {
    if (one.version === version) return true;
    if (timeMillis === null || one.atMillis < identity.origin.timeMillis) return false;
    return Math.abs(one.atMillis - timeMillis) <= sameRemovalMillis;
  });
}
