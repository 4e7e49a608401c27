// Cloud Functions through the real functions-framework: HTTP, CloudEvents from Pub/Sub, retries and duplicates.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type CloudFunction,
  createFunctionsRuntime,
  type FunctionsRuntime,
} from '../../../../infra/local/runtimes/functions-runtime.ts';
import { type PubsubMessage, pubsubMessage } from '../../../../infra/local/runtimes/pubsub-push.ts';
import { scriptedChance } from '../chance.ts';
import { machineClock } from '../machine-clock.ts';

const source = fileURLToPath(new URL('./functions.ts', import.meta.url));
const topic = 'projects/p/topics/alarms';
let directory = '';
let runtime: FunctionsRuntime;
const dropped: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-functions-'));
  dropped.length = 0;
});
afterEach(async () => {
  await runtime.close();
  rmSync(directory, { recursive: true });
});

function start(definition: Partial<CloudFunction>, duplicateFraction = 0, fractions: number[] = []): void {
  runtime = createFunctionsRuntime({
    functions: [
      {
        name: 'on-alarm',
        source,
        target: 'onMessage',
        signature: 'cloudevent',
        timeoutSeconds: 10,
        env: {},
        concurrency: 1,
        maximumInstances: 3,
        retry: false,
        maximumDeliveryAttempts: null,
        ...definition,
      },
    ],
    project: 'p',
    timeFactor: 0.001,
    duplicateFraction,
    clock: machineClock,
    chance: scriptedChance(fractions),
    onLog: () => undefined,
    onDropped: (name, _message, because) => dropped.push(`${name}: ${because}`),
  });
}

const message = (failures: number): PubsubMessage =>
  pubsubMessage(
    JSON.stringify({ file: join(directory, 'deliveries'), failures }),
    {},
    { clock: machineClock, chance: scriptedChance([0.123]) },
  );
const delivered = (): string[] => readFileSync(join(directory, 'deliveries'), 'utf8').trim().split('\n');

test('an HTTP function answers with its own status and body', async () => {
  start({ target: 'onRequest', signature: 'http' });
  const answer = await runtime.call('on-alarm', {
    method: 'POST',
    path: '/beat',
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
  });
  if (answer.kind !== 'answered') throw new Error(answer.because);
  expect(answer.status).toBe(201);
  expect(JSON.parse(answer.body)).toMatchObject({ method: 'POST', path: '/beat', body: { a: 1 } });
});

test('requests beyond the concurrency start instances, up to the most that there may be', async () => {
  start({ target: 'slow', signature: 'http', maximumInstances: 2 });
  await runtime.warm('on-alarm');
  const get = { method: 'GET', path: '/', headers: {}, body: null };
  const answers = await Promise.all([1, 2, 3].map(() => runtime.call('on-alarm', get)));
  expect(answers.map((answer) => (answer.kind === 'answered' ? answer.status : answer.because)).sort()).toEqual([
    200, 200, 429,
  ]);
  expect(runtime.instances()).toBe(2);
});

test('a call that overruns its time is unknown, not failed', async () => {
  start({ target: 'slow', signature: 'http', timeoutSeconds: 0.1 });
  await runtime.warm('on-alarm');
  const answer = await runtime.call('on-alarm', { method: 'GET', path: '/', headers: {}, body: null });
  expect(answer).toEqual({ kind: 'unknown', because: 'no answer within 0.1 s' });
});

test('a message reaches the function as a CloudEvent, and is sent again after failures where retry is on', async () => {
  start({ retry: true });
  runtime.push('on-alarm', message(2), topic);
  await runtime.settled();
  const line = `google.cloud.pubsub.topic.v1.messagePublished //pubsub.googleapis.com/${topic} 123000000000000`;
  expect(delivered()).toEqual([line, line, line]);
  expect(dropped).toEqual([]);
});

test('without retry a failed message is dropped, and that is said', async () => {
  start({});
  runtime.push('on-alarm', message(1), topic);
  await runtime.settled();
  expect(delivered()).toHaveLength(1);
  expect(dropped).toEqual([expect.stringContaining('on-alarm: status 500')]);
});

test('an event that fails as often as its subscription allows goes to the dead letters, with what it was', async () => {
  start({ retry: true, maximumDeliveryAttempts: 5 });
  runtime.push('on-alarm', message(99), topic);
  await runtime.settled();
  expect(delivered()).toHaveLength(5);
  expect(dropped).toEqual([expect.stringContaining('on-alarm: status 500')]);
});

test('a message may be delivered twice although nothing failed', async () => {
  start({}, 0.2, [0.1]);
  runtime.push('on-alarm', message(0), topic);
  await runtime.settled();
  expect(delivered()).toHaveLength(2);
});

test('a function that cannot be loaded says what the framework printed', async () => {
  start({ target: 'nothing', signature: 'http' });
  await expect(runtime.warm('on-alarm')).rejects.toThrow(/on-alarm: the functions-framework did not serve.*nothing/s);
});
