// Whose turn it is to speak for a lookout: while two of its processes overlap, the older one goes on until it falls silent.
// Otherwise the bulletin would change hands at every beat, and the evidence of the one that has watched longer would flicker.
import type { HeardBulletin } from '../decision/sighting.ts';

/** `heard` null: nothing has been read yet, so nobody knows who else speaks. */
export function isOurTurn(
  heard: readonly HeardBulletin[] | null,
  lookout: string,
  incarnation: string,
  beatSeconds: number,
): boolean {
  if (heard === null) return false;
  const current = heard.find((one) => one.bulletin.lookout === lookout);
  if (!current || current.bulletin.incarnation === incarnation) return true;
  return current.risenSecondsAgo === null || current.risenSecondsAgo > 1.5 * beatSeconds;
}
