// A batch of storage events as Lambda's event source mapping on SQS brings it, and the partial answer that it takes.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
import * as z from 'zod';
import { isObject } from '../../shared/events/payload.ts';
import type { HeardObject } from '../../shared/model/object-hint.ts';
import { hearObjectEvents } from './s3-object.ts';

/** One message. Without an id it came without a queue: nothing of it can be handed back by itself. */
export type BatchedMessage = {
  messageId: string | null;
  receiptHandle: string | null;
  heard: HeardObject[];
  /** Milliseconds since 1970; null: the record does not tell. */
  firstMillis: number | null;
  redelivered: boolean;
};

const Receipt = z.object({
  receiptHandle: z.string().min(1),
  attributes: z.object({
    ApproximateReceiveCount: z.coerce.number(),
    ApproximateFirstReceiveTimestamp: z.coerce.number(),
  }),
});

/** Never throws: what is not understood is a message whose record is rejected. */
export function hearBatch(event: unknown): BatchedMessage[] {
  const records: unknown[] = isObject(event) && Array.isArray(event.Records) ? event.Records : [];
  return hearObjectEvents(event).map(({ messageId, heard }, index) => {
    const read = Receipt.safeParse(records[index]);
    if (!read.success) return { messageId, receiptHandle: null, heard, firstMillis: null, redelivered: false };
    const { receiptHandle, attributes } = read.data;
    return {
      messageId,
      receiptHandle,
      heard,
      firstMillis: attributes.ApproximateFirstReceiveTimestamp,
      redelivered: attributes.ApproximateReceiveCount > 1,
    };
  });
}

export type BatchAnswer = { batchItemFailures: { itemIdentifier: string }[] };

/** `failed`: messages to be handed back. Throws when one of them came without an id: then the whole event must come again. */
export function answerBatch(failed: readonly { message: BatchedMessage; because: string }[]): BatchAnswer {
  return {
    batchItemFailures: failed.map(({ message: { messageId }, because }) => {
      if (messageId === null) throw new Error(`the event came without a queue and must come again: ${because}`);
      return { itemIdentifier: messageId };
    }),
  };
}
