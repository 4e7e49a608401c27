// The port `Promotion` over logical replication: drain, detach, move the sequences, make the way back.
import * as z from 'zod';
import type { Heartbeat } from '../model/situation.ts';
import { epochSlot } from '../model/slots.ts';
import type { Clock } from '../ports/clock.ts';
import { DatabaseUnavailable, type Promotion, type StandbyState } from '../ports/database.ts';
import { readReplicating, standbyStateOf } from './health.ts';
import { quoteIdentifier } from './quote.ts';
import { SUBSCRIPTION, setUpPublication } from './replication.ts';
import { oneValue } from './rows.ts';
import { type PgConnect, type Session, sqlState, withSession } from './session.ts';
import type { Stillness } from './stillness.ts';

export type PromotionOptions = {
  subscription: string;
  publication: string;
  schemas: string[];
  /** How long the old writer may have given out sequence values that were never replicated: its lease, and the RPO. */
  unseenSeconds: number;
};

const POLL_SECONDS = 0.05;
/** Applied positions that have not moved for this long, with no transaction open, count as drained. */
const STILL_SECONDS = 1;
const WORKER_ENDS_SECONDS = 10;
const INSUFFICIENT_PRIVILEGE = '42501';
const SHORT = { statementSeconds: 5 };
// Looking up the furthest used value of each sequence, and waiting for a slot's starting point.
const LONG = { statementSeconds: 60 };

export function createLogicalPromotion(
  connect: PgConnect,
  clock: Clock,
  stillness: Stillness,
  options: PromotionOptions,
): Promotion {
  const { subscription } = options;
  return {
    drain: (deadlineSeconds, last) =>
      withSession(connect, `drain the subscription ${subscription}`, SHORT, (session) =>
        drain(session, clock, stillness, { subscription, deadlineSeconds, last }),
      ),
    watch: () =>
      withSession(connect, `watch the subscription ${subscription}`, SHORT, async (session) => {
        stillness.note(await readReplicating(session, subscription));
      }),
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

type Draining = { subscription: string; deadlineSeconds: number; last: Heartbeat | null };

async function drain(
  session: Session,
  clock: Clock,
  stillness: Stillness,
  { subscription, deadlineSeconds, last }: Draining,
): Promise<StandbyState> {
  const deadline = clock.elapsedSeconds() + deadlineSeconds;
  for (;;) {
    const seen = await readReplicating(session, subscription);
    const stoodSeconds = stillness.note(seen);
    const hasAll = last !== null && seen.applied?.epoch === last.epoch && seen.applied.number >= last.number;
    const isStill = stoodSeconds >= STILL_SECONDS && !seen.busy;
    if (hasAll || isStill || clock.elapsedSeconds() >= deadline) return standbyStateOf(seen);
    await clock.sleep(POLL_SECONDS);
  }
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

// A worker looks whether it is still wanted once a second before PostgreSQL 16, and never while it waits for a connection: a peer that drops
// packets keeps it there for minutes. One that is inside a transaction has received something, and is left to finish it.
const END_IDLE_WORKERS = `
select pg_terminate_backend(s.pid) from pg_stat_subscription s where s.subid = ${SUBSCRIPTION} and s.pid is not null
  and not exists (select from pg_locks k where k.pid = s.pid and k.locktype = 'transactionid')`;

async function untilWorkerIsGone(session: Session, clock: Clock, subscription: string): Promise<void> {
  const deadline = clock.elapsedSeconds() + WORKER_ENDS_SECONDS;
  let mayEnd = true;
  while ((await readReplicating(session, subscription)).applying) {
    if (mayEnd) mayEnd = await endIdleWorkers(session, subscription);
    if (clock.elapsedSeconds() >= deadline) {
      throw new DatabaseUnavailable(
        `the subscription ${subscription} is disabled, but its worker still runs after ${WORKER_ENDS_SECONDS} s: ` +
          'end it with pg_terminate_backend (pid in pg_stat_subscription), then run this again',
      );
    }
    await clock.sleep(POLL_SECONDS);
  }
}

/** False where the worker is not the keeper's to end: a superuser made the subscription. It then ends by itself, or a person ends it. */
async function endIdleWorkers(session: Session, subscription: string): Promise<boolean> {
  try {
    await session.rows(END_IDLE_WORKERS, [subscription]);
    return true;
  } catch (error) {
    if (sqlState(error) === INSUFFICIENT_PRIVILEGE) return false;
    throw error;
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
