// One attempt at one waiting notification: leave it alone, or claim it, send it, and record how that went.
import type { Notification } from '../model/notification.ts';
import { NotifierUnavailable, type SendResult } from '../ports/notifier.ts';
import { StoreUnavailable } from '../ports/object-store.ts';
import { type Delivery, deliveryOf, deliveryOfEnded, type Work } from './delivery.ts';
import { type Ended, keysOf, readEnded, type StoredRecord, type Waiting, writeRecord } from './outbox-record.ts';

/** Throws `StoreUnavailable` only before anything is sent. */
export async function attempt(work: Work, stored: StoredRecord): Promise<Delivery> {
  const held = await holdOff(work, stored);
  if (held !== null) return deliveryOf(stored.record, 'waiting', held);
  const claimed = await claim(work, stored);
  if (!claimed) return deliveryOf(stored.record, 'waiting', 'somebody else is sending it');
  const { channel, notification, attempts, trouble } = claimed.record;
  // Looked at after the claim: an earlier sender recorded the end before it removed the record that we hold.
  const ended = await readEnded(work.store, keysOf(channel, notification).ended);
  if (ended) {
    await work.store.remove(stored.key);
    return deliveryOfEnded(ended);
  }
  if (attempts > work.maxAttempts) {
    const why = trouble ?? 'each was broken off';
    return finish(work, claimed.record, 'failed', `not sent in ${work.maxAttempts} attempts, the limit: ${why}`);
  }
  const result = await send(work, channel, notification);
  if (result.kind === 'sent') return finish(work, claimed.record, 'sent', result.reference);
  if (result.kind === 'rejected') return finish(work, claimed.record, 'rejected', result.because);
  if (attempts < work.maxAttempts) return putBack(work, claimed, result.because);
  return finish(work, claimed.record, 'failed', `not sent in ${attempts} attempts, the limit: ${result.because}`);
}

/** Why it is not to be touched now; null when it is due. */
async function holdOff(work: Work, stored: StoredRecord): Promise<string | null> {
  const { claim: held, retryAfterSeconds, trouble, channel, notification } = stored.record;
  const seenSeconds = work.seenSeconds(stored);
  if (held && seenSeconds < held.deadlineSeconds) return `${held.by} is sending it`;
  if (!held && seenSeconds < retryAfterSeconds) return `to be tried again: ${trouble}`;
  if (notification.kind !== 'incident-resolved') return null;
  const opening = keysOf(channel, { kind: 'incident-opened', dedupKey: notification.dedupKey });
  return (await work.store.get(opening.waiting)) ? 'its incident has not been opened there yet' : null;
}

async function claim(work: Work, { key, version, record }: StoredRecord): Promise<StoredRecord | null> {
  const attempts = record.attempts + 1;
  const claimed: Waiting = {
    ...record,
    attempts,
    claim: { by: work.by, attempt: attempts, deadlineSeconds: work.claimSeconds },
    nonce: work.chance.id(),
  };
  const next = await writeRecord(work.store, key, claimed, { kind: 'version', version });
  return next === null ? null : { key, version: next, record: claimed };
}

/** Sends without any record. `unavailable`: it may be tried again. */
export async function send(
  work: Work,
  channel: string,
  notification: Notification,
): Promise<SendResult | { kind: 'unavailable'; because: string }> {
  const notifier = work.notifiers[channel];
  if (!notifier) {
    const known = Object.keys(work.notifiers).join(', ') || 'none';
    return { kind: 'rejected', because: `there is no channel "${channel}"; the strategy names ${known}` };
  }
  try {
    return await notifier.send(notification);
  } catch (error) {
    if (error instanceof NotifierUnavailable) return { kind: 'unavailable', because: error.message };
    // A defect of ours must not keep people from being told by another channel: it is tried again, and then passed on.
    return { kind: 'unavailable', because: `unexpected: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Another channel first, then the record of the end: a crash between the two tells people twice, never not at all. */
async function finish(work: Work, record: Waiting, outcome: Ended['outcome'], detail: string): Promise<Delivery> {
  const { channel, notification, attempts } = record;
  const fallback = outcome === 'sent' ? null : await passOn(work, channel, notification, detail);
  const done: Delivery = { ...deliveryOf(record, outcome, detail), fallback };
  const keys = keysOf(channel, notification);
  const endedAt = work.clock.now().toISOString();
  const ended: Ended = { schema: 1, channel, notification, outcome, detail, attempts, by: work.by, endedAt };
  try {
    await writeRecord(work.store, keys.ended, ended, { kind: 'absent' });
    await work.store.remove(keys.waiting);
    work.forget(keys.waiting);
    return done;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return { ...done, detail: `${detail} (this could not be recorded, so it may be repeated: ${error.message})` };
  }
}

async function passOn(work: Work, channel: string, notification: Notification, why: string): Promise<Delivery | null> {
  const next = work.fallbacks[channel];
  if (next === undefined) return null;
  const text = `${notification.text}\n\nSent here because the channel "${channel}" did not take it: ${why}`;
  return work.submit(next, { ...notification, text });
}

async function putBack(work: Work, { key, version, record }: StoredRecord, trouble: string): Promise<Delivery> {
  const longest = Math.min(work.maxRetrySeconds, work.firstRetrySeconds * 2 ** (record.attempts - 1));
  // Half of the wait is chance, so that two clouds do not try again at the same moment.
  const retryAfterSeconds = longest * (0.5 + 0.5 * work.chance.fraction());
  const waiting: Waiting = { ...record, claim: null, retryAfterSeconds, trouble, nonce: work.chance.id() };
  const said = deliveryOf(record, 'waiting', `attempt ${record.attempts} of ${work.maxAttempts}: ${trouble}`);
  try {
    const next = await writeRecord(work.store, key, waiting, { kind: 'version', version });
    // Its wait begins here; a conflict means that somebody took the claim over, and it is theirs.
    if (next !== null) work.seenSeconds({ key, version: next, record: waiting });
    return said;
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return { ...said, detail: `${said.detail} (our claim on it stands until it lapses: ${error.message})` };
  }
}
