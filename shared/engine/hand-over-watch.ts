// Watching a planned move: since when, as this process has seen it, the writer may have been fenced without anybody having taken the role.
import { isPausing } from '../decision/switchover.ts';
import type { Situation } from '../model/situation.ts';
import type { Clock } from '../ports/clock.ts';

/**
 * For how many seconds the pause in writing may have lasted; null while there can be none. On this process's own clock, which no other
 * process's is compared with: who begins to watch later gives the move more time, and never less.
 */
export type HandOverWatch = (situation: Situation) => number | null;

export function createHandOverWatch(clock: Pick<Clock, 'elapsedSeconds'>): HandOverWatch {
  let seen: { run: string; sinceSeconds: number } | null = null;
  return ({ run, paused, lease }) => {
    // A pause of all automation holds a move before its fence for as long as it lasts; afterwards nobody may write, and the count goes on.
    if (!run || !isPausing(run) || (paused && !lease.fenced)) {
      seen = null;
      return null;
    }
    if (seen?.run !== run.id) seen = { run: run.id, sinceSeconds: clock.elapsedSeconds() };
    return clock.elapsedSeconds() - seen.sinceSeconds;
  };
}
