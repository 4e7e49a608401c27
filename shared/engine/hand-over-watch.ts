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
  return ({ run, paused }) => {
    // While all automation is paused nothing is counted, and afterwards anew.
    if (paused || !run || !isPausing(run)) {
      seen = null;
      return null;
    }
    if (seen?.run !== run.id) seen = { run: run.id, sinceSeconds: clock.elapsedSeconds() };
    return clock.elapsedSeconds() - seen.sinceSeconds;
  };
}
