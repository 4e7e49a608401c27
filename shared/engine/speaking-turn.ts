// Whose turn it is to speak and to act for a site, or to speak for a lookout: while several of its processes overlap, the one that speaks
// goes on until it falls silent. Otherwise the bulletin would change hands at every beat, and all would fight for the same register.
// A hint and no lock: what must happen once is made sure of by swaps and epochs.
import type { HeardBulletin } from '../decision/sighting.ts';

export type Turn = {
  /** Folds what was just heard, and answers whether this process speaks now. */
  hear(heard: readonly HeardBulletin[], nowSeconds: number): boolean;
  ours(): boolean;
};

/** How many beats of silence end somebody else's turn. */
const silentBeats = 1.5;

export function createTurn(lookout: string, incarnation: string, beatSeconds: number): Turn {
  let watchingSinceSeconds: number | null = null;
  let ours = false;
  return {
    hear(heard, nowSeconds) {
      watchingSinceSeconds ??= nowSeconds;
      const current = heard.find((one) => one.bulletin.lookout === lookout);
      if (!current || current.bulletin.incarnation === incarnation) ours = true;
      else {
        // The first reading proves nothing: whoever wrote it may be alive or long gone.
        const silentSeconds = current.risenSecondsAgo ?? nowSeconds - watchingSinceSeconds;
        ours = silentSeconds > silentBeats * beatSeconds;
      }
      return ours;
    },
    ours: () => ours,
  };
}
