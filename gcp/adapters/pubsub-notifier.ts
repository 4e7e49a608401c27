// People and machines told through a Pub/Sub topic: the whole notification as JSON, with what readers filter by as attributes.
import type { v1 } from '@google-cloud/pubsub';
import type { Notification } from '../../shared/model/notification.ts';
import { type Notifier, NotifierUnavailable } from '../../shared/ports/notifier.ts';
import { callGoogle, GoogleCallFailed, type GoogleEndpoint, once, restClientOptions } from './google-call.ts';

export type PubSubNotifierOptions = {
  /** Opens the client when first needed: it is too heavy to load up front. `openPublisher` makes one. */
  connect(): Promise<v1.PublisherClient>;
  /** `projects/p/topics/t`. */
  topic: string;
  timeoutSeconds: number;
};

/** Loads @google-cloud/pubsub and makes a REST publisher of it: no batching, so that a message is sent when it is sent. */
export async function openPublisher(endpoint: GoogleEndpoint): Promise<v1.PublisherClient> {
  const pubsub = await import('@google-cloud/pubsub');
  // Bundled, a CommonJS package shows only its default export.
  const { v1: generated } = pubsub.default ?? pubsub;
  return new generated.PublisherClient(restClientOptions(endpoint));
}

/** Pub/Sub knows no deduplication: readers find the key in the attribute `dedupKey`. */
export function createPubSubNotifier(options: PubSubNotifierOptions): Notifier {
  const connected = once(options.connect);
  return {
    send: async (notification) => {
      const publisher = await connected();
      const request = { topic: options.topic, messages: [messageOf(notification)] };
      try {
        const [answer] = await callGoogle(`publish to ${options.topic}`, options.timeoutSeconds, () =>
          publisher.publish(request),
        );
        return { kind: 'sent', reference: `pubsub/${answer.messageIds?.[0] ?? notification.dedupKey}` };
      } catch (cause) {
        if (!(cause instanceof GoogleCallFailed)) throw cause;
        if (cause.final) {
          return { kind: 'rejected', because: `${cause.message}: correct the topic or the permission to publish` };
        }
        throw new NotifierUnavailable(`${cause.message}. The message may have arrived`, { cause });
      }
    },
  };
}

function messageOf(notification: Notification): { data: Buffer; attributes: Record<string, string> } {
  const { dedupKey, kind, severity, source } = notification;
  return { data: Buffer.from(JSON.stringify(notification)), attributes: { dedupKey, kind, severity, source } };
}
