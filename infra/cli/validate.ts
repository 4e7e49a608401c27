// `causeway validate`: reads a strategy file, tells everything that is wrong with it, or sums it up.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import picocolors from 'picocolors';
import { strategyJsonSchema } from '../../shared/strategy/json-schema.ts';
import { type ParsedStrategy, parseStrategy } from '../../shared/strategy/parse.ts';
import type { CliIo } from './io.ts';
import { type Colors, countText, issuesText } from './strategy-issues.ts';
import { summarise, summaryText } from './strategy-summary.ts';

type Options = { json?: true; schema?: true };

const VALID = 0;
const INVALID = 1;
const USAGE = 2;

/**
 * Adds `validate [file] [--json] [--schema]`. Exit codes: 0 valid (warnings or not), 1 invalid, 2 wrong usage or a file that
 * cannot be read. For options that it does not know, commander's own error is thrown after the exit code has been set.
 */
export function addValidate(program: Command, io: CliIo): void {
  program
    .command('validate')
    .description('check a strategy file: every error at once, or a summary')
    .argument('[file]', 'the strategy file')
    .option('--json', 'print the result as JSON')
    .option('--schema', 'print the JSON Schema of the file, for editors, and check nothing')
    .addHelpText('after', '\nExit codes: 0 valid, 1 invalid, 2 wrong usage or a file that cannot be read.')
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .exitOverride((error) => {
      io.exit(error.exitCode === 0 ? VALID : USAGE);
      throw error;
    })
    .action((file: string | undefined, options: Options) => io.exit(validate(file, options, io)));
}

function validate(file: string | undefined, options: Options, io: CliIo): number {
  if (options.schema) {
    io.out(JSON.stringify(strategyJsonSchema(), null, 2));
    return VALID;
  }
  if (file === undefined) {
    io.err('validate needs the strategy file: causeway validate <file> (or --schema for the JSON Schema).');
    return USAGE;
  }
  const text = readText(file, io);
  if (text === null) return USAGE;
  const parsed = parseStrategy(text, file);
  if (options.json) io.out(JSON.stringify(asJson(parsed, file), null, 2));
  else tell(parsed, text, file, io);
  return parsed.kind === 'valid' ? VALID : INVALID;
}

function readText(file: string, io: CliIo): string | null {
  try {
    return io.readFile(resolve(io.cwd, file));
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    io.err(`cannot read ${file}: ${because}. Give the path of a strategy file that exists and may be read.`);
    return null;
  }
}

function asJson(parsed: ParsedStrategy, file: string): unknown {
  return parsed.kind === 'valid'
    ? { file, valid: true, errors: [], warnings: parsed.warnings, summary: summarise(parsed.strategy) }
    : {
        file,
        valid: false,
        errors: parsed.issues.filter(({ severity }) => severity === 'error'),
        warnings: parsed.issues.filter(({ severity }) => severity === 'warning'),
      };
}

function tell(parsed: ParsedStrategy, text: string, file: string, io: CliIo): void {
  const colors: Colors = picocolors.createColors(io.color);
  if (parsed.kind === 'invalid') {
    io.err(issuesText(parsed.issues, text, colors));
    io.err(`\n${colors.red('invalid')}: ${countText(parsed.issues)} in ${file}`);
    return;
  }
  const { strategy, warnings } = parsed;
  io.out(`${colors.green('valid')}: ${file}\n\n${summaryText(strategy)}`);
  if (warnings.length > 0) io.out(`\n${issuesText(warnings, text, colors)}\n\n${colors.yellow(countText(warnings))}`);
}
