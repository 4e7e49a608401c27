// For how long nothing has arrived over replication. Every look at it counts, so that a promotion need not begin to look when it is asked for.
import type { Heartbeat } from '../model/situation.ts';
import type { Clock } from '../ports/clock.ts';

/** Where replication stands: what it has received, the last heartbeat that it has applied, and whether it is inside a transaction. */
type Position = { applied: Heartbeat | null; received: string | null; busy: boolean };

/** Answers for how long the position has stood still, as far as this process has looked. */
export type Stillness = { note(seen: Position): number };

/** Looks further apart than this say nothing about what came between them: two beats, and what a slow round takes. */
const LOOKS_APART_SECONDS = 8;

export function createStillness(clock: Clock): Stillness {
  let known: { position: string; received: string | null; sinceSeconds: number; lookedSeconds: number } | null = null;
  return {
    note(seen) {
      const now = clock.elapsedSeconds();
      const recent = known !== null && now - known.lookedSeconds <= LOOKS_APART_SECONDS ? known : null;
      // A worker that lost its publisher comes and goes, and has no position in between.
      const received = seen.received ?? recent?.received ?? null;
      const position = positionOf({ ...seen, received });
      const sinceSeconds = recent && !seen.busy && recent.position === position ? recent.sinceSeconds : now;
      known = { position, received, sinceSeconds, lookedSeconds: now };
      return now - sinceSeconds;
    },
  };
}

function positionOf({ applied, received }: Omit<Position, 'busy'>): string {
  return `${applied?.epoch}/${applied?.number}/${received}`;
}
