// What an engine leaves behind: its log, its journal in both clouds, and what it tells people.
import type { JournalEvent } from '../model/journal.ts';
import { createJournal } from './journal.ts';
import { errorFields } from './log.ts';
import { openOutbox } from './notifiers.ts';
import type { SiteStores } from './site-stores.ts';
import type { Surroundings } from './surroundings.ts';
import { createTell, type Tell } from './tell.ts';

export type Records = {
  /** Logs the event, and appends it to this process's chain in both clouds. */
  journal(event: JournalEvent, epoch: number | null): Promise<void>;
  /** Says an error that ended one round of something; the next round begins on time. */
  onTrouble(where: string, error: unknown): void;
  tell: Tell;
  /** Writes what the journal and the outbox still hold. */
  settle(): Promise<void>;
};

export function createRecords(
  around: Surroundings,
  stores: SiteStores,
  by: string,
  epochNow: () => number | null,
): Records {
  const { strategy, clock, chance, log } = around;
  const appender = createJournal({
    stores: stores.ofSites,
    appender: `${around.site}-${around.incarnation}`,
    clock,
    onTrouble: (trouble) => log('WARNING', 'the journal is behind', { trouble }),
  });
  const journal = async (event: JournalEvent, epoch: number | null) => {
    log(event.kind === 'trouble-met' ? 'WARNING' : 'INFO', event.kind, { event, epoch });
    await appender.append(event, epoch);
  };
  const onTrouble = (where: string, error: unknown) => log('ERROR', `trouble while ${where}`, errorFields(error));
  // It belongs to neither side, so that both find there what the other has sent.
  const { notifiers } = around;
  const outbox = openOutbox(strategy, { store: stores.neutral, notifiers, clock, chance, by });
  const tell = createTell(outbox, ({ channel, dedupKey, outcome, detail }) => {
    void journal({ kind: 'notified', channel, dedupKey, outcome: `${outcome}: ${detail}` }, epochNow());
  });
  return {
    journal,
    onTrouble,
    tell,
    settle: async () => {
      await tell.flush().catch((error) => onTrouble('flushing the outbox', error));
      await appender.flush(5);
    },
  };
}
