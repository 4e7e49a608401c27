// What a promotion needs to open without another renewal: the database's clock, read before the swap that took the role was visible to anyone.
import type { Clock } from '../ports/clock.ts';

/** `renewal` of `epoch` was made by the very swap that took the role, and `clock` was read before it. */
export type Opening = { epoch: number; renewal: number; clock: string };

export type OpeningNote = {
  /** `readAtSeconds`: when the clock was read, on this process's own. */
  note(opening: Opening, readAtSeconds: number): void;
  /** Null: this process did not take that epoch, or so long ago that little of the lease is left. Then renew first. */
  of(epoch: number): Opening | null;
};

/** Lives in one process, and dies with it: a note that was passed on could be older than anybody knows. */
export function createOpeningNote(clock: Pick<Clock, 'elapsedSeconds'>, ttlSeconds: number): OpeningNote {
  let noted: { opening: Opening; readAtSeconds: number } | null = null;
  return {
    note(opening, readAtSeconds) {
      noted = { opening, readAtSeconds };
    },
    of(epoch) {
      if (noted?.opening.epoch !== epoch) return null;
      return clock.elapsedSeconds() - noted.readAtSeconds < ttlSeconds / 2 ? noted.opening : null;
    },
  };
}
