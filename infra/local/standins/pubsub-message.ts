// A message as Pub/Sub keeps it.
export type PubSubMessage = {
  /** `projects/p/topics/t`. */
  topic: string;
  messageId: string;
  /** ISO 8601. */
  publishTime: string;
  data: Buffer;
  attributes: Record<string, string>;
  orderingKey: string;
};
