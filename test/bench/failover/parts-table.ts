// The parts of failovers as a table: medians of the rounds, each case for itself.
import { median } from '../figures.ts';
import type { BenchTable } from '../table.ts';
import { cases } from './cases.ts';
import { demanded, type FailoverParts } from './parts.ts';
import type { Round } from './round.ts';

/** Null when no round tells its parts. */
export function partsTable(rounds: readonly Round[]): BenchTable | null {
  const rows = cases.flatMap((what) =>
    rowsOfCase(
      what.summary,
      rounds.filter((round) => round.case === what.name),
    ),
  );
  if (rows.length === 0) return null;
  return {
    title: 'Failover: what the settings demand, and what the controller adds',
    columns: ['case', 'who', 'part', 'rounds', 'median (s)', 'range (s)'],
    rows,
    notes: [
      'From its own records: the instants of its journal and its log, and the last renewal that the register holds. For the cases in which the site does nothing any more.',
      'Demanded by the settings: the confirm window from the strike, or TTL and margin from the last renewal, whichever ends later. A faster machine would not change it.',
      'Each part is the time that it held the takeover up, in the order of events: what went on beside something longer adds nothing, so that a run opened before the lease is void counts as 0. The parts of one round sum up to its takeover; their medians need not.',
      'Last renewal seen late: the taker watches the lease from the answer that showed it the last renewal, and must. Lease found takeable: until it looked again. The taker tells its watch to a tenth of a second.',
      ...unknowns(rounds),
    ],
  };
}

function rowsOfCase(summary: string, rounds: readonly Round[]): string[][] {
  const names = [...new Set(rounds.map(({ contestant }) => contestant))];
  return names.flatMap((contestant) => {
    const told = rounds.flatMap(({ contestant: who, parts }) =>
      who === contestant && parts?.kind === 'parts' ? [parts] : [],
    );
    const first = told[0];
    if (!first) return [];
    const row = (part: string, seconds: readonly number[]) => [
      summary,
      contestant,
      part,
      String(seconds.length),
      median(seconds).toFixed(2),
      `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`,
    ];
    return [
      row(
        demanded,
        told.map(({ demandedSeconds }) => demandedSeconds),
      ),
      row('added in all', told.map(addedSeconds)),
      ...first.added.map(({ name }, index) =>
        row(
          `- ${name}`,
          told.map(({ added }) => added[index]?.seconds ?? Number.NaN),
        ),
      ),
    ];
  });
}

function addedSeconds({ added }: Extract<FailoverParts, { kind: 'parts' }>): number {
  return added.reduce((sum, { seconds }) => sum + seconds, 0);
}

function unknowns(rounds: readonly Round[]): string[] {
  return rounds.flatMap(({ contestant, case: name, parts }) =>
    parts?.kind === 'unknown' ? [`A round of ${contestant}, ${name}, is left out: ${parts.because}.`] : [],
  );
}
