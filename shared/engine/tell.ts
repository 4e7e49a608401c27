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
  /** Asks again for what this process knows to be waiting: another may have sent it meanwhile. Costs nothing when nothing waits. */
  retry(): Promise<void>;
  /** Tries again everything that waits, whoever kept it. */
  flush(): Promise<void>;
};

export function createTell(outbox: Outbox, onDelivery: (delivery: Delivery) => void): Tell {
  const states = new Map<string, TellState>();
  const waiting = new Map<string, { channel: string; notification: Notification }>();

  function note(delivery: Delivery): TellState {
    const key = keyOf(delivery.channel, delivery.dedupKey);
    const state = stateOf(delivery);
    // Said when it begins to wait and when that ends, and not at every try between.
    if (state.kind !== 'waiting' || states.get(key)?.kind !== 'waiting') onDelivery(delivery);
    states.set(key, state);
    if (state.kind !== 'waiting') waiting.delete(key);
    return state;
  }

  async function send(channel: string, notification: Notification): Promise<TellState> {
    const state = note(await outbox.submit(channel, notification));
    if (state.kind === 'waiting') waiting.set(keyOf(channel, notification.dedupKey), { channel, notification });
    return state;
  }

  return {
    send,
    state: (channel, dedupKey) => states.get(keyOf(channel, dedupKey)) ?? { kind: 'untried' },
    async retry() {
      for (const { channel, notification } of [...waiting.values()]) await send(channel, notification);
    },
    async flush() {
      for (const delivery of await outbox.flush()) note(delivery);
    },
  };
}

function keyOf(channel: string, dedupKey: string): string {
  return `${channel}\n${dedupKey}`;
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
