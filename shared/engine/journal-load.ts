// The journal as it lies in a store: chains of entries, each as it was found, sound or not.
import * as z from 'zod';
import type { ObjectStore } from '../ports/object-store.ts';
import { hashOf, journalPrefix, parseEntryKey } from './journal-chain.ts';

/** What every version of an entry has. Loose, because the hash covers fields that this version does not know. */
const Envelope = z.looseObject({
  appender: z.string(),
  sequence: z.int(),
  at: z.string(),
  previousHash: z.string(),
  hash: z.string(),
});
type Envelope = z.infer<typeof Envelope>;

export type LoadedEntry = {
  key: string;
  chain: string;
  sequence: number;
  body: string;
  /** Null: not an entry at all. */
  envelope: Envelope | null;
  /** The entry's hash is that of its content. */
  fits: boolean;
};

const readsAtOnce = 32;

/** The keys of all entries, in order; of one appender when it is given, by its name or by a chain's. Throws `StoreUnavailable`. */
export async function listEntryKeys(
  store: ObjectStore,
  appender: string | null,
  startAfter: string | null,
): Promise<string[]> {
  const keys = await store.list(journalPrefix, { startAfter, limit: Number.MAX_SAFE_INTEGER });
  return keys.filter((key) => {
    const parsed = parseEntryKey(key);
    return parsed !== null && (appender === null || parsed.chain === appender || parsed.chain.endsWith(`-${appender}`));
  });
}

/** Reads entries, some at a time. A key that was listed and has gone since (the bucket's own expiry) is left out. */
export async function loadEntries(store: ObjectStore, keys: string[]): Promise<LoadedEntry[]> {
  const loaded: LoadedEntry[] = [];
  for (let at = 0; at < keys.length; at += readsAtOnce) {
    const some = keys.slice(at, at + readsAtOnce);
    const found = await Promise.all(some.map((key) => loadEntry(store, key)));
    loaded.push(...found.filter((entry) => entry !== null));
  }
  return loaded;
}

async function loadEntry(store: ObjectStore, key: string): Promise<LoadedEntry | null> {
  const parsed = parseEntryKey(key);
  const object = await store.get(key);
  if (!parsed || !object) return null;
  const envelope = parseEnvelope(object.body);
  return { key, ...parsed, body: object.body, envelope, fits: envelope !== null && hashOf(envelope) === envelope.hash };
}

function parseEnvelope(body: string): Envelope | null {
  try {
    return Envelope.parse(JSON.parse(body));
  } catch {
    // What is no entry is reported as such by the reader; here it is told apart, not passed over.
    return null;
  }
}

export function byChain(entries: LoadedEntry[]): Map<string, LoadedEntry[]> {
  const chains = new Map<string, LoadedEntry[]>();
  for (const entry of entries) chains.set(entry.chain, [...(chains.get(entry.chain) ?? []), entry]);
  return chains;
}
