// The SQS stand-in, asked by the official client: visibility, long polling, redrive, batches, errors.
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { HttpServer } from '../../../../infra/local/standins/http.ts';
import { startSqsStandin } from '../../../../infra/local/standins/sqs.ts';
import { createSqsQueue, type SqsQueue } from '../../../../infra/local/standins/sqs-queue.ts';
import { scriptedChance } from '../chance.ts';
import { type HandClock, handClock } from '../hand-clock.ts';

let clock: HandClock;
let standin: HttpServer;
let client: SQSClient;
let dead: SqsQueue;
let QueueUrl: string;

async function start(doubleFraction = 0): Promise<void> {
  clock = handClock();
  const common = {
    region: 'us-east-1',
    account: '123456789012',
    visibilitySeconds: 30,
    clock,
    chance: scriptedChance(),
  };
  dead = createSqsQueue({ ...common, name: 'dead', redrive: null, doubleFraction: 0 });
  const redrive = { maxReceiveCount: 3, to: dead };
  const work = createSqsQueue({ ...common, name: 'work', redrive, doubleFraction });
  standin = await startSqsStandin({ host: '127.0.0.1', port: 0, queues: [work, dead], faults: () => null });
  client = new SQSClient({
    region: 'us-east-1',
    endpoint: standin.url,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  QueueUrl = (await client.send(new GetQueueUrlCommand({ QueueName: 'work' }))).QueueUrl ?? '';
}
beforeEach(() => start());
afterEach(async () => {
  client.destroy();
  await standin.close();
});

const send = (MessageBody: string, more: object = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (more: object = {}) => {
  const command = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['All'],
    ...more,
  });
  return (await client.send(command)).Messages ?? [];
};
const remove = (ReceiptHandle?: string) => client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));

it('hides a message from others until its visibility time is over, and counts its receives', async () => {
  await send('body ü');
  const [first] = await receive();
  expect(first).toMatchObject({
    Body: 'body ü',
    Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.UTC(2026, 2, 1, 12)) },
  });
  await clock.advance(29);
  expect(await receive()).toEqual([]);
  await clock.advance(1);
  const [second] = await receive();
  expect([second?.MessageId, second?.Attributes?.ApproximateReceiveCount]).toEqual([first?.MessageId, '2']);
  await remove(first?.ReceiptHandle);
  await clock.advance(30);
  const [third] = await receive();
  expect(third?.MessageId).toBe(first?.MessageId);
  await remove(third?.ReceiptHandle);
  await clock.advance(60);
  expect(await receive()).toEqual([]);
});

it('hands a message to the dead-letter queue when it was received often enough', async () => {
  await send('poison');
  for (let round = 0; round < 3; round += 1) {
    expect(await receive()).toHaveLength(1);
    await clock.advance(30);
  }
  expect(dead.bodies()).toEqual([]);
  expect(await receive()).toEqual([]);
  expect(dead.bodies()).toEqual(['poison']);
});

it('shows a message sooner, or later, when it is told to', async () => {
  await send('x');
  const [held] = await receive();
  const change = (VisibilityTimeout: number) =>
    client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: held?.ReceiptHandle, VisibilityTimeout }),
    );
  await change(100);
  await clock.advance(99);
  expect(await receive()).toEqual([]);
  await change(0);
  expect(await receive()).toHaveLength(1);
  await expect(remove('nobody gave this out')).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
});

it('waits for a message as long as it is asked to', async () => {
  const waiting = receive({ WaitTimeSeconds: 20 });
  await send('late');
  const [late] = await waiting;
  expect(late?.Body).toBe('late');
  await remove(late?.ReceiptHandle);
  await send('delayed', { DelaySeconds: 60 });
  expect(await receive()).toEqual([]);
  await clock.advance(60);
  expect((await receive()).map(({ Body }) => Body)).toEqual(['delayed']);
});

it('takes up to ten messages at once, each on its own', async () => {
  const Entries = Array.from({ length: 10 }, (_, place) => ({
    Id: `m${place}`,
    MessageBody: place === 3 ? '' : `${place}`,
  }));
  const sent = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect([sent.Successful?.length, sent.Failed]).toEqual([
    9,
    [expect.objectContaining({ Id: 'm3', SenderFault: true })],
  ]);
  const messages = await receive();
  expect(new Set(messages.map(({ Body }) => Body)).size).toBe(9);
  const handles = messages.map(({ ReceiptHandle }, place) => ({ Id: `${place}`, ReceiptHandle }));
  const removed = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));
  expect(removed.Successful).toHaveLength(9);
  const tooMany = [...Entries, { Id: 'm10', MessageBody: 'x' }];
  const attempt = client.send(new SendMessageBatchCommand({ QueueUrl, Entries: tooMany }));
  await expect(attempt).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
});

it('tells how many messages are where, and who gets the dead ones', async () => {
  for (const body of ['a', 'b']) await send(body);
  await receive({ MaxNumberOfMessages: 1 });
  await send('c', { DelaySeconds: 5 });
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(Attributes).toMatchObject({
    QueueArn: 'arn:aws:sqs:us-east-1:123456789012:work',
    ApproximateNumberOfMessages: '1',
    ApproximateNumberOfMessagesNotVisible: '1',
    ApproximateNumberOfMessagesDelayed: '1',
    RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dead","maxReceiveCount":3}',
  });
});

it('gives a message to two receivers now and then', async () => {
  client.destroy();
  await standin.close();
  await start(0.6);
  await send('twice');
  expect([(await receive()).length, (await receive()).length]).toEqual([1, 1]);
});

it('says which queue there is not', async () => {
  const missing = client.send(new GetQueueUrlCommand({ QueueName: 'nothing' }));
  await expect(missing).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
});
