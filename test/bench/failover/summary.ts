// From rounds to the rows of the table: medians and ranges of times, the longest overlap, sums of what was lost. Pure.
import { median } from '../figures.ts';
import { cases } from './cases.ts';
import type { Round } from './round.ts';

/** One row for each case and contestant that has a round, cases in their own order. */
export function rowsOf(rounds: readonly Round[], contestants: readonly string[]): string[][] {
  return cases.flatMap((what) =>
    contestants.flatMap((contestant) => {
      const own = rounds.filter((round) => round.case === what.name && round.contestant === contestant);
      return own.length === 0 ? [] : [[what.summary, contestant, ...cellsOf(own)]];
    }),
  );
}

function cellsOf(rounds: readonly Round[]): string[] {
  const took = rounds.flatMap(({ takeoverSeconds }) => (takeoverSeconds === null ? [] : [takeoverSeconds]));
  const lost = rounds.map((round) => round.lost);
  const never = rounds.length - took.length;
  const seldom = never > 0 && took.length > 0 ? ` (${never} never)` : '';
  return [
    String(rounds.length),
    took.length === 0 ? 'never' : `${median(took).toFixed(1)}${seldom}`,
    took.length === 0 ? '-' : `${Math.min(...took).toFixed(1)} to ${Math.max(...took).toFixed(1)}`,
    median(rounds.map(({ pauseSeconds }) => pauseSeconds)).toFixed(1),
    lost.includes(null) ? 'unknown' : String(sum(lost.map((count) => count ?? 0))),
    Math.max(...rounds.map(({ overlapSeconds }) => overlapSeconds)).toFixed(1),
    String(sum(rounds.map(({ divergent }) => divergent))),
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
