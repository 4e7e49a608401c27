// `causeway failback`: the way back after an unplanned failover, phase by phase; each shows first what it would do.
import { type Command, InvalidArgumentError } from 'commander';
import { addCommand, onTerminal, respond, withStrategy } from './command.ts';
import type { ReadingFlags } from './failback-answers.ts';
import type { DivergenceFlags } from './failback-divergence.ts';
import type { ReconcileFlags } from './failback-reconcile.ts';
import type { RejoinFlags } from './failback-rejoin.ts';
import { withSidesOptions } from './failback-sides.ts';
import type { SwitchBackFlags } from './failback-switch-back.ts';
import type { Terminal } from './terminal.ts';

export function addFailback(program: Command, terminal: Terminal): void {
  const { io } = terminal;
  const group = onTerminal(
    program
      .command('failback')
      .description('come back after a failover: what diverged, who wins, rejoin, and switch back'),
    io,
  );

  const status = addCommand(
    group,
    io,
    {
      name: 'status',
      summary: 'show where we are on the way back, and what comes next; changes nothing',
      examples: ['failback', 'failback status --json'],
      codes: [
        'nothing is left to do',
        'a phase comes next, or nothing may be done now, and why',
        'wrong usage, or the register or a database did not answer',
      ],
    },
    { isDefault: true },
  );
  withReading(status).action((flags: ReadingFlags) =>
    respond(terminal, flags, async () => (await import('./failback-status.ts')).showStatus(terminal, flags)),
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

  const reconcile = addCommand(group, io, {
    name: 'reconcile',
    summary:
      'bring what is stranded to the new writer where it is the last write; keep what lost, list what nobody can decide',
    examples: [
      'failback reconcile         # foretells who wins, changes nothing',
      'failback reconcile --yes --reason "aws is back after the outage of the 24th"',
    ],
    codes: [
      'every change was applied, was there already, or lost and is archived',
      'some are listed for a person; or --yes is missing; or it was refused, or cannot be known',
      'wrong usage, or something did not answer: give the same command again, what was decided stays decided',
    ],
  });
  withDoing(withReading(reconcile))
    .option('--rows <number>', 'how many of the rows to show that were not simply applied', countOf, 50)
    .action((flags: ReconcileFlags) =>
      respond(terminal, flags, async () => (await import('./failback-reconcile.ts')).showReconcile(terminal, flags)),
    );

  const rejoin = addCommand(group, io, {
    name: 'rejoin',
    summary:
      'make the old writer a replica of the new one; what the divergence touched is copied again, the rest goes on',
    examples: [
      'failback rejoin         # shows what would be copied and why, with sizes; changes nothing',
      'failback rejoin --yes --reason "reconciled, nothing is left for a person"',
    ],
    codes: [
      'it follows, and has caught up',
      '--yes is missing; or it was refused, and why',
      'wrong usage, or something did not answer: give the same command again, it goes on where it was',
    ],
  });
  withDoing(withReading(rejoin))
    .option(
      '--new-url-from-old <url>',
      "the new writer's database as the old one's server reaches it (default: the strategy)",
    )
    .option('--full', 'copy every table, also what could go on without')
    .option('--without-divergence', 'give up what is stranded: when its slot is lost, and nobody can read it any more')
    .action((flags: RejoinFlags) =>
      respond(terminal, flags, async () => (await import('./failback-rejoin.ts')).showRejoin(terminal, flags)),
    );

  const switchBack = addCommand(group, io, {
    name: 'switch-back',
    summary: 'watch that the site which came back is well for a while without a break, and then make it the writer',
    examples: [
      'failback switch-back         # where to, what stands in the way now, and each step',
      'failback switch-back --yes --reason "back home after the outage" --stable-for 30m',
    ],
    codes: [
      'it is the writer; without --yes: nothing stands in the way',
      'it was not well without a break, or the switchover was refused or given up; it is said which',
      'wrong usage, or nobody knows how it ended',
    ],
  });
  withDoing(withStrategy(switchBack))
    .option('--to <site>', 'the site that came back (default: the writer before this one, by the register)')
    .option(
      '--stable-for <duration>',
      'how long it must be well without a break (default: replication.failback_window of the strategy)',
    )
    .option('--deadline <duration>', 'how long nobody may write at most before the writer takes its role back', '20s')
    .action((flags: SwitchBackFlags) =>
      respond(terminal, flags, async () => (await import('./failback-switch-back.ts')).switchBack(terminal, flags)),
    );
}

/** For what changes something: never without `--yes`, and journaled with who and why. */
function withDoing(command: Command): Command {
  return command
    .option('--yes', 'do it')
    .option('--reason <text>', 'why: what the journal and the next person on call will read')
    .option('--by <who>', 'who you are (default: user@host)');
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
