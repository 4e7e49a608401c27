// Messages of a queue that are to come again later than the queue itself would bring them.
import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { callAws } from './aws-call.ts';

export type HandedBack = { receiptHandle: string; afterSeconds: number };

export type Visibility = {
  /** Throws `AwsRefused` or `AwsUnknown`: then messages come again when the queue's own visibility time is over, which does no harm. */
  handBack(messages: readonly HandedBack[]): Promise<void>;
};

const mostInOneCall = 10;
/** Twelve hours, less what a message may have been invisible for already. */
const longestSeconds = 11 * 3600;

/** A message whose receipt is no longer good is back, or gone, already: that entry fails, and nothing is made of it. */
export function createSqsVisibility(client: SQSClient, queueUrl: string, timeoutSeconds: number): Visibility {
  const change = (messages: readonly HandedBack[]) =>
    callAws(`changing the visibility of ${messages.length} messages of ${queueUrl}`, timeoutSeconds, (options) =>
      client.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queueUrl,
          Entries: messages.map(({ receiptHandle, afterSeconds }, index) => ({
            Id: String(index),
            ReceiptHandle: receiptHandle,
            VisibilityTimeout: Math.min(longestSeconds, Math.ceil(afterSeconds)),
          })),
        }),
        options,
      ),
    );
  return {
    async handBack(messages) {
      for (let first = 0; first < messages.length; first += mostInOneCall) {
        await change(messages.slice(first, first + mostInOneCall));
      }
    },
  };
}
