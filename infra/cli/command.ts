// What all commands have in common: help with examples, the same options, an answer for people or as JSON, and three exit codes.
import type { Command } from 'commander';
import picocolors from 'picocolors';
import { failureText } from './failure.ts';
import type { CliIo } from './io.ts';
import type { Colors } from './strategy-issues.ts';
import type { Terminal } from './terminal.ts';

export const GOOD = 0;
/** Something is not well, or was refused; the answer says what and what to do. */
export const FINDING = 1;
/** Wrong usage, or what was asked did not answer. */
export const UNUSABLE = 2;

/** What a command comes to. `text` is for people, `data` for `--json`; both say the same. */
export type Answer = { text: string; data: unknown; code: typeof GOOD | typeof FINDING | typeof UNUSABLE };

export type CommonFlags = { strategy?: string; site?: string; json?: true; verbose?: true };

export type Description = {
  name: string;
  summary: string;
  examples: readonly string[];
  /** What 0, 1 and 2 mean for this command. */
  codes: readonly [string, string, string];
};

/** Adds a command with its help, its exit codes, and `--json` and `--verbose`. `isDefault`: what its parent means when nothing else is said. */
export function addCommand(
  parent: Command,
  io: CliIo,
  { name, summary, examples, codes }: Description,
  { isDefault = false } = {},
): Command {
  const command = parent.command(name, { isDefault }).description(summary);
  const shown = [
    '',
    'Examples:',
    ...examples.map((example) => `  $ causeway ${example}`),
    '',
    'Exit codes:',
    ...codes.map((meaning, code) => `  ${code}  ${meaning}`),
  ];
  return onTerminal(command, io)
    .option('--json', 'print the answer as JSON')
    .option('--verbose', 'when something fails, show the causes and where each was thrown')
    .addHelpText('after', shown.join('\n'));
}

/** Adds `--strategy`: for commands that look at the estate. */
export function withStrategy(command: Command): Command {
  return command.option('--strategy <file>', 'the strategy (default: $CAUSEWAY_STRATEGY, else ./strategy.yaml)');
}

/** Prints through the terminal's own channels, and turns commander's errors into exit codes. Inherited by subcommands. */
export function onTerminal(command: Command, io: CliIo): Command {
  return command
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .showHelpAfterError('(--help shows examples)')
    .exitOverride((error) => {
      io.exit(error.exitCode === 0 ? GOOD : UNUSABLE);
      throw error;
    });
}

/** Runs a command to its answer, prints it, and sets the exit code. An error becomes a sentence on standard error, and exit 2. */
export async function respond({ io }: Terminal, flags: CommonFlags, work: () => Promise<Answer>): Promise<void> {
  try {
    const { text, data, code } = await work();
    io.out(flags.json ? JSON.stringify(data, null, 2) : text);
    io.exit(code);
  } catch (error) {
    fail(io, flags, error);
  }
}

/** Says what failed, and exits 2. */
export function fail(io: CliIo, flags: CommonFlags, error: unknown): void {
  const sentence = failureText(error, flags.verbose ?? false);
  if (flags.json) io.out(JSON.stringify({ error: failureText(error, false) }, null, 2));
  io.err(`${colorsOf(io).red('failed')}: ${sentence}`);
  io.exit(UNUSABLE);
}

export function colorsOf(io: CliIo): Colors {
  return picocolors.createColors(io.color);
}
