// `causeway db install|check|remove`: the guard in one site's database, put there, looked over, taken away.
import { type Command, InvalidArgumentError } from 'commander';
import picocolors from 'picocolors';
import { checkDatabase } from '../../shared/database/check.ts';
import type { Finding } from '../../shared/database/findings.ts';
import { type Deed, type GuardMode, installGuard, planInstall } from '../../shared/database/install.ts';
import { planRemove, removeGuard } from '../../shared/database/remove.ts';
import { createPgConnect, type Session, withSession } from '../../shared/database/session.ts';
import { systemClock } from '../../shared/engine/system.ts';
import { DatabaseUnavailable } from '../../shared/ports/database.ts';
import type { CliIo } from './io.ts';

const FINE = 0;
const FINDINGS = 1;
const UNREACHABLE = 2;

type Common = { databaseUrl: string; json?: true; dryRun?: true };
type InstallFlags = Common & { mode?: GuardMode; arm?: true };

/** What a command answers: its text for people, the same as data, and how it ended. */
type Answer = { text: string; data: unknown; code: number };

/**
 * Adds `db install|check|remove --database-url <url> [--json] [--dry-run]`. Exit codes: 0 all is well, 1 something is not
 * (it says what to do), 2 wrong usage, or the database did not answer. For options that it does not know, commander's own error is
 * thrown after the exit code has been set.
 */
export function addDb(program: Command, io: CliIo): void {
  const db = program.command('db').description("the guard in a site's database");
  subcommand(db, io, 'install', 'put the guard in, or bring it up to date; safe on a live database')
    .option('--dry-run', 'print the SQL and change nothing')
    .option('--mode <mode>', 'enforce (the first time) or observe, which refuses nothing', modeOf)
    .option('--arm', 'refuse writes from now on, before a keeper has opened an epoch here: for a standby')
    .action(async (flags: InstallFlags) => run(flags, io, (session) => install(session, flags)));
  subcommand(db, io, 'check', 'what is guarded, what cannot be, what escapes by design, and the settings').action(
    async (flags: Common) => run(flags, io, (session) => check(session, io)),
  );
  subcommand(db, io, 'remove', 'take everything away that install made')
    .option('--dry-run', 'print the SQL and change nothing')
    .action(async (flags: Common) => run(flags, io, (session) => remove(session, flags)));
}

function subcommand(db: Command, io: CliIo, name: string, description: string): Command {
  return db
    .command(name)
    .description(description)
    .requiredOption('--database-url <url>', "postgres://... as the keeper's role, which no superuser is")
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 all is well, 1 something is not, 2 wrong usage or the database did not answer.',
    )
    .configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: (text) => io.err(text.trimEnd()) })
    .exitOverride((error) => {
      io.exit(error.exitCode === 0 ? FINE : UNREACHABLE);
      throw error;
    });
}

function modeOf(text: string): GuardMode {
  if (text === 'enforce' || text === 'observe') return text;
  throw new InvalidArgumentError('It is enforce or observe.');
}

async function run(flags: Common, io: CliIo, work: (session: Session) => Promise<Answer>): Promise<void> {
  const connect = createPgConnect({
    config: { connectionString: flags.databaseUrl },
    connectSeconds: 10,
    applicationName: 'causeway db',
  });
  try {
    const { text, data, code } = await withSession(connect, 'do that', { statementSeconds: 60 }, work);
    io.out(flags.json ? JSON.stringify(data, null, 2) : text);
    io.exit(code);
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error;
    if (flags.json) io.out(JSON.stringify({ error: error.message }, null, 2));
    io.err(error.message);
    io.exit(UNREACHABLE);
  }
}

async function install(session: Session, flags: InstallFlags): Promise<Answer> {
  const options = { mode: flags.mode ?? null, arm: flags.arm ?? false };
  if (flags.dryRun) {
    const sql = await planInstall(session, options);
    return { text: sql, data: { sql }, code: FINE };
  }
  return deedsAnswer(await installGuard(session, systemClock, options));
}

async function remove(session: Session, flags: Common): Promise<Answer> {
  if (flags.dryRun) {
    const sql = await planRemove(session);
    return { text: sql.map((line) => `${line};`).join('\n') || '-- not installed', data: { sql }, code: FINE };
  }
  return deedsAnswer(await removeGuard(session, systemClock));
}

function deedsAnswer(deeds: Deed[]): Answer {
  const text = deeds.map(({ what, outcome, detail }) => `${outcome.padEnd(8)} ${what}${detail && `: ${detail}`}`);
  const code = deeds.some(({ outcome }) => outcome === 'problem') ? FINDINGS : FINE;
  return { text: text.join('\n'), data: { deeds }, code };
}

async function check(session: Session, io: CliIo): Promise<Answer> {
  const findings = await checkDatabase(session);
  const code = findings.some(({ status }) => status === 'fail') ? FINDINGS : FINE;
  return { text: findings.map((finding) => findingText(finding, io.color)).join('\n'), data: { findings }, code };
}

function findingText({ about, status, found, wayOut }: Finding, color: boolean): string {
  const colors = picocolors.createColors(color);
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red, escape: colors.cyan }[status];
  const line = `${paint(status.padEnd(6))} ${about}: ${found}`;
  return wayOut === null ? line : `${line}\n       ${colors.dim(wayOut)}`;
}
