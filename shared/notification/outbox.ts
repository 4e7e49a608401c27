// The outbox: a notification is first kept, then sent, then marked, so that both clouds sending it is one message in effect.
import type { Notification } from '../model/notification.ts';
import { StoreUnavailable } from '../ports/object-store.ts';
import { type Delivery, deliveryOf, deliveryOfEnded, type OutboxOptions, type Work } from './delivery.ts';
import { attempt, send } from './outbox-attempt.ts';
import {
  BrokenRecord,
  type Ended,
  keysOf,
  readEnded,
  readWaiting,
  type StoredRecord,
  type Waiting,
  waitingPrefix,
  writeRecord,
} from './outbox-record.ts';

export type Outbox = {
  /**
   * Keeps the notification and tries once, now. Never throws for an unreachable store or channel: when the record cannot be kept the
   * message is sent all the same, because telling people twice is better than not telling them.
   */
  submit(channel: string, notification: Notification): Promise<Delivery>;
  /** Tries again what waits and is due. Throws `StoreUnavailable` when what waits cannot be read or claimed. */
  flush(): Promise<Delivery[]>;
};

/** At most this many are looked at in one flush. */
const flushLimit = 100;

/**
 * Once in effect: a claim by conditional write lets one process send at a time, and a record of the end stops all later ones. A crash
 * between sending and marking repeats the message; the provider's deduplication key makes that one, where the provider has one.
 * Throws when the fallbacks go round in a circle.
 */
export function createOutbox(options: OutboxOptions): Outbox {
  refuseCircles(options.fallbacks);
  const sightings = new Map<string, { version: string; since: number }>();
  const work: Work = {
    ...options,
    seenSeconds: ({ key, version }) => {
      const now = options.clock.elapsedSeconds();
      const seen = sightings.get(key);
      if (seen?.version === version) return now - seen.since;
      sightings.set(key, { version, since: now });
      return 0;
    },
    forget: (key) => sightings.delete(key),
    submit: (channel, notification) => submit(work, channel, notification),
  };
  return { submit: work.submit, flush: () => flush(work) };
}

function refuseCircles(fallbacks: Record<string, string>): void {
  for (const start of Object.keys(fallbacks)) {
    const passed = [start];
    for (let next = fallbacks[start]; next !== undefined; next = fallbacks[next]) {
      if (passed.includes(next)) {
        throw new Error(`the fallback channels go round in a circle: ${[...passed, next].join(' -> ')}`);
      }
      passed.push(next);
    }
  }
}

async function submit(work: Work, channel: string, notification: Notification): Promise<Delivery> {
  try {
    const kept = await keep(work, channel, notification);
    return 'outcome' in kept ? deliveryOfEnded(kept) : await attempt(work, kept);
  } catch (error) {
    if (!(error instanceof StoreUnavailable) && !(error instanceof BrokenRecord)) throw error;
    return sendUnrecorded(work, channel, notification, error);
  }
}

/** Puts the notification into the outbox, or finds it there, waiting or ended. */
async function keep(work: Work, channel: string, notification: Notification): Promise<StoredRecord | Ended> {
  const keys = keysOf(channel, notification);
  const ended = await readEnded(work.store, keys.ended);
  if (ended) return ended;
  const record: Waiting = {
    schema: 1,
    channel,
    notification,
    acceptedAt: work.clock.now().toISOString(),
    attempts: 0,
    claim: null,
    retryAfterSeconds: 0,
    trouble: null,
    nonce: work.chance.id(),
  };
  const version = await writeRecord(work.store, keys.waiting, record, { kind: 'absent' });
  if (version !== null) return { key: keys.waiting, version, record };
  const found = (await readWaiting(work.store, keys.waiting)) ?? (await readEnded(work.store, keys.ended));
  if (found) return found;
  // A store may say conflict only because another write was under way, and that write may have failed.
  throw new StoreUnavailable(work.store.name, 'failed', `${keys.waiting} could neither be written nor read`);
}

async function flush(work: Work): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const key of await work.store.list(waitingPrefix, { startAfter: null, limit: flushLimit })) {
    try {
      const stored = await readWaiting(work.store, key);
      if (stored) deliveries.push(await attempt(work, stored));
    } catch (error) {
      if (!(error instanceof BrokenRecord)) throw error;
      // One record that cannot be read must not hold up the others.
      deliveries.push({ channel: '', dedupKey: key, outcome: 'failed', detail: error.message, fallback: null });
    }
  }
  return deliveries;
}

async function sendUnrecorded(
  work: Work,
  channel: string,
  notification: Notification,
  cause: Error,
): Promise<Delivery> {
  const result = await send(work, channel, notification);
  const unrecorded = `without a record, because ${cause.message}`;
  const about = { channel, notification };
  if (result.kind === 'sent') return deliveryOf(about, 'sent', `${result.reference}, ${unrecorded}`);
  const next = work.fallbacks[channel];
  const fallback = next === undefined ? null : await sendUnrecorded(work, next, notification, cause);
  const outcome = result.kind === 'rejected' ? 'rejected' : 'failed';
  return { ...deliveryOf(about, outcome, `${result.because}, ${unrecorded}`), fallback };
}
