// The port `Following` over logical replication: a subscription that goes on from a promotion's slot, and slots that nobody reads any more.
import * as z from 'zod';
import type { SiteName } from '../model/site.ts';
import { EPOCH_SLOTS, epochSlot } from '../model/slots.ts';
import { DatabaseUnavailable, type Following, type FollowingState, type Upstream } from '../ports/database.ts';
import { quoteIdentifier } from './quote.ts';
import { SUBSCRIPTION, setUpSubscription } from './replication.ts';
import { oneValue } from './rows.ts';
import { type PgConnect, type Session, withSession } from './session.ts';

export type FollowingOptions = {
  subscription: string;
  publication: string;
  /** The slot of the first replica, from before any promotion. */
  slot: string;
  /** libpq's connection string to the database of a site as it is reached from here, password included. Asked for when it is needed. */
  connectionTo: (site: SiteName) => Promise<string>;
};

const SHORT = { statementSeconds: 5 };
// Making a subscription asks the publisher, which may take the whole of its time-out to be silent.
const ASKING = { statementSeconds: 12 };

export function createLogicalFollowing(connect: PgConnect, options: FollowingOptions): Following {
  return {
    state: () => withSession(connect, 'look what is followed', SHORT, (session) => stateOf(session, options)),
    follow: (upstream) =>
      withSession(connect, `follow ${upstream.writer}`, ASKING, (session) => follow(session, upstream, options)),
    releaseSlots: () =>
      withSession(connect, 'drop slots that nobody reads', SHORT, (session) => releaseSlots(session, options)),
  };
}

const State = z.object({
  slot: z.string().nullable(),
  kept: z.array(z.object({ slot: z.string(), active: z.boolean() })),
});

const STATE = `
select jsonb_build_object(
  'slot', (select subslotname from pg_subscription where oid = ${SUBSCRIPTION}),
  'kept', (select coalesce(jsonb_agg(jsonb_build_object('slot', slot_name, 'active', active) order by slot_name), '[]')
    from pg_replication_slots
    where database = current_database() and plugin = 'pgoutput' and (slot_name = $2 or slot_name ~ $3))) as value`;

async function stateOf(
  session: Session,
  { subscription, slot }: Pick<FollowingOptions, 'subscription' | 'slot'>,
): Promise<FollowingState> {
  return State.parse(oneValue(await session.rows(STATE, [subscription, slot, EPOCH_SLOTS])));
}

async function follow(
  session: Session,
  { writer, epoch }: Upstream,
  options: FollowingOptions,
): ReturnType<Following['follow']> {
  const isOpen = z.boolean().parse(oneValue(await session.rows("select causeway.state() -> 'open' as value")));
  if (isOpen) return { kind: 'refused', because: 'the guard is open here: a writer follows nobody, fence it first' };
  const wanted = epochSlot(epoch);
  const { slot } = await stateOf(session, options);
  if (slot !== null && slot !== wanted) {
    return { kind: 'refused', because: `this database reads the slot ${slot} already, not ${wanted}` };
  }
  const { subscription: name, publication } = options;
  if (slot === null) {
    const connection = await options.connectionTo(writer);
    await setUpSubscription(session, { name, publication, slotName: wanted, connection, start: 'resume' });
  }
  // One that was disabled by a promotion which then went no further.
  await session.rows(`alter subscription ${quoteIdentifier(name)} enable`);
  return { kind: 'follows' };
}

/** Through a session that is there already; see the port. */
export async function releaseSlots(
  session: Session,
  options: Pick<FollowingOptions, 'subscription' | 'slot'>,
): Promise<string[]> {
  const { kept } = await stateOf(session, options);
  const unread = kept.filter(({ active }) => !active).map(({ slot }) => slot);
  for (const slot of unread) {
    // Dropped by another keeper in between is dropped; one that is read again in between is refused by the server.
    await session.rows(
      'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1 and not active',
      [slot],
    );
  }
  const { kept: left } = await stateOf(session, options);
  const stays = left.filter(({ slot }) => unread.includes(slot));
  if (stays.length > 0) {
    throw new DatabaseUnavailable(`the slots ${stays.map(({ slot }) => slot).join(', ')} are read again, and stay`);
  }
  return unread;
}
