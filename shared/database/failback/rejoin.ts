// Rejoining: the old writer becomes a replica of the new one. Each step looks first, so that it can be ended and given again at any point.
import { epochSlot } from '../../model/slots.ts';
import { DatabaseUnavailable } from '../../ports/database.ts';
import { releaseSlots } from '../following.ts';
import { quoteIdentifier } from '../quote.ts';
import { createSubscription, publishTables } from '../replication.ts';
import type { Session } from '../session.ts';
import { emptyTables } from './empty-tables.ts';
import { dropDetached, dropSlot, dropSubscription } from './leftovers.ts';
import type { RejoinPlan } from './rejoin-plan.ts';
import { readSide, type Subscription } from './sides.ts';

export type RejoinOptions = {
  plan: Extract<RejoinPlan, { kind: 'plan' }>;
  subscription: string;
  publication: string;
  /** libpq's connection string from the old writer's server to the new one's, password included. */
  connection: string;
  /** Told each step before it is done. */
  say: (sentence: string) => void;
};

/**
 * Until the old side reads from the new one, and whatever must be copied is being copied. No client can write at the old side at any moment
 * of it: the guard stays shut, and is only passed by inside a lock. Throws `DatabaseUnavailable`.
 */
export async function beginRejoin(old: Session, fresh: Session, options: RejoinOptions): Promise<void> {
  await old.rows('select causeway.arm()');
  if (options.plan.resumes) await resume(old, fresh, options);
  else await copyEverything(old, fresh, options);
}

async function resume(old: Session, fresh: Session, options: RejoinOptions): Promise<void> {
  const { plan, subscription, publication, say } = options;
  const all = ['causeway.heartbeat', ...plan.streamed, ...plan.copied.map(({ sql }) => sql)];
  const copied = plan.copied.map(({ name }) => name);
  let now = await subscribed(old, options);
  if (now && now.slot !== plan.slot) {
    await dropSubscription(old, fresh, subscription);
    now = null;
  }
  // One that is not enabled yet may have been made over a publication that somebody changed in between.
  if (now && !now.enabled && now.tables.some(({ name, copied: was }) => copied.includes(name) && !was)) {
    await dropSubscription(old, fresh, subscription);
    now = null;
  }
  if (!now) {
    say(`publishing ${plan.streamed.length} table(s) that go on, and subscribing to them from the slot ${plan.slot}`);
    await publishTables(fresh, publication, ['causeway.heartbeat', ...plan.streamed]);
    await createSubscription(
      old,
      { ...options, name: subscription, slotName: plan.slot, start: 'resume' },
      { enabled: false },
    );
    now = await subscribed(old, options);
    const wrong = now?.tables.filter(({ name }) => copied.includes(name)).map(({ name }) => name) ?? [];
    if (wrong.length > 0) {
      await dropSubscription(old, fresh, subscription);
      throw new DatabaseUnavailable(
        `somebody published ${wrong.join(', ')} while the subscription was made: nothing was read, give the same command again`,
      );
    }
  }
  if (!now?.enabled) await old.rows(`alter subscription ${quoteIdentifier(subscription)} enable`);
  const missing = plan.copied.filter(({ name }) => !now?.tables.some((table) => table.name === name));
  if (missing.length > 0) {
    say(`emptying ${missing.map(({ name }) => name).join(', ')} at the old side`);
    await emptyTables(
      old,
      missing.map(({ sql }) => sql),
    );
  }
  await publishTables(fresh, publication, all);
  if (missing.length > 0) {
    say(`copying ${missing.length} table(s) again`);
    await old.rows(`alter subscription ${quoteIdentifier(subscription)} refresh publication with (copy_data = true)`);
  }
}

async function copyEverything(old: Session, fresh: Session, options: RejoinOptions): Promise<void> {
  const { plan, subscription, publication, say } = options;
  const all = ['causeway.heartbeat', ...plan.copied.map(({ sql }) => sql)];
  const now = await subscribed(old, options);
  if (now?.slot === plan.slot) {
    if (!now.enabled) await old.rows(`alter subscription ${quoteIdentifier(subscription)} enable`);
    return;
  }
  if (now) await dropSubscription(old, fresh, subscription);
  // One that was made by a run which ended before its subscription was.
  await dropSlot(fresh, plan.slot);
  await publishTables(fresh, publication, all);
  say(`emptying ${plan.copied.length} table(s) at the old side`);
  await emptyTables(old, all);
  say(`copying all of them over the new slot ${plan.slot}`);
  await createSubscription(
    old,
    { ...options, name: subscription, slotName: plan.slot, start: 'copy' },
    { enabled: true },
  );
}

/** The subscription that reads; one that a promotion had detached is cleared away, and is none. */
async function subscribed(old: Session, { subscription }: RejoinOptions): Promise<Subscription | null> {
  const { subscription: found } = await readSide(old, subscription);
  if (found?.slot !== null) return found;
  await dropDetached(old, subscription);
  return null;
}

/**
 * What the failover had left: the slots of the old writer, which hold what is reconciled by now, and the new writer's subscription, whose
 * origin told how far it had come. Answers what was cleared away.
 */
export async function clearUp(
  old: Session,
  fresh: Session,
  { plan, subscription, firstSlot, epoch }: ClearingUp,
): Promise<string[]> {
  const released = await releaseSlots(old, { subscription, slot: firstSlot });
  await dropDetached(fresh, subscription);
  if (!plan.resumes) await dropSlot(fresh, epochSlot(epoch));
  return released;
}

/** `epoch`: the new writer's, whose promotion had made a slot that a full copy does not read. */
export type ClearingUp = Pick<RejoinOptions, 'plan' | 'subscription'> & { firstSlot: string; epoch: number };
