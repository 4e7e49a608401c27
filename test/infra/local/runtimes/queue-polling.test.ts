// The event source mapping: batches from a queue to a function, and what becomes of the messages by its answer.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LambdaAnswer } from '../../../../infra/local/runtimes/lambda-protocol.ts';
import {
  type QueuePolling,
  type SqsLambdaEvent,
  startQueuePolling,
} from '../../../../infra/local/runtimes/queue-polling.ts';
import { createSqsQueue, type SqsQueue } from '../../../../infra/local/standins/sqs-queue.ts';
import { scriptedChance } from '../chance.ts';
import { type HandClock, handClock } from '../hand-clock.ts';

let clock: HandClock;
let queue: SqsQueue;
let dead: SqsQueue;
let polling: QueuePolling;
let batches: string[][];
let troubles: string[];
let answer: (event: SqsLambdaEvent) => LambdaAnswer;

const returned = (payload: unknown): LambdaAnswer => ({ kind: 'returned', requestId: 'r', payload });

beforeEach(() => {
  clock = handClock();
  batches = [];
  troubles = [];
  answer = () => returned(null);
  const common = {
    region: 'us-east-1',
    account: '123456789012',
    visibilitySeconds: 30,
    doubleFraction: 0,
    clock,
    chance: scriptedChance(),
  };
  dead = createSqsQueue({ ...common, name: 'dead', redrive: null });
  queue = createSqsQueue({ ...common, name: 'work', redrive: { maxReceiveCount: 2, to: dead } });
});
afterEach(() => polling.close());

function start(more: { batchSize?: number; windowSeconds?: number; reportsItemFailures?: boolean } = {}): void {
  polling = startQueuePolling({
    queue,
    invoke: async (event) => {
      batches.push(event.Records.map(({ body }) => body).sort());
      return answer(event);
    },
    batchSize: 10,
    windowSeconds: 0,
    maximumConcurrency: 1,
    reportsItemFailures: true,
    clock,
    onTrouble: (because) => troubles.push(because),
    ...more,
  });
}
const left = () => queue.counts().visible + queue.counts().inFlight;

it('hands a message over as a record of SQS, and removes it when the function has returned', async () => {
  let seen: SqsLambdaEvent | null = null;
  answer = (event) => {
    seen = event;
    return returned(undefined);
  };
  queue.send('{"a":1}');
  start();
  await clock.advance(0);
  expect(seen).toMatchObject({
    Records: [
      {
        body: '{"a":1}',
        md5OfBody: 'bb6cb5c68df4652941caf652a366f2d8',
        attributes: { ApproximateReceiveCount: '1' },
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:work',
        awsRegion: 'us-east-1',
      },
    ],
  });
  expect(left()).toBe(0);
});

it('waits for more messages within the window, up to the size of a batch', async () => {
  start({ batchSize: 3, windowSeconds: 5 });
  queue.send('1');
  await clock.advance(4);
  expect(batches).toEqual([]);
  queue.send('2');
  await clock.advance(1);
  expect(batches).toEqual([['1', '2']]);
  for (const body of ['3', '4', '5', '6']) queue.send(body);
  await clock.advance(1);
  expect(batches.at(-1)).toHaveLength(3);
});

it('brings back only what the function names, and gives it to the dead letters in the end', async () => {
  answer = (event) => {
    const bad = event.Records.filter(({ body }) => body === 'bad');
    return returned({ batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) });
  };
  for (const body of ['good', 'bad', 'fine']) queue.send(body);
  start();
  await clock.advance(0);
  expect([batches, left()]).toEqual([[['bad', 'fine', 'good']], 1]);
  await clock.advance(30);
  expect(batches.at(-1)).toEqual(['bad']);
  await clock.advance(60);
  expect([left(), dead.bodies()]).toEqual([0, ['bad']]);
  expect(polling.counts()).toEqual({ done: 0, partly: 1, failed: 1 });
});

it.each([
  ['nothing', undefined],
  ['null', null],
  ['an empty answer', {}],
  ['an empty list', { batchItemFailures: [] }],
  ['a null list', { batchItemFailures: null }],
])('takes %s for success', async (_title, payload) => {
  answer = () => returned(payload);
  queue.send('x');
  start();
  await clock.advance(0);
  expect([left(), troubles]).toEqual([0, []]);
});

it.each([
  ['a text', 'done'],
  ['an identifier under another name', { batchItemFailures: [{ id: 'x' }] }],
  ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
  ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
  ['an identifier of no message', { batchItemFailures: [{ itemIdentifier: 'x' }] }],
])('brings the whole batch back after %s', async (_title, payload) => {
  answer = () => returned(payload);
  for (const body of ['a', 'b']) queue.send(body);
  start();
  await clock.advance(0);
  expect([left(), troubles.length]).toEqual([2, 1]);
});

it('brings the whole batch back when the function failed or was throttled, and ignores its answer where it reports nothing', async () => {
  answer = () => ({ kind: 'failed', requestId: 'r', error: { errorType: 'TypeError', errorMessage: 'no', trace: [] } });
  queue.send('x');
  start({ reportsItemFailures: false });
  await clock.advance(0);
  expect([left(), troubles]).toEqual([1, ['TypeError: no']]);
  answer = () => returned({ batchItemFailures: [{ itemIdentifier: '' }] });
  await clock.advance(30);
  expect(left()).toBe(0);
});
