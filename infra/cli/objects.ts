// `causeway objects`: buckets that are kept alike, brought together by hand and looked at.
import { type Command, InvalidArgumentError } from 'commander';
import { addCommand, onTerminal, respond, withStrategy } from './command.ts';
import type { StatusFlags } from './objects-status.ts';
import type { SyncFlags } from './objects-sync.ts';
import type { Terminal } from './terminal.ts';

export function addObjects(program: Command, terminal: Terminal): void {
  const objects = onTerminal(program.command('objects'), terminal.io).description(
    'the buckets that are kept alike: bring them together, see how replication is',
  );
  addSync(objects, terminal);
  addStatus(objects, terminal);
}

function addStatus(objects: Command, terminal: Terminal): void {
  const command = addCommand(objects, terminal.io, {
    name: 'status',
    summary:
      'how replication is: lag, what waits and for how long, failures by reason, dead letters, the last comparison',
    examples: ['objects status', 'objects status --pair assets --minutes 10 --json'],
    codes: [
      'everything moves or nothing waits',
      'a tier stands still, dead letters wait, a comparison was refused, or something could not be found out',
      'wrong usage, or nothing answered',
    ],
  });
  withStrategy(command)
    .option('--pair <name>', 'one pair of the strategy (default: every one)')
    .option('--minutes <count>', 'how far back to look', minutesOf, 60)
    .action((flags: StatusFlags) =>
      respond(terminal, flags, async () => {
        const { objectsStatus } = await import('./objects-status.ts');
        return objectsStatus(terminal, flags);
      }),
    );
}

function minutesOf(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('Minutes are a whole number from 1 to 9999.');
}

function addSync(objects: Command, terminal: Terminal): void {
  const command = addCommand(objects, terminal.io, {
    name: 'sync',
    summary: 'compare both buckets of each pair, and bring them together; says first what it would do and cost',
    examples: [
      'objects sync --dry-run                                # what differs, what it would cost',
      'objects sync --dry-run --list --prefix uploads/       # key by key',
      'objects sync --pair assets --direction aws-to-gcp     # asks before it begins',
      'objects sync --yes --reason "back-fill of the new pair"',
    ],
    codes: [
      'both buckets of every pair are alike now; with --dry-run: there is nothing to do',
      'something is left to do, or was refused, or --yes is missing; it is said which',
      'wrong usage, or a bucket or the store did not answer: given again it goes on where it stopped',
    ],
  });
  withStrategy(command)
    .option('--dry-run', 'show what would be done and what it would cost, and do nothing')
    .option('--list', 'name every key that would be written or deleted, as it is found')
    .option('--pair <name>', 'one pair of the strategy (default: every one)')
    .option('--prefix <prefix>', 'only keys that begin so', '')
    .option('--direction <way>', 'both, or one way by sites, such as aws-to-gcp', 'both')
    .option('--yes', 'do it without asking')
    .option(
      '--force',
      'do it against the guards: an empty or shrunken listing, more deletes than allowed; needs --reason',
    )
    .option('--from-start', 'do not go on with a run that was stopped')
    .option('--reason <text>', 'why, for the journal')
    .option('--by <who>', 'who you are (default: user@host)')
    .action((flags: SyncFlags) =>
      respond(terminal, flags, async () => {
        const { syncObjects } = await import('./objects-sync.ts');
        return syncObjects(terminal, flags);
      }),
    );
}
