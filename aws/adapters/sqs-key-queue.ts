// A queue of keys over an Amazon SQS standard queue: one key a message, ten messages a request.
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type KeyWaiting, readKeyMessage, writeKeyMessage } from '../../shared/model/key-message.ts';
import { type KeyQueue, type QueuedKey, QueueUnavailable } from '../../shared/ports/key-queue.ts';
import { AwsRefused, AwsUnknown, callAws } from './aws-call.ts';

export type SqsKeyQueueOptions = {
  client: SQSClient;
  queueUrl: string;
  timeoutSeconds: number;
  /** How long a request waits for a first message; 0 asks only some of the service's machines, and may miss one. */
  waitSeconds: number;
  now: () => Date;
};

const batchSize = 10;
const longestDelaySeconds = 900;
const longestHoldSeconds = 43_200;

/**
 * What is no key of ours is left where it is: the queue's redrive policy takes it away. The role needs sqs:SendMessage, ReceiveMessage,
 * DeleteMessage, ChangeMessageVisibility and GetQueueAttributes.
 */
export function createSqsKeyQueue(options: SqsKeyQueueOptions): KeyQueue {
  return {
    name: options.queueUrl,
    push: (keys, { delaySeconds }) => push(options, keys, delaySeconds),
    async take(limit, holdSeconds) {
      const heldSeconds = Math.min(holdSeconds, longestHoldSeconds);
      const taken = await take(options, limit, heldSeconds);
      return { keys: taken.map(({ waiting }) => keyOf(waiting)), heldSeconds, done: () => forget(options, taken) };
    },
    depth: () => depth(options),
  };
}

type Taken = { receipt: string; waiting: KeyWaiting };

function keyOf({ dueMillis: _due, ...key }: KeyWaiting): QueuedKey {
  return key;
}

async function push(options: SqsKeyQueueOptions, keys: readonly QueuedKey[], delaySeconds: number): Promise<void> {
  const { client, queueUrl: QueueUrl, now } = options;
  const dueMillis = now().getTime() + delaySeconds * 1000;
  for (const some of batches(keys)) {
    const Entries = some.map((key, index) => ({
      Id: String(index),
      MessageBody: writeKeyMessage({ ...key, dueMillis }),
      DelaySeconds: Math.min(Math.ceil(delaySeconds), longestDelaySeconds),
    }));
    const answer = await call(options, `queueing ${some.length} keys`, (signal) =>
      client.send(new SendMessageBatchCommand({ QueueUrl, Entries }), signal),
    );
    refuseFailed('queueing', options, answer.Failed);
  }
}

/**
 * Keys that are not due yet are hidden again until they are. What was received before a request failed is handed out all the same: it is
 * hidden already.
 */
async function take(options: SqsKeyQueueOptions, limit: number, holdSeconds: number): Promise<Taken[]> {
  const { client, queueUrl: QueueUrl, now } = options;
  const taken: Taken[] = [];
  while (taken.length < limit) {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: Math.min(batchSize, limit - taken.length),
      VisibilityTimeout: Math.ceil(holdSeconds),
      WaitTimeSeconds: options.waitSeconds,
    });
    let messages: Message[];
    try {
      const answer = await call(options, 'taking keys', (signal) => client.send(command, signal));
      messages = answer.Messages ?? [];
    } catch (error) {
      if (taken.length > 0) return taken;
      throw error;
    }
    if (messages.length === 0) return taken;
    const read = messages.flatMap(takenFrom);
    const nowMillis = now().getTime();
    await hide(
      options,
      read.filter(({ waiting }) => waiting.dueMillis > nowMillis),
      nowMillis,
    );
    taken.push(...read.filter(({ waiting }) => waiting.dueMillis <= nowMillis));
  }
  return taken;
}

function takenFrom({ Body, ReceiptHandle }: Message): Taken[] {
  const waiting = readKeyMessage(Body ?? '');
  return waiting === null || ReceiptHandle === undefined ? [] : [{ receipt: ReceiptHandle, waiting }];
}

async function hide(options: SqsKeyQueueOptions, early: readonly Taken[], nowMillis: number): Promise<void> {
  if (early.length === 0) return;
  const Entries = early.map(({ receipt, waiting }, index) => ({
    Id: String(index),
    ReceiptHandle: receipt,
    VisibilityTimeout: Math.min(Math.ceil((waiting.dueMillis - nowMillis) / 1000), longestHoldSeconds),
  }));
  // Failing that, they are there again after the hold: late, and not lost.
  await call(options, 'hiding keys that are not due', (signal) =>
    options.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: options.queueUrl, Entries }), signal),
  );
}

async function forget(options: SqsKeyQueueOptions, taken: readonly Taken[]): Promise<void> {
  for (const some of batches(taken)) {
    const Entries = some.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt }));
    const answer = await call(options, `forgetting ${some.length} keys`, (signal) =>
      options.client.send(new DeleteMessageBatchCommand({ QueueUrl: options.queueUrl, Entries }), signal),
    );
    refuseFailed('forgetting', options, answer.Failed);
  }
}

/** What is being worked on counts too: it is not done. */
async function depth(options: SqsKeyQueueOptions): Promise<number> {
  const counts = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesDelayed',
    'ApproximateNumberOfMessagesNotVisible',
  ] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl: options.queueUrl, AttributeNames: [...counts] });
  const { Attributes: attributes = {} } = await call(options, 'asking for the depth', (signal) =>
    options.client.send(command, signal),
  );
  return counts.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
}

function batches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, index) =>
    all.slice(index * batchSize, (index + 1) * batchSize),
  );
}

/** A batch is answered 200 when some of it failed. */
function refuseFailed(
  tried: string,
  { queueUrl }: SqsKeyQueueOptions,
  failed: readonly { Code: string | undefined; Message?: string | undefined }[] = [],
): void {
  const [first] = failed;
  if (first === undefined) return;
  throw new QueueUnavailable(
    `${tried} failed for ${failed.length} keys at ${queueUrl}: ${first.Code ?? 'no code'}: ${first.Message ?? ''}`,
  );
}

async function call<T>(
  { queueUrl, timeoutSeconds }: SqsKeyQueueOptions,
  tried: string,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  try {
    return await callAws(`${tried} at ${queueUrl}`, timeoutSeconds, send);
  } catch (cause) {
    if (cause instanceof AwsRefused) {
      throw new QueueUnavailable(`${cause.message}: check that the queue exists and the role's permissions on it`, {
        cause,
      });
    }
    if (cause instanceof AwsUnknown) throw new QueueUnavailable(cause.message, { cause });
    throw cause;
  }
}
