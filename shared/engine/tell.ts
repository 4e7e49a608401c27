// Telling people, as the engine asks for it: send once for each key, and say how that stands.
import type { Notification } from '../model/notification.ts';

export type TellState =
  | { kind: 'sent'; channel: string; reference: string }
  | { kind: 'open' }
  | { kind: 'failed'; because: string };

export type Tell = {
  /** Sends, or leaves in the outbox to be sent again. Throws only when the outbox itself cannot be written. */
  send(channel: string, notification: Notification): Promise<void>;
  state(channel: string, dedupKey: string): Promise<TellState>;
  /** Tries again what is still in the outbox. */
  flush(): Promise<void>;
};
