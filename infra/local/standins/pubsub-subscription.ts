// One pull subscription of Pub/Sub: messages that are held while their acknowledgement is waited for, and come back without it.
import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import type { PubSubMessage } from './pubsub-message.ts';

export type PulledMessage = { ackId: string; message: PubSubMessage; deliveryAttempt: number };

export type PubSubSubscription = {
  /** `projects/p/subscriptions/s`. */
  readonly name: string;
  readonly topic: string;
  add(message: PubSubMessage): void;
  pull(limit: number): PulledMessage[];
  /** What was acknowledged, or has come back, already is passed over, as the service does. */
  acknowledge(ackIds: readonly string[]): void;
  /** From now on; 0 gives it back. */
  modifyAckDeadline(ackIds: readonly string[], seconds: number): void;
  /** All that is not acknowledged. */
  messages(): PubSubMessage[];
};

export type SubscriptionOptions = {
  name: string;
  topic: string;
  ackDeadlineSeconds: number;
  clock: Clock;
  chance: Chance;
};

type Held = { message: PubSubMessage; attempts: number; visibleSeconds: number };

export function createPubSubSubscription(options: SubscriptionOptions): PubSubSubscription {
  const { clock, chance } = options;
  const waiting = new Set<Held>();
  const out = new Map<string, Held>();
  const takeBack = () => {
    for (const [ackId, held] of out) {
      if (held.visibleSeconds > clock.elapsedSeconds()) continue;
      out.delete(ackId);
      waiting.add(held);
    }
  };
  return {
    name: options.name,
    topic: options.topic,
    add: (message) => void waiting.add({ message, attempts: 0, visibleSeconds: 0 }),
    pull(limit) {
      takeBack();
      const taken: PulledMessage[] = [];
      for (const held of waiting) {
        if (taken.length >= limit) break;
        const ackId = chance.id();
        waiting.delete(held);
        held.attempts += 1;
        held.visibleSeconds = clock.elapsedSeconds() + options.ackDeadlineSeconds;
        out.set(ackId, held);
        taken.push({ ackId, message: held.message, deliveryAttempt: held.attempts });
      }
      return taken;
    },
    acknowledge(ackIds) {
      takeBack();
      for (const ackId of ackIds) out.delete(ackId);
    },
    modifyAckDeadline(ackIds, seconds) {
      takeBack();
      for (const ackId of ackIds) {
        const held = out.get(ackId);
        if (held) held.visibleSeconds = clock.elapsedSeconds() + seconds;
      }
    },
    messages: () => [...waiting, ...out.values()].map(({ message }) => message),
  };
}
