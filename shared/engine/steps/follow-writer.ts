// follow_writer: the old writer of a planned move becomes a replica of the new one, so that there is a standby again.
import type { SiteName } from '../../model/site.ts';
import type { Situation } from '../../model/situation.ts';
import type { DatabaseHealth, Following, LeaseGuard } from '../../ports/database.ts';
import type { Executor } from '../executor.ts';
import { createNotCarriedOut } from './not-carried-out.ts';

type Deps = { guard: LeaseGuard; health: DatabaseHealth; following: Following };

export function createFollowWriter(database: Deps | null): Executor<'follow_writer'> {
  if (!database) return createNotCarriedOut('following a writer at a site without a database');
  const { guard, health, following } = database;
  return {
    attemptSeconds: 30,
    patienceSeconds: 900,
    claims: true,
    async observe({ situation, action }) {
      const [state, followed, standby] = await Promise.all([guard.state(), following.state(), health.standby()]);
      const diverged = whyNotFollow(situation, action.site, state.epoch);
      if (diverged !== null) return { kind: 'refused', because: diverged };
      const unread = followed.kept.map(({ slot }) => slot);
      const { applied } = standby;
      if (followed.slot === null || !standby.subscriptionEnabled) return { kind: 'to-do' };
      const { writer, epoch } = situation;
      if (!applied || applied.epoch < epoch)
        return {
          kind: 'waiting',
          blocker: `the subscription to ${writer} is there, and no heartbeat of epoch ${epoch} has arrived yet`,
        };
      if (unread.length > 0) return { kind: 'to-do' };
      return {
        kind: 'done',
        detail: `follows ${writer} from the slot ${followed.slot}, without a copy: heartbeat ${applied.number} of epoch ${applied.epoch} has arrived`,
      };
    },
    async apply({ situation, run }) {
      // The promotion of this run made the slot; a writer that took its role back since made none.
      const answer = await following.follow({ writer: situation.writer, epoch: run.epochBefore + 1 });
      if (answer.kind === 'refused') throw new Error(`it cannot follow ${situation.writer}: ${answer.because}`);
      // Nothing that they hold is missing at the new writer, which had applied the last heartbeat before it took the role.
      await following.releaseSlots();
    },
  };
}

/** Null when nothing that this site wrote can be missing at the writer; else why that is not known. */
function whyNotFollow({ writer, epoch, previous }: Situation, site: SiteName, openedEpoch: number): string | null {
  const wayOut = '`causeway failback` shows what only this site has, and brings it back';
  if (writer === site) return `${site} is the writer at epoch ${epoch}`;
  if (previous?.writer !== site || !previous.handedOver)
    return `${writer} took the role at epoch ${epoch} without having seen all that ${site} wrote: ${wayOut}`;
  if (openedEpoch > previous.epoch)
    return `the database of ${site} was opened at epoch ${openedEpoch} after it had handed epoch ${previous.epoch} over: ${wayOut}`;
  return null;
}
