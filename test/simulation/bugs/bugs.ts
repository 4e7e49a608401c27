// The table of planted bugs: what the simulation must find.
import type { Bug } from './bug.ts';
import { epochCheckRemoved, fenceLeavesTransactions, guardRemoved, leaseTravels } from './database-bugs.ts';
import { heartbeatNotAwaited, swapRemoved, unknownTakenForDone, unknownTakenForFailed } from './engine-bugs.ts';
import { leaseWaitRemoved, sleepsBeforeGuard, timerStartsEarly } from './lease-bugs.ts';

export const bugs: Record<string, Bug> = {
  'lease-wait-removed': leaseWaitRemoved,
  'guard-removed': guardRemoved,
  'epoch-check-removed': epochCheckRemoved,
  'swap-removed': swapRemoved,
  'unknown-taken-for-failed': unknownTakenForFailed,
  'unknown-taken-for-done': unknownTakenForDone,
  'sleeps-before-guard': sleepsBeforeGuard,
  'timer-starts-early': timerStartsEarly,
  'heartbeat-not-awaited': heartbeatNotAwaited,
  'fence-leaves-transactions': fenceLeavesTransactions,
  'lease-travels': leaseTravels,
};
