// The operator's own chain in the journal: what a person commanded, by whom and why, written before the command answers.
import { createJournal } from '../../shared/engine/journal.ts';
import type { JournalEvent } from '../../shared/model/journal.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Terminal } from './terminal.ts';

export type Audit = {
  append: (event: JournalEvent, epoch: number | null) => Promise<void>;
  /** Waits for the stores a little longer. Answers those that still miss an entry, and whether any store has them all. */
  settle(): Promise<{ missingIn: string[]; kept: boolean }>;
};

/** `incarnation` makes the chain this process's own. Stores that fail are told by `settle`, once. */
export function createAudit(terminal: Terminal, stores: ObjectStore[], incarnation: string): Audit {
  const journal = createJournal({
    stores,
    appender: `operator-${incarnation}`,
    clock: terminal.clock,
    onTrouble: () => undefined,
    waitSeconds: 3,
  });
  return {
    append: (event, epoch) => journal.append(event, epoch),
    async settle() {
      const copies = await journal.flush(5);
      const missingIn = copies.filter(({ waiting }) => waiting > 0).map(({ store }) => store);
      return { missingIn, kept: missingIn.length < copies.length };
    },
  };
}

/** The sentence about what the journal misses; empty when every store has it. */
export function auditText({ missingIn, kept }: Awaited<ReturnType<Audit['settle']>>): string {
  if (missingIn.length === 0) return '';
  return kept
    ? `\nThe journal's copy in ${missingIn.join(' and ')} misses this command; \`causeway journal verify\` will show it.`
    : `\nNo journal has this command: ${missingIn.join(' and ')} did not take it. Write down who did it and why.`;
}
