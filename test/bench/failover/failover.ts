// `npm run bench -- failover`: Causeway beside Patroni, pg_auto_failover and repmgr, each with its own defaults, in one run.
import { cpus, release as kernel } from 'node:os';
import { guardExit, type ProcessGroup } from '../../../infra/local/process-group.ts';
import type { BenchTable } from '../table.ts';
import { cases } from './cases.ts';
import type { Contestant } from './contestant.ts';
import { contestants, keyOf } from './contestants.ts';
import type { FailoverOptions } from './options.ts';
import { partsTable } from './parts-table.ts';
import { type Round, runRound } from './round.ts';
import { rowsOf } from './summary.ts';

/**
 * Rounds take turns among the contestants, so that a slow moment of the machine hits all. One that cannot run here is skipped and said
 * so; a round that fails is said and left out.
 */
export async function benchFailover(progress: (line: string) => void, options: FailoverOptions): Promise<BenchTable[]> {
  let groups: () => ProcessGroup[] = () => [];
  const release = guardExit(process, () => groups());
  const keep = (find: () => ProcessGroup[]): void => {
    groups = find;
  };
  const asked = contestants.filter((one) => options.only.includes(keyOf(one)));
  const skipped = asked.flatMap((one) => {
    const missing = one.missing();
    return missing === null ? [] : [`${one.name} is skipped: ${missing}`];
  });
  for (const line of skipped) progress(line);
  const taking = asked.filter((one) => one.missing() === null);
  const rounds: Round[] = [];
  const failures: string[] = [];
  try {
    for (const what of cases.filter(({ name }) => options.cases.includes(name))) {
      for (let number = 1; number <= options.rounds; number += 1) {
        for (const contestant of taking) {
          const name = `${what.name} ${number} of ${options.rounds}, ${contestant.name}`;
          progress(`${name} ...`);
          try {
            const round = await runRound(contestant, what, { progress, keep });
            rounds.push(round);
            progress(`${name}: ${oneLine(round)}`);
          } catch (error) {
            failures.push(`${name} came to nothing: ${error instanceof Error ? error.message : error}`);
            progress(failures.at(-1) ?? '');
          }
        }
      }
    }
  } finally {
    release();
  }
  const table = { ...tableOf(rounds, taking), notes: [...notesOf(taking), ...skipped, ...failures], rounds };
  const parts = partsTable(rounds);
  return parts ? [table, parts] : [table];
}

function oneLine(round: Round): string {
  const { takeoverSeconds, pauseSeconds, lost, overlapSeconds, divergent, story } = round;
  const takeover = takeoverSeconds === null ? 'no takeover' : `takeover after ${takeoverSeconds.toFixed(1)} s`;
  const facts = `${takeover}, nobody wrote for ${pauseSeconds.toFixed(1)} s, ${lost ?? 'unknown'} lost, overlap ${overlapSeconds.toFixed(1)} s, ${divergent} divergent`;
  return [facts, ...story].join('; ');
}

function tableOf(rounds: readonly Round[], taking: readonly Contestant[]): Omit<BenchTable, 'notes'> {
  return {
    title: 'Failover: what a client sees of the loss of the writing site',
    columns: [
      'case',
      'who',
      'rounds',
      'first write elsewhere (s)',
      'range (s)',
      'nobody writes (s)',
      'lost acknowledged',
      'overlap (s)',
      'divergent writes',
    ],
    rows: rowsOf(
      rounds,
      taking.map(({ name }) => name),
    ),
  };
}

function notesOf(taking: readonly Contestant[]): string[] {
  return [
    `${cpus().length} cores, Linux ${kernel()}, Node ${process.version}. ${taking.map((one) => `${one.name}: ${one.versions()}`).join('. ')}.`,
    'A client writes to both nodes every 100 ms, past every proxy and name: what a node takes is what it acknowledges to that client. Medians of the rounds; lost and divergent are sums.',
    'First write elsewhere: from the strike to the first acknowledgement of the second node. Nobody writes: the longest time without an acknowledgement of either.',
    'Overlap: how long both nodes acknowledged writes. Divergent: what the one that did not stay the writer acknowledged meanwhile.',
    'All have their defaults as shipped, durable commits, and the same server. Causeway replicates logically between two unlike clouds and needs a third place for its register and its outside lookout; the peers ship WAL, and need a third place for etcd or the monitor (repmgr needs none).',
  ];
}
