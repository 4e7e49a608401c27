// Lambda's event source mapping on SQS: polls a queue, invokes the function with batches, and removes what it has done with.
import * as z from 'zod';
import type { Clock } from '../../../shared/ports/clock.ts';
import { createClosing } from '../closing.ts';
import type { ReceivedMessage, SqsQueue } from '../standins/sqs-queue.ts';
import type { LambdaAnswer } from './lambda-protocol.ts';

export type QueuePolling = {
  /** Batches that were done with whole, in part, and not at all. */
  counts(): { done: number; partly: number; failed: number };
  /** Stops polling; batches that are with the function come back to the queue. */
  close(): Promise<void>;
};

export type QueuePollingOptions = {
  queue: SqsQueue;
  invoke(event: SqsLambdaEvent): Promise<LambdaAnswer>;
  batchSize: number;
  /** How long a batch may wait for more messages, once it has one. */
  windowSeconds: number;
  /** Batches at the function at once. */
  maximumConcurrency: number;
  /** ReportBatchItemFailures: whether the function's answer names the messages that failed. */
  reportsItemFailures: boolean;
  clock: Clock;
  /** Told of answers that make the whole batch come back. */
  onTrouble(because: string): void;
};

export type SqsLambdaEvent = {
  Records: (ReceivedMessage & { eventSource: 'aws:sqs'; eventSourceARN: string; awsRegion: string })[];
};

const pollSeconds = 20;
const mostInOneCall = 10;

/** What is not removed comes back when its visibility time is over, and after enough receives it is the dead-letter queue's. */
export function startQueuePolling(options: QueuePollingOptions): QueuePolling {
  const closing = createClosing();
  const counts = { done: 0, partly: 0, failed: 0 };
  const work = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const batch = await nextBatch(options, closing.signal);
      if (batch.length === 0 || closing.signal.aborted) continue;
      const answer = await options.invoke(eventOf(batch, options.queue));
      const outcome = outcomeOf(answer, batch, options.reportsItemFailures);
      if (outcome.kind === 'failed') options.onTrouble(outcome.because);
      const failed = outcome.kind === 'failed' ? new Set(batch.map(({ messageId }) => messageId)) : outcome.failed;
      counts[failed.size === 0 ? 'done' : failed.size === batch.length ? 'failed' : 'partly'] += 1;
      for (const message of batch) if (!failed.has(message.messageId)) options.queue.remove(message.receiptHandle);
    }
  };
  const workers = Array.from({ length: options.maximumConcurrency }, work);
  return {
    counts: () => ({ ...counts }),
    close: async () => {
      closing.abort();
      await Promise.all(workers);
    },
  };
}

async function nextBatch(options: QueuePollingOptions, signal: AbortSignal): Promise<ReceivedMessage[]> {
  const { queue, clock, batchSize } = options;
  const batch: ReceivedMessage[] = [];
  let until: number | null = null;
  while (batch.length < batchSize && !signal.aborted) {
    const waitSeconds: number = until === null ? pollSeconds : until - clock.elapsedSeconds();
    if (until !== null && waitSeconds <= 0) break;
    const limit = Math.min(mostInOneCall, batchSize - batch.length);
    const received = await queue.receive({ limit, visibilitySeconds: null, waitSeconds, signal });
    batch.push(...received);
    if (batch.length > 0) until ??= clock.elapsedSeconds() + options.windowSeconds;
  }
  return batch;
}

function eventOf(batch: ReceivedMessage[], queue: SqsQueue): SqsLambdaEvent {
  const source = { eventSource: 'aws:sqs', eventSourceARN: queue.arn, awsRegion: queue.options.region } as const;
  return { Records: batch.map((message) => ({ ...message, ...source })) };
}

const BatchResponse = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

type Outcome = { kind: 'answered'; failed: Set<string> } | { kind: 'failed'; because: string };

/**
 * No answer, an empty one, and a list that is empty or null are success; an answer of another form, or one that names a message
 * which is not of the batch, fails the whole. Source: "Reporting batch item failures" of the Lambda developer guide.
 */
function outcomeOf(answer: LambdaAnswer, batch: ReceivedMessage[], reportsItemFailures: boolean): Outcome {
  if (answer.kind === 'throttled') return { kind: 'failed', because: 'the function is throttled' };
  if (answer.kind === 'failed')
    return { kind: 'failed', because: `${answer.error.errorType}: ${answer.error.errorMessage}` };
  if (!reportsItemFailures) return { kind: 'answered', failed: new Set() };
  const parsed = BatchResponse.safeParse(answer.payload);
  if (!parsed.success) {
    return {
      kind: 'failed',
      because: `the answer ${JSON.stringify(answer.payload)?.slice(0, 200)} is no batch response`,
    };
  }
  const failed = new Set((parsed.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  const strange = [...failed].find((id) => !batch.some(({ messageId }) => messageId === id));
  if (strange === undefined) return { kind: 'answered', failed };
  return { kind: 'failed', because: `the answer names ${strange}, which is no message of the batch` };
}
