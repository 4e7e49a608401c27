// Whether a tier stands still: health is progress, and neither a process that lives nor a log without errors shows it. Pure.

export type TierProgress = {
  /** Keys that wait now; null: a queue did not answer, or there is none. */
  waiting: number | null;
  /** How long the oldest event has waited; null: not known. */
  oldestSeconds: number | null;
  /** For how long the queue was never seen empty; null: it was, or nobody looked. */
  neverEmptySeconds: number | null;
  /** When something was last replicated; null: not in the time that was looked at. */
  lastDoneSecondsAgo: number | null;
  /** When a process of the site last said anything; null: not in the time that was looked at. */
  lastSaidSecondsAgo: number | null;
  /** The tier's window; null: on the event. */
  everySeconds: number | null;
};

/** `idle`: nothing waits. `waiting`: something does, and not for too long. `unknown` is no alarm and no all-clear. */
export type Progress = { kind: 'moving' | 'idle' | 'waiting' | 'stuck' | 'unknown'; because: string };

/** Something waits and nothing was done for `afterSeconds`, beyond the tier's window, in which nothing is meant to be done. */
export function progressOf(seen: TierProgress, afterSeconds: number): Progress {
  const { waiting, oldestSeconds, neverEmptySeconds, lastDoneSecondsAgo, lastSaidSecondsAgo, everySeconds } = seen;
  const limitSeconds = afterSeconds + (everySeconds ?? 0);
  const lastDone =
    lastDoneSecondsAgo === null
      ? 'nothing was replicated meanwhile'
      : `the last object was replicated ${whole(lastDoneSecondsAgo)} s ago`;
  if (lastDoneSecondsAgo !== null && lastDoneSecondsAgo <= limitSeconds) return { kind: 'moving', because: lastDone };
  if (oldestSeconds !== null && oldestSeconds > limitSeconds) {
    const because = `the oldest event has waited ${whole(oldestSeconds)} s, ${limitSeconds} s are allowed, and ${lastDone}`;
    return { kind: 'stuck', because };
  }
  if (neverEmptySeconds !== null && neverEmptySeconds > limitSeconds) {
    const because = `the queue has not been empty for ${whole(neverEmptySeconds)} s, ${limitSeconds} s are allowed, and ${lastDone}`;
    return { kind: 'stuck', because };
  }
  if (waiting === null)
    return { kind: 'unknown', because: `how many keys wait could not be found out, and ${lastDone}` };
  if (waiting === 0) return { kind: 'idle', because: 'nothing waits' };
  if (lastSaidSecondsAgo === null || lastSaidSecondsAgo > afterSeconds) {
    const silence = lastSaidSecondsAgo === null ? 'at all' : `for ${whole(lastSaidSecondsAgo)} s`;
    return { kind: 'stuck', because: `${waiting} keys wait, and no process of the site has said anything ${silence}` };
  }
  return { kind: 'waiting', because: `${waiting} keys wait for their turn` };
}

const whole = Math.round;
