// Pub/Sub messages as Eventarc hands them to a function: a CloudEvent over HTTP in binary mode.
import type { Chance, Clock } from '../../../shared/ports/clock.ts';

export type PubsubMessage = {
  /** Base64. */
  data: string;
  attributes: Record<string, string>;
  messageId: string;
  publishTime: string;
};

/** Headers and body of one CloudEvent. */
export type CloudEventRequest = { headers: Record<string, string>; body: string };

export function pubsubMessage(
  text: string,
  attributes: Record<string, string>,
  from: { clock: Clock; chance: Chance },
): PubsubMessage {
  return {
    data: Buffer.from(text, 'utf8').toString('base64'),
    attributes,
    // Pub/Sub's ids are decimal numbers.
    messageId: String(Math.floor(from.chance.fraction() * 1e15)),
    publishTime: from.clock.now().toISOString(),
  };
}

/** `topic` and `subscription` are full names: `projects/p/topics/t`, `projects/p/subscriptions/s`. */
export function pubsubCloudEvent(message: PubsubMessage, topic: string, subscription: string): CloudEventRequest {
  return {
    headers: {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
      'ce-source': `//pubsub.googleapis.com/${topic}`,
      'ce-id': message.messageId,
      'ce-time': message.publishTime,
    },
    // The service sends both spellings of these two.
    body: JSON.stringify({
      message: { ...message, message_id: message.messageId, publish_time: message.publishTime },
      subscription,
    }),
  };
}
