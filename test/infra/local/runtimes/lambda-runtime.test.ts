// The Lambda runtime with real child processes: warm reuse, concurrency, time-outs, freezing, and asynchronous delivery.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import type { DestinationRecord } from '../../../../infra/local/runtimes/async-delivery.ts';
import { environmentProgram } from '../../../../infra/local/runtimes/execution-environment.ts';
import {
  createLambdaRuntime,
  defaultAsyncPolicy,
  type LambdaFunction,
  type LambdaRuntime,
} from '../../../../infra/local/runtimes/lambda-runtime.ts';
import { scriptedChance } from '../chance.ts';
import { machineClock } from '../machine-clock.ts';

const Answer = z.object({
  pid: z.number(),
  seen: z.number(),
  requestId: z.string(),
  remaining: z.number(),
  name: z.string(),
  colour: z.string(),
  inherited: z.string().nullable(),
});

const entry = fileURLToPath(new URL('./handlers.ts', import.meta.url));
let directory = '';
let runtime: LambdaRuntime;
const logs: string[] = [];
const failures: DestinationRecord[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-lambda-'));
  logs.length = 0;
  failures.length = 0;
});
afterEach(async () => {
  await runtime.close();
  expect(runtime.environments()).toBeGreaterThanOrEqual(0);
  rmSync(directory, { recursive: true });
});

function start(definition: Partial<LambdaFunction> = {}, duplicateFraction = 0, fractions: number[] = []): void {
  runtime = createLambdaRuntime({
    functions: [
      {
        name: 'on-beat',
        entry,
        handlerExport: 'handler',
        timeoutSeconds: 10,
        env: { COLOUR: 'blue' },
        reservedConcurrency: null,
        async: defaultAsyncPolicy,
        ...definition,
      },
    ],
    program: environmentProgram,
    region: 'us-east-1',
    account: '123456789012',
    timeFactor: 0.0005,
    duplicateFraction,
    clock: machineClock,
    chance: scriptedChance(fractions),
    onLog: (name, line) => logs.push(`${name}: ${line}`),
    onFailure: (_name, record) => failures.push(record),
  });
}

const countFile = (): string => join(directory, 'invocations');
const counted = (): string[] => readFileSync(countFile(), 'utf8').trim().split('\n');

test('an environment is reused warm, sees only its own variables, and its lines are passed on', async () => {
  start();
  const first = await runtime.invoke('on-beat', {});
  const second = await runtime.invoke('on-beat', {});
  if (first.kind !== 'returned' || second.kind !== 'returned') throw new Error(JSON.stringify([first, second]));
  const one = Answer.parse(first.payload);
  const two = Answer.parse(second.payload);
  expect(two.pid).toBe(one.pid);
  expect([one.seen, two.seen]).toEqual([1, 2]);
  expect(one).toMatchObject({ name: 'on-beat', colour: 'blue', inherited: null, requestId: first.requestId });
  expect(one.remaining).toBeGreaterThan(0);
  expect(one.remaining).toBeLessThanOrEqual(10_000);
  // Lines travel beside the answer, and may come after it.
  await expect.poll(() => logs).toEqual([`on-beat: event 1 in ${one.pid}`, `on-beat: event 2 in ${one.pid}`]);
});

test('events at the same time have an environment each, up to the reserved concurrency', async () => {
  start({ reservedConcurrency: 2 });
  const hold = { holdSeconds: 0.3 };
  const answers = await Promise.all([1, 2, 3].map(() => runtime.invoke('on-beat', hold)));
  expect(answers.map((answer) => answer.kind)).toEqual(['returned', 'returned', 'throttled']);
  expect(runtime.environments('on-beat')).toBe(2);
});

test('functions that are gone take no event, not even one that they were given before', async () => {
  start({ async: { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 } });
  runtime.invokeAsync('on-beat', { forever: true });
  await runtime.close();
  await runtime.settled();
  expect(await runtime.invoke('on-beat', {})).toMatchObject({
    kind: 'failed',
    error: { errorType: 'ResourceNotFoundException' },
  });
  expect(runtime.environments()).toBe(0);
  expect(failures).toEqual([]);
});

test('a function that overruns its time is killed, and the next event starts cold', async () => {
  start({ timeoutSeconds: 0.4 });
  const late = await runtime.invoke('on-beat', { forever: true });
  expect(late).toMatchObject({ kind: 'failed', error: { errorType: 'Sandbox.Timedout' } });
  const next = await runtime.invoke('on-beat', {});
  expect(next).toMatchObject({ kind: 'returned', payload: { seen: 1 } });
});

test('a process that exits in the middle of an event is an error of that event', async () => {
  start();
  const answer = await runtime.invoke('on-beat', { exit: 3 });
  expect(answer).toMatchObject({
    kind: 'failed',
    error: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') },
  });
});

test('a missing handler is an error that names what there is', async () => {
  start({ handlerExport: 'onBeat' });
  const answer = await runtime.invoke('on-beat', {});
  expect(answer).toMatchObject({
    kind: 'failed',
    error: { errorType: 'Runtime.HandlerNotFound', errorMessage: expect.stringContaining('handler, restless') },
  });
});

test('nothing runs in an environment after its answer', async () => {
  start({ handlerExport: 'restless' });
  const file = join(directory, 'ticks');
  await runtime.invoke('on-beat', { file });
  const size = (): number => {
    try {
      return readFileSync(file, 'utf8').length;
    } catch {
      return 0;
    }
  };
  // A stop takes effect at once but not before this line; what was written by then is the most there will ever be.
  await machineClock.sleep(0.05);
  const before = size();
  await machineClock.sleep(0.1);
  expect(size()).toBe(before);
});

test('an asynchronous event is tried three times with the same request id, then goes to the failure destination', async () => {
  start();
  const { requestId } = runtime.invokeAsync('on-beat', { file: countFile(), failures: 99 });
  await runtime.settled();
  expect(counted()).toEqual([requestId, requestId, requestId]);
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatchObject({
    version: '1.0',
    requestContext: {
      requestId,
      functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:on-beat:$LATEST',
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    responseContext: { functionError: 'Unhandled' },
    responsePayload: { errorType: 'TypeError', errorMessage: 'attempt 3 fails' },
  });
});

test('an asynchronous event that succeeds on its second try is not tried again', async () => {
  start();
  runtime.invokeAsync('on-beat', { file: countFile(), failures: 1 });
  await runtime.settled();
  expect(counted()).toHaveLength(2);
  expect(failures).toEqual([]);
});

test('now and then an event is delivered twice although nothing failed', async () => {
  start({}, 0.2, [0.1, 0.9]);
  const twice = runtime.invokeAsync('on-beat', { file: countFile() });
  await runtime.settled();
  const once = runtime.invokeAsync('on-beat', { file: countFile() });
  await runtime.settled();
  expect(counted()).toEqual([twice.requestId, twice.requestId, once.requestId]);
});

test('throttled events wait and are not counted as tries; too old ones are given up', async () => {
  start({ reservedConcurrency: 0, async: { maximumRetryAttempts: 2, maximumEventAgeSeconds: 60 } });
  runtime.invokeAsync('on-beat', {});
  await runtime.settled();
  expect(failures).toMatchObject([{ requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 } }]);
});

test('closing gives up what is under way and leaves no process', async () => {
  start();
  const under = runtime.invoke('on-beat', { forever: true });
  await expect.poll(() => logs.length).toBe(1);
  const pid = Number(logs[0]?.split(' ').at(-1));
  await runtime.close();
  expect(await under).toMatchObject({ kind: 'failed', error: { errorType: 'Runtime.ExitError' } });
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
