// A stand-in for Amazon SQS: standard queues over its JSON wire.
import * as z from 'zod';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  headerOf,
  startHttp,
  withFaults,
} from './http.ts';
import { md5Of, type ReceivedMessage, type SqsQueue } from './sqs-queue.ts';

export type SqsStandinOptions = {
  host: string;
  /** 0 picks a free one. */
  port: number;
  queues: SqsQueue[];
  faults: Faults;
};

class SqsError extends Error {
  override readonly name = 'SqsError';
  readonly code: string;
  /** The code of the older Query wire, which clients still go by. */
  readonly queryCode: string;
  constructor(code: string, message: string, queryCode = code) {
    super(message);
    this.code = code;
    this.queryCode = queryCode;
  }
}

const Attributes = z
  .record(
    z.string(),
    z.object({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.string().optional() }),
  )
  .default({});
const Send = z.object({
  MessageBody: z.string(),
  DelaySeconds: z.number().min(0).max(900).default(0),
  MessageAttributes: Attributes,
});
const Receive = z.object({
  MaxNumberOfMessages: z.number().min(1).max(10).default(1),
  VisibilityTimeout: z.number().min(0).max(43_200).optional(),
  WaitTimeSeconds: z.number().min(0).max(20).default(0),
  MessageSystemAttributeNames: z.array(z.string()).default([]),
  MessageAttributeNames: z.array(z.string()).default([]),
});
const Remove = z.object({ ReceiptHandle: z.string() });
const ChangeVisibility = z.object({ ReceiptHandle: z.string(), VisibilityTimeout: z.number().min(0).max(43_200) });
const Ask = z.object({ AttributeNames: z.array(z.string()).default([]) });

const longestBodyBytes = 1024 * 1024;

/** Signatures must be there; they are not verified. What it does not speak is answered UnsupportedOperation. */
export function startSqsStandin(options: SqsStandinOptions): Promise<HttpServer> {
  const byName = new Map(options.queues.map((queue) => [queue.name, queue]));
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    try {
      if (headerOf(request, 'authorization') === null) {
        throw new SqsError('MissingAuthenticationToken', 'Request is missing Authentication Token');
      }
      const operation = (headerOf(request, 'x-amz-target') ?? '').replace(/^AmazonSQS\./, '');
      const input: unknown = JSON.parse(request.body.toString('utf8') || '{}');
      return answer(200, await perform(operation, input, byName, headerOf(request, 'host') ?? ''));
    } catch (error) {
      if (error instanceof SqsError) return failure(400, error.code, error.message, error.queryCode);
      if (error instanceof z.ZodError) return failure(400, 'InvalidParameterValue', z.prettifyError(error));
      throw error;
    }
  };
  return startHttp(
    withFaults(handle, options.faults, (status, code) => failure(status, code, `${code}, as asked for`)),
    options,
  );
}

async function perform(
  operation: string,
  input: unknown,
  queues: ReadonlyMap<string, SqsQueue>,
  host: string,
): Promise<object> {
  if (operation === 'GetQueueUrl') {
    const { QueueName } = z.object({ QueueName: z.string() }).parse(input);
    const queue = queueOf(queues, QueueName);
    return { QueueUrl: `http://${host}/${queue.options.account}/${QueueName}` };
  }
  const { QueueUrl } = z.object({ QueueUrl: z.string() }).parse(input);
  const queue = queueOf(queues, QueueUrl.split('/').at(-1) ?? '');
  switch (operation) {
    case 'SendMessage':
      return send(queue, Send.parse(input));
    case 'SendMessageBatch':
      return batch(input, (entry) => send(queue, Send.parse(entry)));
    case 'ReceiveMessage': {
      const asked = Receive.parse(input);
      const { MaxNumberOfMessages, VisibilityTimeout, WaitTimeSeconds } = asked;
      const messages = await queue.receive({
        limit: MaxNumberOfMessages,
        visibilitySeconds: VisibilityTimeout ?? null,
        waitSeconds: WaitTimeSeconds,
      });
      return messages.length === 0 ? {} : { Messages: messages.map((message) => rowOf(message, asked)) };
    }
    case 'DeleteMessage':
      return remove(queue, Remove.parse(input));
    case 'DeleteMessageBatch':
      return batch(input, (entry) => remove(queue, Remove.parse(entry)));
    case 'ChangeMessageVisibility':
      return changeVisibility(queue, ChangeVisibility.parse(input));
    case 'ChangeMessageVisibilityBatch':
      return batch(input, (entry) => changeVisibility(queue, ChangeVisibility.parse(entry)));
    case 'GetQueueAttributes':
      return { Attributes: attributesOf(queue, Ask.parse(input).AttributeNames) };
    case 'PurgeQueue':
      queue.purge();
      return {};
    default:
      throw new SqsError('UnsupportedOperation', `The stand-in does not speak ${operation}`);
  }
}

