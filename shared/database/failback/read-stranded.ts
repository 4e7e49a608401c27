// What stands in the old writer's slot, peeked at and never consumed, transaction by transaction in bounded memory.
import * as z from 'zod';
import { quoteIdentifier, quoteLiteral } from '../quote.ts';
import type { Session } from '../session.ts';
import { type Change, lsnValue, type SourceTransaction } from './change.ts';
import { createDecoder } from './decode.ts';

/** A transaction, or a part of a long one: `first` and `last` say where it begins and ends. */
export type StrandedPart = {
  transaction: SourceTransaction;
  changes: Change[];
  first: boolean;
  last: boolean;
};

export type StrandedSource = {
  slot: string;
  publication: string;
  /** Where the last transaction that the new writer has applied ends in the old writer's log. */
  appliedLsn: string;
};

const FETCHED_MESSAGES = 1000;
/** A transaction with more changes than these comes in parts. */
export const PART_CHANGES = 5000;

const Messages = z.array(z.object({ data: z.instanceof(Buffer) }));

// As a subscriber asks for it: what is printed does not depend on anybody's settings.
export const PRINTING =
  "set datestyle = 'ISO'; set intervalstyle = 'postgres'; set extra_float_digits = 3; set timezone = 'UTC'; set bytea_output = 'hex'";

/**
 * Every transaction that committed after `appliedLsn` and came from clients of this database, in the order of its commits. What
 * replication brought here, and Causeway's own rows, are left out. The server decodes the slot once, into a temporary file; it
 * stays as it was. The session is inside a transaction until the last part has been taken.
 */
export async function* readStranded(session: Session, source: StrandedSource): AsyncGenerator<StrandedPart> {
  await session.rows(`${PRINTING}; begin read only; set local idle_in_transaction_session_timeout = 0`);
  try {
    await session.rows(`declare stranded no scroll cursor for ${peekSql(source)}`);
    const assemble = createAssembler(lsnValue(source.appliedLsn));
    for (;;) {
      const messages = Messages.parse(await session.rows(`fetch ${FETCHED_MESSAGES} from stranded`));
      for (const { data } of messages) {
        const part = assemble(data);
        if (part) yield part;
      }
      if (messages.length < FETCHED_MESSAGES) return;
    }
  } finally {
    if (session.alive()) await session.rows('rollback');
  }
}

/** `limit`: stop after so many changes, at the end of a transaction; null for all. */
function peekSql({ slot, publication }: Omit<StrandedSource, 'appliedLsn'>, limit: number | null = null): string {
  return (
    `select data from pg_logical_slot_peek_binary_changes(${quoteLiteral(slot)}, null, ${limit ?? 'null'}, ` +
    `'proto_version', '1', 'publication_names', ${quoteLiteral(quoteIdentifier(publication))}, 'origin', 'none')`
  );
}

/** Puts messages together into transactions; a message that ends none, or none that counts, gives nothing. */
function createAssembler(applied: bigint): (data: Buffer) => StrandedPart | null {
  const decode = createDecoder();
  let open: StrandedPart | null = null;
  let ordinal = 0;
  const give = (last: boolean): StrandedPart | null => {
    const part: StrandedPart | null = open && { ...open, last };
    open = open && !last ? { ...open, changes: [], first: false } : null;
    return part && (part.changes.length > 0 || !part.first) ? part : null;
  };
  return (data) => {
    const message = decode(data);
    switch (message.kind) {
      case 'begin':
        ordinal = 0;
        // A commit that begins where the last applied one ends is the next one.
        open =
          lsnValue(message.transaction.commitLsn) >= applied
            ? { transaction: message.transaction, changes: [], first: true, last: false }
            : null;
        return null;
      case 'changes':
        for (const change of message.changes) {
          ordinal += 1;
          if (open && change.relation.schema !== 'causeway') open.changes.push({ ...change, ordinal });
        }
        return open && open.changes.length >= PART_CHANGES ? give(false) : null;
      case 'commit':
        return give(true);
      case 'aside':
        return null;
    }
  };
}

/** The first changes in a slot that is not read yet, whatever they are about. */
export async function firstChanges(session: Session, source: Omit<StrandedSource, 'appliedLsn'>): Promise<Change[]> {
  const decode = createDecoder();
  const changes: Change[] = [];
  for (const { data } of Messages.parse(await session.rows(peekSql(source, 1)))) {
    const message = decode(data);
    if (message.kind !== 'changes') continue;
    for (const change of message.changes) changes.push({ ...change, ordinal: changes.length + 1 });
  }
  return changes;
}
