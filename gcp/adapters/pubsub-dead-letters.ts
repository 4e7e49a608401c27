// The dead letters of a site on Google Cloud: messages of a topic whose subscription nobody pulls, each with its reason as an attribute.
import type { v1 } from '@google-cloud/pubsub';
import type { DeadLetter, DeadLetters } from '../../shared/ports/dead-letters.ts';
import { QueueUnavailable } from '../../shared/ports/key-queue.ts';
import { callGoogle, GoogleCallFailed, once } from './google-call.ts';

export type PubSubDeadLettersOptions = {
  /** Opens the client when first needed; `openPublisher` makes one. */
  connect(): Promise<v1.PublisherClient>;
  /** `projects/p/topics/t`. */
  topic: string;
  timeoutSeconds: number;
};

/** An attribute's value may have 1,024 bytes; the whole sentence is in the data. */
const longestAttributeBytes = 1024;

export function createPubSubDeadLetters({ connect, topic, timeoutSeconds }: PubSubDeadLettersOptions): DeadLetters {
  const connected = once(connect);
  return {
    async put(letters) {
      if (letters.length === 0) return;
      try {
        const publisher = await connected();
        await callGoogle(`writing ${letters.length} dead letters to ${topic}`, timeoutSeconds, () =>
          publisher.publish({ topic, messages: letters.map(messageOf) }),
        );
      } catch (cause) {
        if (cause instanceof GoogleCallFailed) throw new QueueUnavailable(cause.message, { cause });
        throw cause;
      }
    },
  };
}

function messageOf(letter: DeadLetter): { data: Buffer; attributes: Record<string, string> } {
  const { reason, because } = letter;
  return { data: Buffer.from(JSON.stringify(letter)), attributes: { reason: short(reason), because: short(because) } };
}

function short(text: string): string {
  return Buffer.from(text)
    .subarray(0, longestAttributeBytes)
    .toString('utf8')
    .replace(/\ufffd$/u, '');
}
