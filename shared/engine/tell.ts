// Telling people, as the engine asks for it: through the outbox, and remembering how each message stands.
import type { Notification } from '../model/notification.ts';
import type { Delivery } from '../notification/delivery.ts';
import type { Outbox } from '../notification/outbox.ts';

export type TellState =
  | { kind: 'sent'; channel: string; detail: string }
  /** Never tried by this process. Trying again is safe: the outbox knows what was sent. */
  | { kind: 'untried' }
  /** Kept, and tried again by `flush`. */
  | { kind: 'waiting'; because: string }
  | { kind: 'failed'; because: string };

export type Tell = {
  /** Keeps and tries once. Never throws for a channel or store that does not answer. */
  send(channel: string, notification: Notification): Promise<TellState>;
  state(channel: string, dedupKey: string): TellState;
  /** Tries again what still waits. */
  flush(): Promise<void>;
};

export function createTell(outbox: Outbox, onDelivery: (delivery: Delivery) => void): Tell {
  const states = new Map<string, TellState>();

  function note(delivery: Delivery): TellState {
    onDelivery(delivery);
    const state = stateOf(delivery);
    states.set(`${delivery.channel}\n${delivery.dedupKey}`, state);
    return state;
  }

  return {
    send: async (channel, notification) => note(await outbox.submit(channel, notification)),
    state: (channel, dedupKey) => states.get(`${channel}\n${dedupKey}`) ?? { kind: 'untried' },
    async flush() {
      for (const delivery of await outbox.flush()) note(delivery);
    },
  };
}

/** A message that went to the fallback was told, though not where it was meant to be. */
function stateOf(delivery: Delivery): TellState {
  if (delivery.fallback) {
    const after = stateOf(delivery.fallback);
    return after.kind === 'sent'
      ? { ...after, detail: `${after.detail}, instead of ${delivery.channel}: ${delivery.detail}` }
      : after;
  }
  switch (delivery.outcome) {
    case 'sent':
      return { kind: 'sent', channel: delivery.channel, detail: delivery.detail };
    case 'waiting':
      return { kind: 'waiting', because: `${delivery.channel}: ${delivery.detail}` };
    case 'rejected':
    case 'failed':
      return { kind: 'failed', because: `${delivery.channel}: ${delivery.detail}` };
  }
}
