// Verifying the journal: every chain of one store against itself, and the stores against each other.
import type { ObjectStore } from '../ports/object-store.ts';
import { genesisHash } from './journal-chain.ts';
import { byChain, type LoadedEntry, listEntryKeys, loadEntries } from './journal-load.ts';

type JournalProblem = {
  /** fork: the entry follows another one than is stored before it. misplaced: it says that it belongs elsewhere. */
  kind: 'gap' | 'altered' | 'fork' | 'misplaced' | 'unreadable';
  chain: string;
  sequence: number;
  because: string;
};

type ChainReport = { chain: string; entries: number; firstAt: string; lastAt: string; lastHash: string };

export type JournalReport = { store: string; chains: ChainReport[]; problems: JournalProblem[] };

/** Two stores that do not hold the same entry at one place of a chain. */
type Disagreement = { chain: string; sequence: number; kind: 'missing' | 'differs'; because: string };

export type JournalComparison = {
  reports: JournalReport[];
  disagreements: Disagreement[];
  /** Stores that could not be read: nothing is known of them. */
  unread: { store: string; because: string }[];
};

/** Reads every entry and checks its hash, its place and what it follows. Throws `StoreUnavailable`. */
export async function verifyJournal(store: ObjectStore, appender: string | null = null): Promise<JournalReport> {
  return reportOf(store.name, await load(store, appender));
}

/** Verifies each store and compares them all: only together do they show that a whole chain was rewritten or cut short in one. */
export async function compareJournals(
  stores: ObjectStore[],
  appender: string | null = null,
): Promise<JournalComparison> {
  const loaded = await Promise.allSettled(stores.map((store) => load(store, appender)));
  const held: Held[] = [];
  const unread: JournalComparison['unread'] = [];
  for (const [index, store] of stores.entries()) {
    const result = loaded[index];
    if (result?.status === 'fulfilled') held.push({ store: store.name, chains: result.value });
    else unread.push({ store: store.name, because: String(result?.reason) });
  }
  return {
    reports: held.map(({ store, chains }) => reportOf(store, chains)),
    disagreements: disagreementsOf(held),
    unread,
  };
}

type Chains = Map<string, LoadedEntry[]>;
type Held = { store: string; chains: Chains };

async function load(store: ObjectStore, appender: string | null): Promise<Chains> {
  return byChain(await loadEntries(store, await listEntryKeys(store, appender, null)));
}

function reportOf(store: string, chains: Chains): JournalReport {
  return {
    store,
    chains: [...chains].map(([chain, entries]) => ({
      chain,
      entries: entries.length,
      firstAt: entries[0]?.envelope?.at ?? '',
      lastAt: entries.at(-1)?.envelope?.at ?? '',
      lastHash: entries.at(-1)?.envelope?.hash ?? '',
    })),
    problems: [...chains.values()].flatMap(problemsOf),
  };
}

function problemsOf(entries: LoadedEntry[]): JournalProblem[] {
  const problems: JournalProblem[] = [];
  let before: { sequence: number; hash: string | null } = { sequence: -1, hash: genesisHash };
  for (const entry of entries) {
    const say = (kind: JournalProblem['kind'], because: string) =>
      problems.push({ kind, chain: entry.chain, sequence: entry.sequence, because });
    const expected = before.sequence + 1;
    if (entry.sequence !== expected) {
      say('gap', `entries ${expected} to ${entry.sequence - 1} are missing before entry ${entry.sequence}`);
      before = { sequence: entry.sequence - 1, hash: null };
    }
    if (!entry.envelope) {
      say('unreadable', `${entry.key} is not a journal entry`);
      before = { sequence: entry.sequence, hash: null };
      continue;
    }
    const { envelope } = entry;
    if (!entry.fits)
      say('altered', `the content of entry ${entry.sequence} does not fit its hash ${short(envelope.hash)}`);
    if (envelope.appender !== entry.chain || envelope.sequence !== entry.sequence) {
      say('misplaced', `${entry.key} holds entry ${envelope.sequence} of ${envelope.appender}`);
    }
    if (before.hash !== null && envelope.previousHash !== before.hash) {
      say(
        'fork',
        `entry ${entry.sequence} follows ${short(envelope.previousHash)}, and what is stored before it is ${short(before.hash)}: ` +
          'the chain was rewritten before this entry, or two processes appended to it',
      );
    }
    before = { sequence: entry.sequence, hash: envelope.hash };
  }
  return problems;
}

function disagreementsOf(held: Held[]): Disagreement[] {
  const places = new Map<string, { chain: string; sequence: number }>();
  for (const { chains } of held) {
    for (const { key, chain, sequence } of [...chains.values()].flat()) places.set(key, { chain, sequence });
  }
  const byKey = held.map(({ store, chains }) => ({
    store,
    entries: new Map([...chains.values()].flat().map((entry) => [entry.key, entry])),
  }));
  return [...places].flatMap(([key, place]): Disagreement[] => {
    const views = byKey.map(({ store, entries }) => ({ store, entry: entries.get(key) ?? null }));
    const missing = views.filter(({ entry }) => entry === null).map(({ store }) => store);
    const bodies = new Set(views.flatMap(({ entry }) => (entry ? [entry.body] : [])));
    if (bodies.size > 1) return [{ ...place, kind: 'differs', because: whoDiffers(place.sequence, views) }];
    if (missing.length === 0) return [];
    const holders = views.filter(({ entry }) => entry !== null).map(({ store }) => store);
    return [
      {
        ...place,
        kind: 'missing',
        because: `entry ${place.sequence} is in ${holders.join(' and ')} and missing in ${missing.join(' and ')}`,
      },
    ];
  });
}

/** Names the stores whose entry does not fit its own hash; when all fit, nobody can tell from this entry alone. */
function whoDiffers(sequence: number, views: { store: string; entry: LoadedEntry | null }[]): string {
  const says = views.flatMap(({ store, entry }) => (entry ? [{ store, entry }] : []));
  const hashes = says
    .map(({ store, entry }) => `${short(entry.envelope?.hash ?? 'unreadable')} in ${store}`)
    .join(', ');
  const unfit = says.filter(({ entry }) => !entry.fits).map(({ store }) => store);
  const verdict =
    unfit.length === 0
      ? 'each fits its own hash, so that one of them was rewritten as a whole or two processes appended under one name'
      : `the one in ${unfit.join(' and ')} does not fit its own hash and was altered`;
  return `entry ${sequence} is ${hashes}: ${verdict}`;
}

function short(hash: string): string {
  return hash.slice(0, 12);
}
