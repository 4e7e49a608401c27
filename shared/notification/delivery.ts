// What the outbox is made with, and what it says about each notification.
import type { Notification } from '../model/notification.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Ended, StoredRecord } from './outbox-record.ts';

export type OutboxOptions = {
  store: ObjectStore;
  /** By channel name. */
  notifiers: Record<string, Notifier>;
  /** The channel that takes over when one rejects a notification or stays unreachable. */
  fallbacks: Record<string, string>;
  clock: Clock;
  chance: Chance;
  /** Who sends: the keeper or function, for the record. */
  by: string;
  maxAttempts: number;
  /** Longer than the slowest notifier's time-out: a claim watched that long belongs to a process that is gone. */
  claimSeconds: number;
  /** The wait after the first failure; doubled after each, to at most `maxRetrySeconds`, and half of it chance. */
  firstRetrySeconds: number;
  maxRetrySeconds: number;
};

/** What became of one notification on one channel. `waiting`: kept, and `flush` will try again. */
export type Delivery = {
  channel: string;
  dedupKey: string;
  outcome: 'sent' | 'waiting' | 'rejected' | 'failed';
  detail: string;
  /** Set when another channel was told instead. */
  fallback: Delivery | null;
};

/** The options, and what one process remembers between two looks. */
export type Work = OutboxOptions & {
  /** For how long this process has seen that record unchanged. */
  seenSeconds(stored: StoredRecord): number;
  forget(key: string): void;
  submit(channel: string, notification: Notification): Promise<Delivery>;
};

export function deliveryOf(
  about: { channel: string; notification: Notification },
  outcome: Delivery['outcome'],
  detail: string,
): Delivery {
  return { channel: about.channel, dedupKey: about.notification.dedupKey, outcome, detail, fallback: null };
}

export function deliveryOfEnded(ended: Ended): Delivery {
  return deliveryOf(ended, ended.outcome, `${ended.detail} (by ${ended.by} at ${ended.endedAt})`);
}
