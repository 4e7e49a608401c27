// A channel to people. The outbox above it makes sure of once in effect; a notifier sends and says how that went.
import type { Notification } from '../model/notification.ts';

/** `rejected` is final (a wrong key, a bad payload: a person must mend it). Throws `NotifierUnavailable` when it may be tried again. */
export type SendResult = { kind: 'sent'; reference: string } | { kind: 'rejected'; because: string };

export type Notifier = {
  send(notification: Notification): Promise<SendResult>;
};

export class NotifierUnavailable extends Error {
  override readonly name = 'NotifierUnavailable';
}
