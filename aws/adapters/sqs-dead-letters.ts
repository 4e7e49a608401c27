// The dead letters of a site on AWS: messages of a queue that nobody polls, each with its reason as an attribute.
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetter, DeadLetters } from '../../shared/ports/dead-letters.ts';
import { QueueUnavailable } from '../../shared/ports/key-queue.ts';
import { AwsRefused, AwsUnknown, callAws } from './aws-call.ts';

const mostInOneCall = 10;
/** An attribute counts into the message's size, and a sentence is enough for a person. */
const longestSentence = 2000;

export function createSqsDeadLetters(client: SQSClient, queueUrl: string, timeoutSeconds: number): DeadLetters {
  return {
    async put(letters) {
      for (let first = 0; first < letters.length; first += mostInOneCall) {
        await send(client, queueUrl, timeoutSeconds, letters.slice(first, first + mostInOneCall));
      }
    },
  };
}

async function send(
  client: SQSClient,
  queueUrl: string,
  timeoutSeconds: number,
  letters: readonly DeadLetter[],
): Promise<void> {
  const what = `writing ${letters.length} dead letters to ${queueUrl}`;
  try {
    const { Failed: failed = [] } = await callAws(what, timeoutSeconds, (options) =>
      client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: letters.map(entryOf) }), options),
    );
    const [first] = failed;
    if (first) throw new QueueUnavailable(`${what}: ${failed.length} were refused: ${first.Code}: ${first.Message}`);
  } catch (cause) {
    if (cause instanceof AwsRefused || cause instanceof AwsUnknown)
      throw new QueueUnavailable(cause.message, { cause });
    throw cause;
  }
}

function entryOf({ reason, because, what, record }: DeadLetter, index: number) {
  const attribute = (text: string) => ({
    DataType: 'String',
    StringValue: sendable(text).slice(0, longestSentence) || '-',
  });
  return {
    Id: String(index),
    MessageBody: JSON.stringify({ what, reason, because, record }),
    MessageAttributes: { reason: attribute(reason), because: attribute(because) },
  };
}

/** SQS takes what XML 1.0 can hold. JSON spells the rest out by itself; an attribute is plain text. */
function sendable(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?');
}
