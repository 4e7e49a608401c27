// What a world went through: a seed in which nothing happens proves nothing.
import type { FaultName } from './faults/faults.ts';

export type Coverage = {
  takeovers: number;
  fences: number;
  /** Another site took the role while it was not the first writer any more. */
  returns: number;
  /** An old writer became a replica of the new one. */
  rejoins: number;
  takeBacks: number;
  switchovers: number;
  lapses: number;
  runs: number;
  commands: number;
  lostWrites: number;
  faults: Partial<Record<FaultName, number>>;
  virtualSeconds: number;
  convergedAfterSeconds: number;
};

export function noCoverage(): Coverage {
  return {
    takeovers: 0,
    fences: 0,
    returns: 0,
    rejoins: 0,
    takeBacks: 0,
    switchovers: 0,
    lapses: 0,
    runs: 0,
    commands: 0,
    lostWrites: 0,
    faults: {},
    virtualSeconds: 0,
    convergedAfterSeconds: 0,
  };
}
