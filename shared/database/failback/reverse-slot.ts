// Whether the slot that the promotion made can bring the old writer back: there, whole, and from before the first write of the epoch.
import { epochSlot } from '../../model/slots.ts';
import type { Session } from '../session.ts';
import type { Return } from './precondition.ts';
import { firstChanges } from './read-stranded.ts';
import type { ReverseSlot } from './rejoin-plan.ts';

/**
 * Opening an epoch writes its heartbeat before any client can write, so that a slot whose first change is that row misses nothing. Once
 * the old writer reads from it (`inUse`), that was looked at.
 */
export async function readReverse(
  session: Session,
  { found, publication, inUse }: { found: Return; publication: string; inUse: boolean },
): Promise<ReverseSlot> {
  const slot = epochSlot(found.epoch);
  const useless = (because: string): ReverseSlot => ({ kind: 'useless', because });
  const there = found.new.slots.find(({ name }) => name === slot);
  if (!there) return useless(`the slot ${slot} of ${found.newSite} is not there`);
  if (there.walStatus === 'lost') return useless(`the slot ${slot} of ${found.newSite} has lost its log`);
  if (inUse) return { kind: 'good' };
  if (there.active) return useless(`the slot ${slot} of ${found.newSite} is being read by somebody else`);
  const [first] = await firstChanges(session, { slot, publication });
  const isOpening =
    first?.kind === 'insert' &&
    first.relation.schema === 'causeway' &&
    first.relation.table === 'heartbeat' &&
    first.row.epoch === String(found.epoch);
  return isOpening
    ? { kind: 'good' }
    : useless(`the slot ${slot} of ${found.newSite} does not begin with the opening of epoch ${found.epoch}`);
}
