// The environment and the strategy file of a command: read here and nowhere else.
import { resolve } from 'node:path';
import { type Config, parseConfig } from '../../shared/config.ts';
import type { Strategy } from '../../shared/model/strategy.ts';
import { siteOf } from '../../shared/model/strategy.ts';
import { parseStrategy } from '../../shared/strategy/parse.ts';
import { Unusable } from './failure.ts';
import type { CliIo } from './io.ts';

export type Environment = Record<string, string | undefined>;

/** The process's own. The SDK's notice about the age of Node is no news to who reads a status at night. */
export function readEnvironment(): Environment {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  return process.env;
}

/** What a command line may say of where it works; what it leaves out comes from the environment. */
export type Place = { strategy?: string | undefined; site?: string | undefined };

/**
 * The strategy of `--strategy`, of CAUSEWAY_STRATEGY, or ./strategy.yaml. Throws `Unusable` when it cannot be read or is not valid,
 * with the first places that are wrong.
 */
export function readStrategy(env: Environment, io: CliIo, place: Place): Strategy {
  const file = fileOf(env, place);
  const parsed = parseStrategy(textOf(io, file), file);
  if (parsed.kind === 'valid') return parsed.strategy;
  const errors = parsed.issues.filter(({ severity }) => severity === 'error');
  const shown = errors.slice(0, 3).map((one) => `\n  ${one.file}:${one.line}:${one.column} ${one.message}`);
  throw new Unusable(
    `the strategy ${file} has ${errors.length} error(s); \`causeway validate ${file}\` explains each:${shown.join('')}`,
  );
}

/** The connection, by the variables of shared/config.ts; the site is the writer's home when nobody names one. Throws an Error. */
export function readConfig(env: Environment, strategy: Strategy, place: Place): Config {
  const site = place.site ?? env.CAUSEWAY_SITE ?? strategy.replication.primary;
  return parseConfig({
    ...env,
    CAUSEWAY_STRATEGY: fileOf(env, place),
    CAUSEWAY_SITE: siteOf(strategy, site).name,
  });
}

/** Keys of a witness that another provider keeps, as the operator has them at hand; null: see CAUSEWAY_WITNESS_SECRET, else the same as AWS. */
export function witnessCredentials(env: Environment): { accessKeyId: string; secretAccessKey: string } | null {
  const { CAUSEWAY_WITNESS_ACCESS_KEY_ID: accessKeyId, CAUSEWAY_WITNESS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : null;
}

function fileOf(env: Environment, { strategy }: Place): string {
  return strategy ?? env.CAUSEWAY_STRATEGY ?? 'strategy.yaml';
}

function textOf(io: CliIo, file: string): string {
  try {
    return io.readFile(resolve(io.cwd, file));
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : String(cause);
    throw new Unusable(
      `the strategy could not be read: ${because}. Name the file with --strategy <file> or in CAUSEWAY_STRATEGY`,
      { cause },
    );
  }
}
