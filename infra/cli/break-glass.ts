// `causeway break-glass explain|open|close`: a database's guard opened by hand when the register is lost: bounded, audited, never by accident.
import { type Command, InvalidArgumentError } from 'commander';
import { siteOf } from '../../shared/model/strategy.ts';
import { secondsOf } from '../../shared/strategy/duration.ts';
import { closeByHand, type HandFlags, type OpenFlags, openByHand } from './break-glass-hand.ts';
import { procedureFor } from './break-glass-procedure.ts';
import {
  type Answer,
  addCommand,
  type CommonFlags,
  colorsOf,
  GOOD,
  onTerminal,
  respond,
  withStrategy,
} from './command.ts';
import { readStrategy } from './config.ts';
import { epochOf } from './init.ts';
import type { Terminal } from './terminal.ts';

type ExplainFlags = CommonFlags & { site?: string };

export function addBreakGlass(program: Command, terminal: Terminal): void {
  const { io } = terminal;
  const group = onTerminal(
    program.command('break-glass').description('open a database by hand when the register is lost'),
    io,
  );

  const explain = addCommand(group, io, {
    name: 'explain',
    summary:
      'print the offline procedure for this estate. Needs nothing but the strategy file; print it before you need it',
    examples: ['break-glass explain', 'break-glass explain --site gcp > break-glass-gcp.txt'],
    codes: ['printed', '(not used)', 'the strategy could not be read'],
  });
  withStrategy(explain)
    .option('--site <site>', 'the site to open (default: every site that has a database)')
    .action((flags: ExplainFlags) => respond(terminal, flags, async () => explainAll(terminal, flags)));

  const codes = [
    'done, and kept in causeway.audit of that database',
    'refused, and why',
    'wrong usage, or the database did not answer',
  ] as const;
  const open = addCommand(group, io, {
    name: 'open',
    summary: 'let a database accept writes for a bounded time, without the register',
    examples: [
      'break-glass open --database-url postgres://causeway_keeper@db/gopro --epoch 4 --for 1h \\\n      --reason "register lost with two stores, gcp instance stopped" --i-have-checked --confirm aws',
    ],
    codes,
  });
  byHand(open)
    .requiredOption(
      '--epoch <number>',
      "the epoch to open: the database's own, or at a standby the writer's plus one",
      epochOf,
    )
    .option('--for <duration>', 'how long, at most 24h', spanOf, 3600)
    .option('--i-have-checked', 'you have proved, by `break-glass explain`, that no other site accepts writes')
    .action((flags: OpenFlags) => respond(terminal, flags, () => openByHand(terminal, flags)));

  const close = addCommand(group, io, {
    name: 'close',
    summary:
      'shut the guard by hand, before its time is over; a keeper that holds the lease opens it again at its next beat',
    examples: [
      'break-glass close --database-url postgres://causeway_keeper@db/gopro --reason "the register is back" --confirm aws',
    ],
    codes,
  });
  byHand(close).action((flags: HandFlags) => respond(terminal, flags, () => closeByHand(terminal, flags)));
}

function byHand(command: Command): Command {
  return withStrategy(command)
    .requiredOption('--database-url <url>', "postgres://... of that site's database, as the keeper's role")
    .requiredOption('--reason <text>', 'who, what and why, in at least 10 characters: kept in causeway.audit')
    .option('--by <who>', 'who you are (default: user@host)')
    .option('--confirm <site>', 'the name of the site whose database this is');
}

function spanOf(text: string): number {
  const seconds = secondsOf(text);
  if (seconds === null || seconds < 1 || seconds > 86_400)
    throw new InvalidArgumentError('It is a duration from 1s to 24h.');
  return Math.ceil(seconds);
}

function explainAll(terminal: Terminal, flags: ExplainFlags): Answer {
  const strategy = readStrategy(terminal.env, terminal.io, flags);
  const colors = colorsOf(terminal.io);
  const sites = flags.site
    ? [siteOf(strategy, flags.site)]
    : strategy.sites.filter(({ database }) => database !== null);
  const procedures = sites.map(({ name }) => procedureFor(strategy, name));
  const text = procedures.map(({ site, steps }) =>
    [
      colors.bold(`Opening the database of ${site} by hand`),
      ...steps.flatMap(({ title, lines }, index) => [
        '',
        colors.bold(`${index + 1}. ${title}`),
        ...lines.map((line) => `   ${line}`),
      ]),
    ].join('\n'),
  );
  return { text: text.join('\n\n\n'), data: { procedures }, code: GOOD };
}
