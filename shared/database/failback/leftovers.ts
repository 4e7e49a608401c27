// Clearing away what replication leaves: subscriptions, and slots that nobody reads any more and that would fill a disk.
import * as z from 'zod';
import { quoteIdentifier } from '../quote.ts';
import { SUBSCRIPTION } from '../replication.ts';
import type { Session } from '../session.ts';

const Found = z.array(z.object({ oid: z.string(), slot: z.string().nullable() }));

async function find(session: Session, subscription: string) {
  const rows = await session.rows(
    `select oid::text, subslotname as slot from pg_subscription where oid = ${SUBSCRIPTION}`,
    [subscription],
  );
  return Found.parse(rows)[0] ?? null;
}

/** A subscription that reads from no slot: nothing is asked of anybody's publisher. */
export async function dropDetached(session: Session, subscription: string): Promise<void> {
  const found = await find(session, subscription);
  if (found?.slot === null) await session.rows(`drop subscription ${quoteIdentifier(subscription)}`);
}

/** Takes a subscription away and leaves its slot at the publisher, where it stays as it is; slots of copies that were under way go. */
export async function dropSubscription(session: Session, publisher: Session, subscription: string): Promise<void> {
  const found = await find(session, subscription);
  if (!found) return;
  const name = quoteIdentifier(subscription);
  await session.rows(`alter subscription ${name} disable`);
  if (found.slot !== null) await session.rows(`alter subscription ${name} set (slot_name = none)`);
  await session.rows(`drop subscription ${name}`);
  await publisher.rows(
    'select pg_drop_replication_slot(slot_name) from pg_replication_slots where starts_with(slot_name, $1) and not active',
    [`pg_${found.oid}_sync_`],
  );
}

/** Drops a slot that nobody reads; one that is read is the server's to refuse. */
export async function dropSlot(session: Session, slot: string): Promise<void> {
  await session.rows('select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1', [
    slot,
  ]);
}