function queueOf(queues: ReadonlyMap<string, SqsQueue>, name: string): SqsQueue {
  const queue = queues.get(name);
  if (queue) return queue;
  const message = 'The specified queue does not exist.';
  throw new SqsError('QueueDoesNotExist', message, 'AWS.SimpleQueueService.NonExistentQueue');
}

function send(queue: SqsQueue, { MessageBody, DelaySeconds, MessageAttributes }: z.infer<typeof Send>): object {
  if (MessageBody === '') throw new SqsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (Buffer.byteLength(MessageBody) > longestBodyBytes) {
    throw new SqsError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${longestBodyBytes} bytes.`,
    );
  }
  const MessageId = queue.send(MessageBody, { delaySeconds: DelaySeconds, messageAttributes: MessageAttributes });
  return { MessageId, MD5OfMessageBody: md5Of(MessageBody) };
}

function remove(queue: SqsQueue, { ReceiptHandle }: z.infer<typeof Remove>): object {
  if (queue.remove(ReceiptHandle)) return {};
  throw new SqsError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${ReceiptHandle}" is not a valid receipt handle.`,
  );
}

function changeVisibility(
  queue: SqsQueue,
  { ReceiptHandle, VisibilityTimeout }: z.infer<typeof ChangeVisibility>,
): object {
  if (queue.changeVisibility(ReceiptHandle, VisibilityTimeout)) return {};
  const message = `Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`;
  throw new SqsError('InvalidParameterValue', message);
}

/** Each entry is done, or fails, on its own. */
function batch(input: unknown, work: (entry: unknown) => object): object {
  const { Entries } = z.object({ Entries: z.array(z.looseObject({ Id: z.string() })) }).parse(input);
  const prefix = 'AWS.SimpleQueueService.';
  if (Entries.length === 0) {
    throw new SqsError(
      'EmptyBatchRequest',
      'There should be at least one entry in the request.',
      `${prefix}EmptyBatchRequest`,
    );
  }
  if (Entries.length > 10) {
    const message = `Maximum number of entries per request are 10. You have sent ${Entries.length}.`;
    throw new SqsError('TooManyEntriesInBatchRequest', message, `${prefix}TooManyEntriesInBatchRequest`);
  }
  if (new Set(Entries.map(({ Id }) => Id)).size < Entries.length) {
    throw new SqsError(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries have the same Id.',
      `${prefix}BatchEntryIdsNotDistinct`,
    );
  }
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of Entries) {
    try {
      Successful.push({ Id: entry.Id, ...work(entry) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, ...(Failed.length === 0 ? {} : { Failed }) };
}

/** Attributes only as far as they were asked for, by name or as `All`. */
function rowOf(message: ReceivedMessage, asked: z.infer<typeof Receive>): object {
  const system = named(message.attributes, asked.MessageSystemAttributeNames);
  const own = named(message.messageAttributes, asked.MessageAttributeNames);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
    ...(Object.keys(system).length === 0 ? {} : { Attributes: system }),
    ...(Object.keys(own).length === 0 ? {} : { MessageAttributes: own }),
  };
}

function named<T>(all: Record<string, T>, names: string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name)));
}

function attributesOf(queue: SqsQueue, asked: string[]): Record<string, string> {
  const { visible, inFlight, delayed } = queue.counts();
  const { visibilitySeconds, redrive } = queue.options;
  const all: Record<string, string> = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(visibilitySeconds),
    MaximumMessageSize: String(longestBodyBytes),
    ...(redrive === null
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: redrive.to.arn,
            maxReceiveCount: redrive.maxReceiveCount,
          }),
        }),
  };
  return named(all, asked);
}

function answer(status: number, value: object, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0', ...headers }, body: JSON.stringify(value) };
}

function failure(status: number, code: string, message: string, queryCode = code): HttpAnswer {
  const sender = status < 500 ? 'Sender' : 'Receiver';
  return answer(
    status,
    { __type: `com.amazonaws.sqs#${code}`, message },
    { 'x-amzn-query-error': `${queryCode};${sender}`, 'x-amzn-errortype': code },
  );
}
