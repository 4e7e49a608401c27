// The port `Promotion` over logical replication: drain, detach, move the sequences, make the way back.
import * as z from 'zod';
import { epochSlot } from '../model/slots.ts';
import type { Clock } from '../ports/clock.ts';
import { DatabaseUnavailable, type Promotion, type StandbyState } from '../ports/database.ts';
import { type Replicating, readReplicating, standbyStateOf } from './health.ts';
import { quoteIdentifier } from './quote.ts';
import { SUBSCRIPTION, setUpPublication } from './replication.ts';
import { oneValue } from './rows.ts';
import { type PgConnect, type Session, withSession } from './session.ts';

export type PromotionOptions = {
  subscription: string;
  publication: string;
  schemas: string[];
  /** How long the old writer may have given out sequence values that were never replicated: its lease, and the RPO. */
  unseenSeconds: number;
};

const POLL_SECONDS = 0.1;
/** Applied positions that have not moved for this long, with no transaction open, count as drained. */
const STILL_SECONDS = 1;
const WORKER_ENDS_SECONDS = 10;
const SHORT = { statementSeconds: 5 };
// Looking up the furthest used value of each sequence, and waiting for a slot's starting point.
const LONG = { statementSeconds: 60 };

export function createLogicalPromotion(connect: PgConnect, clock: Clock, options: PromotionOptions): Promotion {
  const { subscription } = options;
  return {
    drain: (deadlineSeconds) =>
      withSession(connect, `drain the subscription ${subscription}`, SHORT, (session) =>
        drain(session, clock, subscription, deadlineSeconds),
      ),
    detach: () =>
      withSession(connect, `detach the subscription ${subscription}`, SHORT, (session) =>
        detach(session, clock, subscription),
      ),
    advanceSequences: () =>
      withSession(connect, 'move the sequences', LONG, async (session) =>
        z
          .int()
          .parse(
            oneValue(await session.rows('select causeway.advance_sequences($1) as value', [options.unseenSeconds])),
          ),
      ),
    prepareReverse: (epoch) =>
      withSession(connect, `make the publication and slot of epoch ${epoch}`, LONG, (session) =>
        prepareReverse(session, epoch, options),
      ),
  };
}

async function drain(
  session: Session,
  clock: Clock,
  subscription: string,
  deadlineSeconds: number,
): Promise<StandbyState> {
  const deadline = clock.elapsedSeconds() + deadlineSeconds;
  let seen = await readReplicating(session, subscription);
  let stillSince = clock.elapsedSeconds();
  for (;;) {
    const now = clock.elapsedSeconds();
    if ((now - stillSince >= STILL_SECONDS && !seen.busy) || now >= deadline) return standbyStateOf(seen);
    await clock.sleep(POLL_SECONDS);
    const next = await readReplicating(session, subscription);
    if (next.busy || positionOf(next) !== positionOf(seen)) stillSince = clock.elapsedSeconds();
    // A worker that lost its publisher comes and goes, and has no position in between.
    seen = { ...next, received: next.received ?? seen.received };
  }
}

function positionOf({ applied, received }: Replicating): string {
  return `${applied?.epoch}/${applied?.number}/${received}`;
}

/** Asks nothing of the publisher: it may be gone. */
async function detach(session: Session, clock: Clock, subscription: string): Promise<void> {
  const found = z
    .array(z.object({ slot: z.string().nullable() }))
    .parse(
      await session.rows(`select subslotname as slot from pg_subscription where oid = ${SUBSCRIPTION}`, [subscription]),
    );
  if (!found[0]) return;
  const name = quoteIdentifier(subscription);
  await session.rows(`alter subscription ${name} disable`);
  await untilWorkerIsGone(session, clock, subscription);
  if (found[0].slot !== null) await session.rows(`alter subscription ${name} set (slot_name = none)`);
}

async function untilWorkerIsGone(session: Session, clock: Clock, subscription: string): Promise<void> {
  const deadline = clock.elapsedSeconds() + WORKER_ENDS_SECONDS;
  while ((await readReplicating(session, subscription)).applying) {
    if (clock.elapsedSeconds() >= deadline) {
      throw new DatabaseUnavailable(
        `the subscription ${subscription} is disabled, but its worker still runs after ${WORKER_ENDS_SECONDS} s: ` +
          'end it with pg_terminate_backend (pid in pg_stat_subscription), then run this again',
      );
    }
    await clock.sleep(POLL_SECONDS);
  }
}

async function prepareReverse(session: Session, epoch: number, options: PromotionOptions): Promise<string> {
  await setUpPublication(session, { name: options.publication, schemas: options.schemas });
  const slot = epochSlot(epoch);
  const found = z
    .array(z.object({ lost: z.boolean(), foreign: z.boolean() }))
    .parse(
      await session.rows(
        "select coalesce(wal_status = 'lost', false) as lost, database <> current_database() as foreign from pg_replication_slots where slot_name = $1",
        [slot],
      ),
    );
  // Slots belong to the server, and what another database's holds is none of this one's rows.
  if (found[0]?.foreign) {
    throw new DatabaseUnavailable(
      `the slot ${slot} belongs to another database of this server: two estates cannot share one instance; drop it if it is nobody's`,
    );
  }
  if (found[0]?.lost) {
    throw new DatabaseUnavailable(
      `the slot ${slot} has lost its write-ahead log (max_slot_wal_keep_size): coming back needs a full copy; drop the slot`,
    );
  }
  if (!found[0]) await session.rows(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]);
  return slot;
}
