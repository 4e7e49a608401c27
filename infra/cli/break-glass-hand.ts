// A guard opened and shut by hand: confirmed by the site's name, done in the database alone, and kept in its own audit.
import * as z from 'zod';
import { createPostgresDatabase, type PostgresDatabase } from '../../shared/database/postgres-database.ts';
import { createPgConnect, type PgConnect, sqlState, withSession } from '../../shared/database/session.ts';
import { type Site, type Strategy, siteOf } from '../../shared/model/strategy.ts';
import { DatabaseUnavailable } from '../../shared/ports/database.ts';
import { durationText } from '../../shared/strategy/duration.ts';
import { type Answer, type CommonFlags, colorsOf, FINDING, GOOD } from './command.ts';
import { readStrategy } from './config.ts';
import { Unusable } from './failure.ts';
import type { Terminal } from './terminal.ts';

export type HandFlags = CommonFlags & { databaseUrl: string; reason: string; by?: string; confirm?: string };
export type OpenFlags = HandFlags & { epoch: number; for: number; iHaveChecked?: true };

/** The site that was confirmed, when the URL is not plainly another site's database; else the sentence that refuses. */
function confirmed(strategy: Strategy, flags: HandFlags): { site: Site } | { refused: string } {
  const named = strategy.sites.filter(({ database }) => database !== null).map(({ name }) => name);
  if (flags.confirm === undefined || !named.includes(flags.confirm)) {
    return { refused: `say whose database this is: --confirm ${named.join(' or --confirm ')}` };
  }
  const { hostname, pathname } = urlOf(flags.databaseUrl);
  const other = strategy.sites.find(
    ({ name, database }) => name !== flags.confirm && database?.host === hostname && pathname === `/${database.name}`,
  );
  if (other) return { refused: `that URL is the database of ${other.name}, and you confirmed ${flags.confirm}` };
  return { site: siteOf(strategy, flags.confirm) };
}

function urlOf(text: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    throw new Unusable('--database-url is no URL: write postgres://role@host:port/database', { cause });
  }
}

/** Refuses until everything is confirmed; what it does is bounded in time and audited in the database. Throws `Unusable` and `DatabaseUnavailable`. */
export async function openByHand(terminal: Terminal, flags: OpenFlags): Promise<Answer> {
  const strategy = readStrategy(terminal.env, terminal.io, flags);
  const found = confirmed(strategy, flags);
  if ('refused' in found) return refusal(terminal, found.refused);
  if (!flags.iHaveChecked) {
    const others = strategy.sites.filter(({ name, database }) => name !== found.site.name && database !== null);
    const names = others.map(({ name }) => name).join(' and ');
    const way = `work through \`causeway break-glass explain --site ${found.site.name}\`, then add --i-have-checked`;
    return refusal(terminal, `nothing was opened: prove first that ${names} accepts no writes. ${way}`);
  }
  const connect = connectionOf(flags);
  const database = databaseOf(terminal, strategy, found.site, connect);
  try {
    return await guarded(terminal, async () => {
      const did = await becomeWriter(database, flags.epoch);
      const opened = z
        .string()
        .parse(
          await askFor(connect, 'open the guard by hand', 'select causeway.break_glass($1, $2, $3) as value', [
            flags.epoch,
            flags.for,
            reasonOf(terminal, flags),
          ]),
        );
      await database.health.probe();
      return handAnswer(
        terminal,
        connect,
        [...did, opened],
        `It shuts by itself after ${durationText(flags.for)}, or with \`causeway break-glass close\`.`,
      );
    });
  } finally {
    await database.close();
  }
}

/** At a standby: what the old writer has sent is applied, and its sequence values are never given out again. Safe to run twice. */
async function becomeWriter({ guard, health, promotion }: PostgresDatabase, epoch: number): Promise<string[]> {
  const state = await guard.state();
  const standby = await health.standby();
  if (state.epoch >= epoch && !standby.subscriptionEnabled) return [];
  const did: string[] = [];
  if (standby.subscriptionEnabled) {
    const { applied } = await promotion.drain(10, null);
    await promotion.detach();
    did.push(
      `subscription detached, applied up to heartbeat ${applied ? `${applied.number} of epoch ${applied.epoch}` : '(none)'}`,
    );
  }
  const moved = await promotion.advanceSequences();
  return [...did, `${moved} sequence(s) moved past what the old writer can have given out`];
}

