// What the outbox keeps: one object for a notification that waits, and one for how it ended.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Notification } from '../model/notification.ts';
import { Claim } from '../model/run.ts';
import { Instant } from '../model/signal.ts';
import type { ObjectStore, PutCondition } from '../ports/object-store.ts';

/** The text of a record is never the same twice (`nonce`), because an S3 version is made of the text. */
export const Waiting = z.object({
  schema: z.literal(1),
  channel: z.string(),
  notification: Notification,
  acceptedAt: Instant,
  attempts: z.int().nonnegative(),
  /** Who is sending it now. A claim has no end time: who wants to take over has itself watched it that long. */
  claim: Claim.nullable(),
  /** How long to leave it alone before the next attempt, counted from when one first saw it so. */
  retryAfterSeconds: z.number().nonnegative(),
  trouble: z.string().nullable(),
  nonce: z.string(),
});
export type Waiting = z.infer<typeof Waiting>;

/** Kept for good: it is what makes a late copy of the same notification do nothing. */
export const Ended = z.object({
  schema: z.literal(1),
  channel: z.string(),
  notification: Notification,
  outcome: z.enum(['sent', 'rejected', 'failed']),
  detail: z.string(),
  attempts: z.int().nonnegative(),
  by: z.string(),
  endedAt: Instant,
});
export type Ended = z.infer<typeof Ended>;

export const waitingPrefix = 'outbox/waiting/';

export type OutboxKeys = { waiting: string; ended: string };

/**
 * The two keys of a notification on a channel. Waiting ones have a prefix of their own, so that looking for what is left never grows
 * with what has been sent. Opening and resolving an incident share a deduplication key and are two notifications.
 */
export function keysOf(channel: string, { kind, dedupKey }: Pick<Notification, 'kind' | 'dedupKey'>): OutboxKeys {
  const hash = createHash('sha256').update(`${kind}\n${dedupKey}`).digest('hex');
  const place = `${encodeURIComponent(channel)}/${hash}.json`;
  return { waiting: `${waitingPrefix}${place}`, ended: `outbox/ended/${place}` };
}

export type StoredRecord = { key: string; version: string; record: Waiting };

/** An object below `outbox/` that no outbox wrote, or that a newer one wrote. */
export class BrokenRecord extends Error {
  override readonly name = 'BrokenRecord';
}

/** The waiting record, or null when there is none. Throws `BrokenRecord`, or `StoreUnavailable` when it is not known. */
export async function readWaiting(store: ObjectStore, key: string): Promise<StoredRecord | null> {
  const found = await store.get(key);
  return found && { key, version: found.version, record: parse(Waiting, key, found.body) };
}

/** How the notification ended, or null while it has not. Throws `BrokenRecord`, or `StoreUnavailable` when it is not known. */
export async function readEnded(store: ObjectStore, key: string): Promise<Ended | null> {
  const found = await store.get(key);
  return found && parse(Ended, key, found.body);
}

/** The new version, or null when the condition did not hold. Throws `StoreUnavailable`: it may have been written. */
export async function writeRecord(
  store: ObjectStore,
  key: string,
  record: Waiting | Ended,
  condition: PutCondition,
): Promise<string | null> {
  const options = { condition, contentType: 'application/json', cacheControl: null };
  const result = await store.put(key, JSON.stringify(record), options);
  return result.kind === 'written' ? result.version : null;
}

function parse<T>(schema: z.ZodType<T>, key: string, body: string): T {
  try {
    return schema.parse(JSON.parse(body));
  } catch (cause) {
    throw new BrokenRecord(`${key} holds no record of the outbox: look at it, and remove it`, { cause });
  }
}
