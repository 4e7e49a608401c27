// Everything that the plan of rejoining rests on, read from both sides.
import { epochSlot } from '../../model/slots.ts';
import type { Session } from '../session.ts';
import type { Return } from './precondition.ts';
import type { ComingBack } from './records.ts';
import type { RejoinFacts } from './rejoin-plan.ts';
import { readReplicatedTables } from './replicated-tables.ts';
import { readReverse } from './reverse-slot.ts';

export type Asking = {
  found: Return;
  /** What was reconciled; null: nothing was stranded, or it is given up. */
  record: ComingBack | null;
  schemas: string[];
  publication: string;
  everything: boolean;
};

export async function readRejoinFacts(old: Session, fresh: Session, asking: Asking): Promise<RejoinFacts> {
  const { found, record, publication, everything } = asking;
  const inUse = found.old.subscription?.slot === epochSlot(found.epoch);
  return {
    found,
    old: await readReplicatedTables(old, asking),
    new: await readReplicatedTables(fresh, asking),
    touched: record?.touched ?? [],
    reverse: await readReverse(fresh, { found, publication, inUse }),
    begun: record?.rejoin ?? null,
    everything,
  };
}
