// Pub/Sub deliveries: the message, in every wrapping that it comes in.
// https://cloud.google.com/eventarc/docs/cloudevents and https://cloud.google.com/pubsub/docs/push
import * as z from 'zod';
import { decodeBase64Text } from '../../shared/events/payload.ts';

/** `message_id` and `publish_time` may stand beside `messageId` and `publishTime`; a raw push body may lack the time. */
export const PubsubMessage = z.object({
  /** Base64. Absent when the message is attributes alone. */
  data: z.string().nullish(),
  attributes: z.record(z.string(), z.string()).nullish(),
  messageId: z.string().nullish(),
  message_id: z.string().nullish(),
  publishTime: z.string().nullish(),
  publish_time: z.string().nullish(),
});
export type PubsubMessage = z.infer<typeof PubsubMessage>;

/** The data of a CloudEvent `google.cloud.pubsub.topic.v1.messagePublished`, and the body of a push. */
export const MessagePublished = z.object({ message: PubsubMessage, subscription: z.string().nullish() });
export type MessagePublished = z.infer<typeof MessagePublished>;

/** A CloudEvent in structured form, as functions-framework hands it on. `data` is the source's own. */
export const CloudEvent = z.object({
  specversion: z.string(),
  type: z.string(),
  source: z.string().min(1),
  id: z.string().min(1),
  time: z.string().nullish(),
  data: z.unknown().optional(),
});
export type CloudEvent = z.infer<typeof CloudEvent>;

export function messageIdOf(message: PubsubMessage): string | null {
  return message.messageId ?? message.message_id ?? null;
}

export function publishTimeOf(message: PubsubMessage): string | null {
  return message.publishTime ?? message.publish_time ?? null;
}

/** The text that the publisher sent, or null when there is none or it is not UTF-8. */
export function textOf(message: PubsubMessage): string | null {
  return typeof message.data === 'string' ? decodeBase64Text(message.data) : null;
}
