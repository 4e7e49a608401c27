// The journal as its appender sees it: every event is linked to the one before and written to all stores.
import { canonicalJson } from '../model/canonical-json.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { chainLifetimeSeconds, chainName, entryKey, genesisHash, type Link, linkEntry } from './journal-chain.ts';
import { createJournalCopy, type JournalCopy, type JournalTrouble } from './journal-copy.ts';

export type JournalOptions = {
  stores: ObjectStore[];
  /** Names this process and no other: a keeper's name with its incarnation. Letters, digits, dot, underscore and hyphen. */
  appender: string;
  clock: Clock;
  /** Told of every store that misses an entry, for however long. It must not append to this journal in turn. */
  onTrouble: (trouble: JournalTrouble) => void;
  /** The longest that `append` waits for the stores. */
  waitSeconds?: number;
  /** How many entries are kept in memory for a store that fails. */
  maxWaiting?: number;
};

export type Journal = {
  /**
   * Resolves when every store that is well has the entry, or after `waitSeconds`; what a store could not take is written with a later
   * entry or by `flush`. Never rejects because of a store: that is told to `onTrouble`.
   */
  append(event: JournalEvent, epoch: number | null): Promise<void>;
  /** Tries all that waits once more, for at most that long. Answers how many entries each store still misses. */
  flush(seconds: number): Promise<{ store: string; waiting: number }[]>;
};

export function createJournal(options: JournalOptions): Journal {
  const { stores, appender, clock, onTrouble, waitSeconds = 1, maxWaiting = 1000 } = options;
  if (!/^[A-Za-z0-9._-]+$/.test(appender)) {
    throw new Error(`"${appender}" cannot name a journal's appender: use letters, digits, dot, underscore and hyphen`);
  }
  const copies = stores.map((store) => createJournalCopy(store, maxWaiting, onTrouble));
  let link: Link | null = null;
  let begunSeconds = 0;

  function nextLink(): Link {
    const aged = clock.elapsedSeconds() - begunSeconds > chainLifetimeSeconds;
    if (link && !aged) return link;
    begunSeconds = clock.elapsedSeconds();
    return { chain: chainName(appender, clock.now()), sequence: 0, previousHash: genesisHash };
  }

  return {
    async append(event, epoch) {
      const at = nextLink();
      const entry = linkEntry(at, event, epoch, clock.now());
      link = { chain: at.chain, sequence: at.sequence + 1, previousHash: entry.hash };
      const [key, body] = [entryKey(at.chain, at.sequence), canonicalJson(entry)];
      for (const copy of copies) copy.push(key, body);
      // A store in trouble is tried with every entry, and waited for with none: the run that is journaled must go on.
      const awaited = copies.filter((copy) => copy.isWell());
      for (const copy of copies) void copy.pump();
      const late = await pumpAll(awaited, waitSeconds, clock);
      for (const copy of late) copy.noteLate(waitSeconds);
    },
    async flush(seconds) {
      await pumpAll(copies, seconds, clock);
      return copies.map((copy) => ({ store: copy.store, waiting: copy.waiting() }));
    },
  };
}

/** The copies that were still at it when the time was up. */
async function pumpAll(copies: JournalCopy[], seconds: number, clock: Clock): Promise<JournalCopy[]> {
  const busy = new Set(copies);
  const ended = new AbortController();
  const all = Promise.all(copies.map((copy) => copy.pump().then(() => busy.delete(copy))));
  await Promise.race([all, clock.sleep(seconds, ended.signal)]);
  ended.abort('written');
  return [...busy];
}
