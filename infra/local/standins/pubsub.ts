// A stand-in for the Pub/Sub API: publishing to topics, with whoever subscribes told in the same process, and pull subscriptions.
import { googleFailure } from './google-failure.ts';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  jsonAnswer,
  startHttp,
  withFaults,
} from './http.ts';
import type { PubSubMessage } from './pubsub-message.ts';
import { answerPull } from './pubsub-pull.ts';
import type { PubSubSubscription } from './pubsub-subscription.ts';

export type PubSubStandinOptions = {
  host: string;
  port: number;
  /** Those that exist: `projects/p/topics/t`. */
  topics: string[];
  /** Called for every message: the subscriptions. */
  onMessage(message: PubSubMessage): void;
  /** Those that are pulled. */
  subscriptions?: readonly PubSubSubscription[];
  now(): Date;
  faults: Faults;
};

type Sent = { data?: string; attributes?: Record<string, string>; orderingKey?: string };

/** Speaks the REST wire of pubsub.googleapis.com v1: topics.publish, and what `pubsub-pull.ts` does. */
export async function startPubSubStandin(options: PubSubStandinOptions): Promise<HttpServer> {
  let count = 0;
  const { subscriptions = [] } = options;
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    const pulled = answerPull(request, subscriptions);
    if (pulled !== null) return pulled;
    const topic = /^\/v1\/(projects\/[^/]+\/topics\/[^/:]+):publish$/.exec(request.path)?.[1];
    if (topic === undefined || request.method !== 'POST') return googleFailure(404, 'NOT_FOUND', 'Method not found.');
    if (!options.topics.includes(topic)) {
      return googleFailure(404, 'NOT_FOUND', `Resource not found (resource=${topic.split('/').at(-1)}).`);
    }
    const body: { messages?: Sent[] } = JSON.parse(request.body.toString());
    const messages = body.messages ?? [];
    const isEmpty = (each: Sent) => !each.data && Object.keys(each.attributes ?? {}).length === 0;
    if (messages.length === 0 || messages.some(isEmpty)) {
      return googleFailure(400, 'INVALID_ARGUMENT', 'One or more messages in the publish request is empty.');
    }
    const messageIds = messages.map((each) => {
      count += 1;
      const message: PubSubMessage = {
        topic,
        messageId: String(count),
        publishTime: options.now().toISOString(),
        data: Buffer.from(each.data ?? '', 'base64'),
        attributes: each.attributes ?? {},
        orderingKey: each.orderingKey ?? '',
      };
      options.onMessage(message);
      for (const subscription of subscriptions) if (subscription.topic === topic) subscription.add(message);
      return String(count);
    });
    return jsonAnswer(200, { messageIds });
  };
  const refuse = (status: number, code: string) => googleFailure(status, code, `injected: ${code}`);
  return startHttp(withFaults(handle, options.faults, refuse), options);
}
