// Reading the journal: the newest entries of all chains, in the order in which they say they happened.
import { JournalEntry } from '../model/journal.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { chainLifetimeSeconds, compactTime, journalPrefix, parseEntryKey } from './journal-chain.ts';
import { listEntryKeys, loadEntries } from './journal-load.ts';

export type JournalReading = {
  /** Oldest first. */
  entries: JournalEntry[];
  /** Objects that lie where an entry should and cannot be read as one: altered, or of a newer version. */
  unreadable: { key: string; because: string }[];
};

export type ReadJournalOptions = {
  /** A process, a keeper's chain, or null for all. */
  appender: string | null;
  since: Date | null;
  /** The newest so many. */
  limit: number;
};

/** Reads without verifying. Throws `StoreUnavailable`: part of a journal is not shown as the whole. */
export async function readJournal(store: ObjectStore, options: ReadJournalOptions): Promise<JournalReading> {
  const { appender, since, limit } = options;
  const keys = await listEntryKeys(store, appender, since && earliestKey(since));
  const loaded = await loadEntries(store, newestOfEachChain(keys, limit));
  const entries: JournalEntry[] = [];
  const unreadable: JournalReading['unreadable'] = [];
  for (const { key, envelope } of loaded) {
    const parsed = JournalEntry.safeParse(envelope);
    if (parsed.success) entries.push(parsed.data);
    else unreadable.push({ key, because: parsed.error.message });
  }
  const recent = entries
    .filter((entry) => since === null || Date.parse(entry.at) >= since.getTime())
    .sort(
      (one, other) =>
        compare(one.at, other.at) || compare(one.appender, other.appender) || one.sequence - other.sequence,
    );
  return { entries: recent.slice(-limit), unreadable };
}

/** Chains that hold something this recent were begun at most their lifetime before; an hour more for clocks that differ. */
function earliestKey(since: Date): string {
  const earliest = new Date(Math.max(0, since.getTime() - (chainLifetimeSeconds + 3600) * 1000));
  return `${journalPrefix}${compactTime(earliest)}`;
}

/** No chain can give more than `limit` of the newest `limit`. */
function newestOfEachChain(keys: string[], limit: number): string[] {
  const chains = new Map<string, string[]>();
  for (const key of keys) {
    const chain = parseEntryKey(key)?.chain ?? '';
    const held = chains.get(chain);
    if (held) held.push(key);
    else chains.set(chain, [key]);
  }
  return [...chains.values()].flatMap((held) => held.slice(-limit));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