/** Lapses the lease that is open there. Throws `Unusable` and `DatabaseUnavailable`. */
export async function closeByHand(terminal: Terminal, flags: HandFlags): Promise<Answer> {
  const strategy = readStrategy(terminal.env, terminal.io, flags);
  const found = confirmed(strategy, flags);
  if ('refused' in found) return refusal(terminal, found.refused);
  const connect = connectionOf(flags);
  return guarded(terminal, async () => {
    const shut = z
      .string()
      .nullable()
      .parse(
        await askFor(connect, 'shut the guard by hand', 'select causeway.close_glass($1) as value', [
          reasonOf(terminal, flags),
        ]),
      );
    if (shut === null)
      return refusal(
        terminal,
        'no epoch was ever opened here: there is nothing to shut, and shutting would be an outage',
      );
    return handAnswer(terminal, connect, [shut], 'Transactions that have not committed are refused at their commit.');
  });
}

function connectionOf({ databaseUrl }: HandFlags): PgConnect {
  return createPgConnect({
    config: { connectionString: databaseUrl },
    connectSeconds: 10,
    applicationName: 'causeway break-glass',
  });
}

function databaseOf(
  terminal: Terminal,
  { authority, objectives }: Strategy,
  { database }: Site,
  connect: PgConnect,
): PostgresDatabase {
  return createPostgresDatabase(connect, terminal.clock, {
    subscription: 'causeway',
    publication: 'causeway',
    schemas: database?.schemas ?? [],
    unseenSeconds: authority.ttlSeconds + objectives.rpoSeconds,
    statementSeconds: 10,
  });
}

async function askFor(connect: PgConnect, what: string, sql: string, values: unknown[]): Promise<unknown> {
  const rows = await withSession(connect, what, { statementSeconds: 10 }, (session) => session.rows(sql, values));
  return z.array(z.object({ value: z.unknown() })).parse(rows)[0]?.value;
}

/** The database role is one for all: the person is named in the reason. */
function reasonOf(terminal: Terminal, { by, reason }: HandFlags): string {
  return reason.trim() === '' ? '' : `${by ?? terminal.user}: ${reason.trim()}`;
}

const AUDIT = `select jsonb_build_object('at', at, 'by', by, 'what', what, 'reason', reason) as value
  from causeway.audit order by at desc limit 1`;
const Audited = z.object({ at: z.string(), by: z.string(), what: z.string(), reason: z.string() });

async function handAnswer(terminal: Terminal, connect: PgConnect, did: string[], then: string): Promise<Answer> {
  const audited = Audited.parse(await askFor(connect, 'read causeway.audit', AUDIT, []));
  const colors = colorsOf(terminal.io);
  const text = [
    ...did.map((one) => `${colors.green('done')}: ${one}`),
    `audited at ${audited.at}: ${audited.what}, "${audited.reason}"`,
    then,
  ];
  return { text: text.join('\n'), data: { outcome: 'done', did, audited }, code: GOOD };
}

function refusal(terminal: Terminal, because: string): Answer {
  return {
    text: `${colorsOf(terminal.io).yellow('refused')}: ${because}`,
    data: { outcome: 'refused', because },
    code: FINDING,
  };
}

/** What the database's own functions refuse is an answer; a function that is missing says how to get it. */
async function guarded(terminal: Terminal, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    const state = error instanceof DatabaseUnavailable ? sqlState(error.cause) : null;
    if (state === 'P0001' && error instanceof DatabaseUnavailable) return refusal(terminal, error.message);
    if (state === '42883' || state === '3F000') {
      throw new Unusable('this database has no guard, or an older one: run `causeway db install` on it', {
        cause: error,
      });
    }
    throw error;
  }
}
