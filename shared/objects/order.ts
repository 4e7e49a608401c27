// Which of two versions was last, and what a death ends: the same answers on both sides, in whatever order they are asked.
import type { Origin } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';
import type { Identity } from './stamp.ts';

/** Below zero: `one` was before `other`. The last write wins; of two at the same time, that of the site whose name comes last. */
export function compareOrigins(one: Origin, other: Origin): number {
  return (
    one.timeMillis - other.timeMillis || compareText(one.site, other.site) || compareText(one.version, other.version)
  );
}

export function sameOrigin(one: Origin, other: Origin): boolean {
  return one.site === other.site && one.version === other.version;
}

/**
 * The live versions of two sides. A site's own live version is the truth over every replica of another version of that site, whatever
 * their times say: S3 tells whole seconds, and dates what came in parts by when it began. Else the last write wins.
 */
export function later<T extends Identity>(one: T, other: T): T {
  if (one.origin.site === other.origin.site && one.native !== other.native) return one.native ? one : other;
  return compareOrigins(one.origin, other.origin) >= 0 ? one : other;
}

/**
 * Whether a death ends a version that is live now. It ends the version that it was of, and what who deleted it had seen before: `seen`,
 * which a history tells. A write of which the deleter knew nothing lives on, whatever the two clocks say. A version that is live at the
 * site of the death's own version was written, or brought back, after that one. `seen: null`, nothing tells: what was not written after
 * the version that died ends with it.
 */
export function ends(death: Origin, { origin, native }: Identity, seen: boolean | null): boolean {
  if (sameOrigin(death, origin)) return true;
  if (native && death.site === origin.site) return false;
  // One site's versions follow each other: of its replicas, those of the same second end too.
  if (seen === null || death.site === origin.site) {
    return death.timeMillis !== origin.timeMillis
      ? death.timeMillis > origin.timeMillis
      : compareText(death.site, origin.site) >= 0;
  }
  return seen;
}

/** The later of two deaths: joined in any order, as often as one likes, the same comes out. */
export function laterDeath(one: Origin | null, other: Origin | null): Origin | null {
  if (one === null || other === null) return one ?? other;
  return compareOrigins(one, other) >= 0 ? one : other;
}

function compareText(one: SiteName | string, other: SiteName | string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
