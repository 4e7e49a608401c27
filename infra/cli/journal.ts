// `causeway journal show|verify`: what happened, and whether the record of it is whole and the same in every store.
import { type Command, InvalidArgumentError } from 'commander';
import { readJournal } from '../../shared/engine/journal-read.ts';
import { compareJournals, type JournalComparison } from '../../shared/engine/journal-verify.ts';
import type { JournalEntry } from '../../shared/model/journal.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { secondsOf } from '../../shared/strategy/duration.ts';
import {
  type Answer,
  addCommand,
  type CommonFlags,
  colorsOf,
  FINDING,
  fail,
  GOOD,
  onTerminal,
  respond,
  UNUSABLE,
  withStrategy,
} from './command.ts';
import { Unusable } from './failure.ts';
import { entryText } from './journal-text.ts';
import type { Terminal } from './terminal.ts';
import { columns, messageOf } from './text.ts';

type ShowFlags = CommonFlags & { since?: string; appender?: string; limit: number; follow?: true };

const followSeconds = 2;
/** How far back a follower looks again each time: entries arrive late from a store that was away. */
const lookBackSeconds = 60;

export function addJournal(program: Command, terminal: Terminal): void {
  const journal = onTerminal(
    program.command('journal').description('the record of what happened and why'),
    terminal.io,
  );

  const show = addCommand(journal, terminal.io, {
    name: 'show',
    summary: 'the newest entries of all chains, oldest first',
    examples: ['journal show --since 30m', 'journal show --appender gcp-1a2b3c4d', 'journal show --follow'],
    codes: ['shown', 'shown, and a store could not be read or an entry is unreadable', 'no store could be read'],
  });
  withStrategy(show)
    .option('--since <when>', 'a duration such as 30m, or an instant such as 2026-11-23T03:00:00Z')
    .option('--appender <name>', 'only what this process appended')
    .option('--limit <number>', 'the newest so many', limitOf, 50)
    .option('--follow', 'go on showing what is new, until Ctrl-C; with --json one entry a line')
    .action(async (flags: ShowFlags) => {
      const stores = () => storesOf(terminal, flags);
      if (flags.follow) await follow(terminal, flags, stores).catch((error) => fail(terminal.io, flags, error));
      else await respond(terminal, flags, async () => showOnce(terminal, flags, await stores()));
    });

  const verify = addCommand(journal, terminal.io, {
    name: 'verify',
    summary: 'check every chain in every store against itself, and the stores against each other',
    examples: ['journal verify', 'journal verify --json'],
    codes: [
      'every chain is whole, and all stores agree',
      'something is missing, altered or differs',
      'a store could not be read',
    ],
  });
  withStrategy(verify)
    .option('--appender <name>', 'only the chains of this process')
    .action(async (flags: CommonFlags & { appender?: string }) =>
      respond(terminal, flags, async () =>
        verifyAll(terminal, await storesOf(terminal, flags), flags.appender ?? null),
      ),
    );
}

async function storesOf(terminal: Terminal, flags: CommonFlags): Promise<ObjectStore[]> {
  const { journalStores, openEstate } = await import('./open.ts');
  return journalStores(openEstate(terminal, flags));
}

function limitOf(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 to 999999.');
  return Number(text);
}

function sinceOf(text: string | undefined, now: Date): Date | null {
  if (text === undefined) return null;
  const seconds = secondsOf(text);
  if (seconds !== null) return new Date(now.getTime() - seconds * 1000);
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) {
    throw new Unusable(`--since ${text} is neither a duration such as 30m nor an instant such as 2026-11-23T03:00:00Z`);
  }
  return at;
}

type Merged = {
  entries: JournalEntry[];
  unreadable: { store: string; key: string; because: string }[];
  unread: { store: string; because: string }[];
};

