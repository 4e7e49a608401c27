// The links of the journal: where an entry is kept, what it hashes to, and which entry it follows.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../model/canonical-json.ts';
import type { JournalEntry, JournalEvent } from '../model/journal.ts';

export const journalPrefix = 'journal/';

/** What the first entry of a chain follows. */
export const genesisHash = '0'.repeat(64);

/** A chain is closed and another begun after this long, so that reading what is recent need not look at what is old. */
export const chainLifetimeSeconds = 24 * 3600;

/**
 * The name of a chain: the time it was begun at, then who appends. Names sort by time, and every process has chains of its own,
 * because two that appended to one chain through different stores would fork it.
 */
export function chainName(appender: string, begunAt: Date): string {
  return `${compactTime(begunAt)}-${appender}`;
}

/** `20260301T120000000Z`: sorts as text, and needs no escaping in a key. */
export function compactTime(at: Date): string {
  return at.toISOString().replace(/[-:.]/g, '');
}

export function entryKey(chain: string, sequence: number): string {
  return `${journalPrefix}${chain}/${String(sequence).padStart(10, '0')}.json`;
}

/** Null for a key that is no journal entry's. */
export function parseEntryKey(key: string): { chain: string; sequence: number } | null {
  const [, chain, sequence] = /^journal\/([^/]+)\/(\d{10})\.json$/.exec(key) ?? [];
  return chain === undefined || sequence === undefined ? null : { chain, sequence: Number(sequence) };
}

/** SHA-256 (hex) of the canonical JSON of everything in the entry but `hash`, also of fields that this version does not know. */
export function hashOf(entry: object): string {
  const content = Object.fromEntries(Object.entries(entry).filter(([name]) => name !== 'hash'));
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

export type Link = { chain: string; sequence: number; previousHash: string };

export function linkEntry(link: Link, event: JournalEvent, epoch: number | null, at: Date): JournalEntry {
  const content = {
    schema: 1 as const,
    appender: link.chain,
    sequence: link.sequence,
    at: at.toISOString(),
    epoch,
    previousHash: link.previousHash,
    event,
  };
  return { ...content, hash: hashOf(content) };
}
