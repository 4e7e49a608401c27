// What `npm run bench -- failover` may be told on the command line.
import { cases } from './cases.ts';
import { contestants, keyOf } from './contestants.ts';

export type FailoverOptions = { rounds: number; only: string[]; cases: string[] };

/** Flags of `parseArgs`. */
export const FAILOVER_FLAGS = {
  rounds: { type: 'string' },
  only: { type: 'string' },
  cases: { type: 'string' },
} as const;

const most = 50;

/** Throws an error that says what was given wrong and what would have been taken. */
export function failoverOptions(flags: { rounds?: string; only?: string; cases?: string }): FailoverOptions {
  const rounds = Number(flags.rounds ?? 3);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > most) {
    throw new Error(`--rounds is a whole number from 1 to ${most}, not ${flags.rounds}`);
  }
  return {
    rounds,
    only: chosen('--only', flags.only, contestants.map(keyOf)),
    cases: chosen(
      '--cases',
      flags.cases,
      cases.map(({ name }) => name),
    ),
  };
}

function chosen(flag: string, written: string | undefined, all: string[]): string[] {
  if (written === undefined) return all;
  const names = written.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`${flag} knows no ${unknown.join(', ')}; there are: ${all.join(', ')}`);
  return names;
}