/** Every store has a copy; what one of them misses another may hold. */
async function merge(stores: ObjectStore[], since: Date | null, flags: ShowFlags): Promise<Merged> {
  const options = { appender: flags.appender ?? null, since, limit: flags.limit };
  const read = await Promise.allSettled(stores.map((store) => readJournal(store, options)));
  const entries = new Map<string, JournalEntry>();
  const merged: Merged = { entries: [], unreadable: [], unread: [] };
  for (const [index, { name: store }] of stores.entries()) {
    const one = read[index];
    if (one?.status === 'fulfilled') {
      for (const entry of one.value.entries) entries.set(`${entry.appender}/${entry.sequence}/${entry.hash}`, entry);
      merged.unreadable.push(...one.value.unreadable.map((entry) => ({ store, ...entry })));
    } else merged.unread.push({ store, because: messageOf(one?.reason) });
  }
  const inOrder = [...entries.values()].sort(
    (one, other) => order(one.at, other.at) || order(one.appender, other.appender) || one.sequence - other.sequence,
  );
  return { ...merged, entries: inOrder.slice(-flags.limit) };
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

async function showOnce(terminal: Terminal, flags: ShowFlags, stores: ObjectStore[]): Promise<Answer> {
  const colors = colorsOf(terminal.io);
  const merged = await merge(stores, sinceOf(flags.since, terminal.clock.now()), flags);
  if (merged.unread.length === stores.length) throw new Unusable(unreadText(merged));
  const notes = [
    ...merged.unread.map(({ store, because }) => `${store} could not be read, and may hold more: ${because}`),
    ...merged.unreadable.map(
      ({ store, key }) => `${store}: ${key} cannot be read as an entry; \`causeway journal verify\``,
    ),
  ];
  const lines = merged.entries.map((entry) => entryText(entry, colors));
  if (lines.length === 0)
    lines.push(flags.since ? `nothing was journaled since ${flags.since}` : 'the journal is empty');
  const code = notes.length > 0 ? FINDING : GOOD;
  return { text: [...lines, ...notes.map((note) => colors.yellow(`! ${note}`))].join('\n'), data: merged, code };
}

async function follow(terminal: Terminal, flags: ShowFlags, open: () => Promise<ObjectStore[]>): Promise<void> {
  const { io, clock, stop } = terminal;
  const stores = await open();
  const shown = new Set<string>();
  let since = sinceOf(flags.since, clock.now());
  let said = '';
  while (!stop.aborted) {
    const merged = await merge(stores, since, flags);
    for (const entry of merged.entries) {
      const key = `${entry.appender}/${entry.sequence}/${entry.hash}`;
      if (shown.has(key)) continue;
      shown.add(key);
      io.out(flags.json ? JSON.stringify(entry) : entryText(entry, colorsOf(io)));
    }
    const trouble = unreadText(merged);
    if (trouble !== said && trouble !== '') io.err(trouble);
    said = trouble;
    const horizon = new Date(clock.now().getTime() - lookBackSeconds * 1000);
    if (since === null || horizon > since) since = horizon;
    await clock.sleep(followSeconds, stop);
  }
  io.exit(GOOD);
}

function unreadText({ unread }: Merged): string {
  return unread.map(({ store, because }) => `${store} could not be read: ${because}`).join('; ');
}

/** Entries travel to the stores one by one: what is missing in one of them counts only when it is still missing a little later. */
async function verifyAll(terminal: Terminal, stores: ObjectStore[], appender: string | null): Promise<Answer> {
  let compared = await compareJournals(stores, appender);
  if (compared.disagreements.some(({ kind }) => kind === 'missing')) {
    await terminal.clock.sleep(followSeconds);
    compared = await compareJournals(stores, appender);
  }
  const found = compared.disagreements.length + compared.reports.reduce((sum, one) => sum + one.problems.length, 0);
  const code = found > 0 ? FINDING : compared.unread.length > 0 ? UNUSABLE : GOOD;
  return { text: verdictText(terminal, compared, found), data: { sound: code === GOOD, ...compared }, code };
}

function verdictText({ io }: Terminal, { reports, disagreements, unread }: JournalComparison, found: number): string {
  const colors = colorsOf(io);
  const counts = reports.map(({ store, chains, problems }) => {
    const entries = chains.reduce((sum, chain) => sum + chain.entries, 0);
    return [
      store,
      `${chains.length} chains`,
      `${entries} entries`,
      problems.length === 0 ? 'whole' : `${problems.length} problems`,
    ];
  });
  const problems = reports.flatMap(({ store, problems }) =>
    problems.map(({ kind, chain, because }) => `${colors.red(kind)}  ${store}  ${chain}: ${because}`),
  );
  const differences = disagreements.map(({ kind, chain, because }) => `${colors.red(kind)}  ${chain}: ${because}`);
  const away = unread.map(
    ({ store, because }) => `${colors.red('unread')}  ${store}: ${because}. Nothing is known of it`,
  );
  const verdict =
    found > 0
      ? colors.red(`${found} finding(s): somebody or something has changed the record, or a write was lost`)
      : unread.length > 0
        ? colors.yellow('what could be read is whole; the rest is not known')
        : colors.green('sound: every chain is whole, and all stores agree');
  return [...columns(counts), ...problems, ...differences, ...away, '', verdict].join('\n');
}
