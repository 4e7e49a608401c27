// How long a key waits that could not be replicated, and when trying is over.
import type { Chance } from '../ports/clock.ts';

const shortestSeconds = 2;
/** Short enough that a bucket that is back after an hour is caught up with soon. */
const longestSeconds = 300;

/**
 * For how long a key waits because it was tried in vain: it outlives an outage of hours, in which a sick bucket is left alone. Waiting for
 * a turn does not count. What is given up is a dead letter, and the next reconciliation finds it.
 */
export const retryBudgetSeconds = 6 * 3600;

/**
 * For how long a queue of events brings back what failed. It cannot tell failing from waiting for a turn: after that the key is kept in a
 * queue of our own, with how long it has failed. What only waits goes there too before the queue loses patience with it.
 */
export const eventFailingSeconds = 900;
export const eventWaitingSeconds = 6 * 3600;

/** A large copy goes on for as long as it takes, up to the life of an upload: one that never gets a part across would be paid for ever. */
export const copyBudgetSeconds = 7 * 86_400;

/**
 * Half to all of what was waited already, so that waits grow as a power whoever counts, or loses count of, the tries: no number of them
 * is kept anywhere. A chance share of each keeps keys that failed together from coming back together.
 */
export function backOffSeconds(waitedSeconds: number, chance: Chance): number {
  const share = 0.5 + chance.fraction() / 2;
  return Math.max(shortestSeconds * (1 + chance.fraction()), Math.min(longestSeconds, waitedSeconds * share));
}

export function isOver(failedSeconds: number): boolean {
  return failedSeconds > retryBudgetSeconds;
}
