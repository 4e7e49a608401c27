// `causeway failback`: the way back after an unplanned failover, phase by phase; each shows first what it would do.
import { type Command, InvalidArgumentError } from 'commander';
import { addCommand, onTerminal, respond } from './command.ts';
import type { DivergenceFlags } from './failback-divergence.ts';
import { withSidesOptions } from './failback-sides.ts';
import type { Terminal } from './terminal.ts';

export function addFailback(program: Command, terminal: Terminal): void {
  const { io } = terminal;
  const group = onTerminal(
    program
      .command('failback')
      .description('come back after a failover: what diverged, who wins, rejoin, and switch back'),
    io,
  );

  const divergence = addCommand(group, io, {
    name: 'divergence',
    summary: 'show what the old writer had accepted and the new one never got, per table and row; changes nothing',
    examples: [
      'failback divergence',
      'failback divergence --rows 1000 --json > stranded.json',
      'failback divergence --old-url postgres://causeway_keeper@db.aws/gopro --new-url postgres://causeway_keeper@db.gcp/gopro',
    ],
    codes: [
      'nothing is stranded',
      'something is; or it cannot be known, and why; or this is no coming back',
      'wrong usage, or the register or a database did not answer',
    ],
  });
  withReading(divergence)
    .option('--rows <number>', 'how many of the rows to show', countOf, 50)
    .action((flags: DivergenceFlags) =>
      respond(terminal, flags, async () => (await import('./failback-divergence.ts')).showDivergence(terminal, flags)),
    );
}

/** What every phase that reads the slot may be told instead of finding it out. */
function withReading(command: Command): Command {
  return withSidesOptions(command)
    .option('--slot <name>', 'the slot that the other side had read from (default: by the epoch)')
    .option('--applied-lsn <lsn>', 'how far the new writer had applied the old log, when its database cannot tell');
}

function countOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}
