// Lambda, locally: functions in execution environments, invoked and waited for, or delivered to with Lambda's asynchronous rules.

import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { createClosing } from '../closing.ts';
import { type AsyncPolicy, type DestinationRecord, deliverAsync } from './async-delivery.ts';
import { type ExecutionEnvironment, startEnvironment } from './execution-environment.ts';
import type { FunctionError, LambdaAnswer } from './lambda-protocol.ts';

export type LambdaFunction = {
  name: string;
  /** A file that exports the handler: a bundle, or TypeScript. */
  entry: string;
  handlerExport: string;
  timeoutSeconds: number;
  /** The function's whole environment, beside what Lambda itself sets. */
  env: Record<string, string>;
  /** How many environments may be at work at once; null: as many as are needed. */
  reservedConcurrency: number | null;
  async: AsyncPolicy;
};

export type LambdaRuntime = {
  /** Waits for the function's answer (RequestResponse). */
  invoke(name: string, event: unknown): Promise<LambdaAnswer>;
  /** Takes the event and answers at once (Event): it is then delivered at least once, with retries. */
  invokeAsync(name: string, event: unknown): { requestId: string };
  /** Resolves when every event taken so far was handled or given up. */
  settled(): Promise<void>;
  /** Environments that exist now, of one function or of all. */
  environments(name?: string): number;
  /** Pauses every environment where it stands, those that are started from now on among them, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL for every environment: what it was doing is a failed invocation, and the next event starts a cold one. */
  kill(): Promise<void>;
  /** The functions are gone: ends all environments and gives up what is under way; what is invoked from now on is not found. */
  close(): Promise<void>;
};

export type LambdaRuntimeOptions = {
  functions: LambdaFunction[];
  /** What an environment's process runs: `environmentProgram`, or a bundle of it, which starts faster. */
  program: string;
  region: string;
  account: string;
  /** Waiting times between retries are multiplied by this. */
  timeFactor: number;
  /** Share of asynchronous events that are delivered a second time although nothing failed. */
  duplicateFraction: number;
  clock: Clock;
  chance: Chance;
  onLog(functionName: string, line: string): void;
  /** Where events go that were given up, in the form of an on-failure destination. */
  onFailure(functionName: string, record: DestinationRecord): void;
};

/** What Lambda does when a function is configured with nothing: two retries, six hours. */
export const defaultAsyncPolicy: AsyncPolicy = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

type Pool = { definition: LambdaFunction; idle: ExecutionEnvironment[]; busy: Set<ExecutionEnvironment> };

/** Throws on the use of a function that it was not given. */
export function createLambdaRuntime(options: LambdaRuntimeOptions): LambdaRuntime {
  const pools = new Map(options.functions.map((definition) => [definition.name, newPool(definition)]));
  const closing = createClosing();
  const deliveries = new Set<Promise<void>>();
  let frozen = false;
  const everyEnvironment = () => [...pools.values()].flatMap((pool) => [...pool.idle, ...pool.busy]);
  const run = async (name: string, event: unknown, requestId: string): Promise<LambdaAnswer> => {
    const pool = poolOf(pools, name);
    if (closing.signal.aborted) return { kind: 'failed', requestId, error: notFound(arnOf(name, options)) };
    const environment = takeEnvironment(pool, options);
    if (environment === null) return { kind: 'throttled', requestId };
    if (frozen) environment.freeze();
    try {
      const result = await environment.invoke({
        kind: 'invoke',
        requestId,
        functionName: name,
        functionArn: arnOf(name, options),
        timeoutSeconds: pool.definition.timeoutSeconds,
        event,
      });
      return { ...result, requestId };
    } finally {
      pool.busy.delete(environment);
      if (environment.usable() && !closing.signal.aborted) pool.idle.push(environment);
      else await environment.end();
    }
  };
  const deliver = (name: string, event: unknown, requestId: string): void => {
    const delivery = deliverAsync({
      invoke: () => run(name, event, requestId),
      event,
      requestId,
      functionArn: arnOf(name, options),
      policy: poolOf(pools, name).definition.async,
      timeFactor: options.timeFactor,
      clock: options.clock,
      signal: closing.signal,
      onFailure: (record) => options.onFailure(name, record),
    }).finally(() => deliveries.delete(delivery));
    deliveries.add(delivery);
  };
  return {
    invoke: (name, event) => run(name, event, options.chance.id()),
    invokeAsync: (name, event) => {
      const requestId = options.chance.id();
      deliver(name, event, requestId);
      if (options.chance.fraction() < options.duplicateFraction) deliver(name, event, requestId);
      return { requestId };
    },
    settled: async () => {
      while (deliveries.size > 0) await Promise.all(deliveries);
    },
    environments: (name) =>
      [...pools.values()]
        .filter((pool) => name === undefined || pool.definition.name === name)
        .reduce((sum, pool) => sum + pool.idle.length + pool.busy.size, 0),
    freeze: () => {
      frozen = true;
      for (const one of everyEnvironment()) one.freeze();
    },
    thaw: () => {
      frozen = false;
      for (const one of everyEnvironment()) one.thaw();
    },
    kill: async () => {
      await Promise.all(everyEnvironment().map((one) => one.end()));
    },
    close: async () => {
      closing.abort();
      await Promise.all(everyEnvironment().map((one) => one.end()));
      await Promise.all(deliveries);
    },
  };
}

function newPool(definition: LambdaFunction): Pool {
  return { definition, idle: [], busy: new Set() };
}

function poolOf(pools: ReadonlyMap<string, Pool>, name: string): Pool {
  const pool = pools.get(name);
  if (!pool) throw new Error(`no Lambda function "${name}"; there are ${[...pools.keys()].join(', ')}`);
  return pool;
}

/** A warm environment, or a cold one; null when the reserved concurrency is used up. */
function takeEnvironment(pool: Pool, options: LambdaRuntimeOptions): ExecutionEnvironment | null {
  const { definition } = pool;
  if (definition.reservedConcurrency !== null && pool.busy.size >= definition.reservedConcurrency) return null;
  let environment = pool.idle.pop();
  while (environment && !environment.usable()) environment = pool.idle.pop();
  environment ??= startEnvironment({
    program: options.program,
    functionName: definition.name,
    entry: definition.entry,
    handlerExport: definition.handlerExport,
    env: {
      AWS_REGION: options.region,
      AWS_LAMBDA_FUNCTION_NAME: definition.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x',
      _HANDLER: definition.handlerExport,
      TZ: ':UTC',
      ...definition.env,
    },
    clock: options.clock,
    onLog: (line) => options.onLog(definition.name, line),
  });
  pool.busy.add(environment);
  return environment;
}

function notFound(functionArn: string): FunctionError {
  return { errorType: 'ResourceNotFoundException', errorMessage: `Function not found: ${functionArn}`, trace: [] };
}

function arnOf(name: string, options: LambdaRuntimeOptions): string {
  return `arn:aws:lambda:${options.region}:${options.account}:function:${name}`;
}
