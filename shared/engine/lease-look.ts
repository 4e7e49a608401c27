// When to look at another site's lease: soon after each renewal, because whoever takes the role counts from when it saw the last one.
import type { SituationView } from './situation-view.ts';

/** A renewal is looked for this many times in a beat, around the moment at which it is due. */
const looksInABeat = 10;
/** A renewal that is this many beats late is not waited for with quick looks any more. */
const lateBeats = 1.5;

/**
 * How long to wait until the next look. A number that has just risen rises again in a beat: the next look comes a little before that, and is
 * repeated at short intervals until the number rises. So looking drifts towards the writer's own rhythm without knowing it, no clock is
 * compared, and the look that brings a renewal comes within a tenth of a beat of it, for about two looks in a beat.
 */
export function untilNextLook(silence: ReturnType<SituationView['silence']>, beatSeconds: number): number {
  const shortSeconds = beatSeconds / looksInABeat;
  if (silence === null) return beatSeconds;
  if (silence.forSeconds === 0) return beatSeconds - shortSeconds;
  return silence.forSeconds < lateBeats * beatSeconds ? shortSeconds : beatSeconds;
}
