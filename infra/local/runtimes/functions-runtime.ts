// Cloud Run functions, locally: the real functions-framework behind their delivery rules (at least once, retry when it is on).

import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { createClosing } from '../closing.ts';
import { type FunctionInstance, type FunctionRequest, startInstance } from './function-instance.ts';
import { type CloudEventRequest, type PubsubMessage, pubsubCloudEvent } from './pubsub-push.ts';

export type CloudFunction = {
  name: string;
  source: string;
  target: string;
  signature: 'http' | 'cloudevent';
  timeoutSeconds: number;
  env: Record<string, string>;
  /** Requests that one instance works on at once; more start another instance. */
  concurrency: number;
  maximumInstances: number;
  /** Whether failed events are sent again. The service's default is off. */
  retry: boolean;
  /** After how many failed deliveries the subscription hands an event to its dead-letter topic; null: it has none. */
  maximumDeliveryAttempts: number | null;
};

type FunctionAnswer =
  | { kind: 'answered'; status: number; body: string }
  /** No whole answer within the time: the function may have done its work. */
  | { kind: 'unknown'; because: string };

export type FunctionsRuntime = {
  /** One HTTP request, waited for. 429 when every instance is busy and no more may start. */
  call(name: string, request: FunctionRequest): Promise<FunctionAnswer>;
  /** Pushes a message and returns at once; it is delivered at least once, and again after failures where retry is on. */
  push(name: string, message: PubsubMessage, topic: string): void;
  /** The same for an event that Eventarc brings as it is, such as those of Cloud Storage. */
  pushEvent(name: string, event: CloudEventRequest): void;
  /** Starts an instance ahead of the first request, as `min-instances` does. */
  warm(name: string): Promise<void>;
  settled(): Promise<void>;
  instances(name?: string): number;
  /** Pauses every instance where it stands, those that are started from now on among them, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL for every instance: what it was doing is a request without an answer, and the next one starts a cold instance. */
  kill(): Promise<void>;
  close(): Promise<void>;
};

export type FunctionsRuntimeOptions = {
  functions: CloudFunction[];
  project: string;
  /** Waiting times between deliveries are multiplied by this. */
  timeFactor: number;
  /** Share of messages that are delivered a second time although nothing failed. */
  duplicateFraction: number;
  clock: Clock;
  chance: Chance;
  onLog(functionName: string, line: string): void;
  /** Told when an event is given up: retry is off, a day has passed, or its attempts are used up. What a dead-letter topic would get. */
  onDropped(functionName: string, event: CloudEventRequest, because: string): void;
};

type Slot = { instance: FunctionInstance; inFlight: number };
type Pool = { definition: CloudFunction; slots: Slot[]; starting: Promise<Slot>[] };

const firstBackOffSeconds = 10;
const longestBackOffSeconds = 600;
const retryWindowSeconds = 86_400;

/** Throws on the use of a function that it was not given. */
export function createFunctionsRuntime(options: FunctionsRuntimeOptions): FunctionsRuntime {
  const pools = new Map(options.functions.map((definition) => [definition.name, newPool(definition)]));
  const closing = createClosing();
  const deliveries = new Set<Promise<void>>();
  let frozen = false;
  const everyInstance = () => [...pools.values()].flatMap((pool) => pool.slots).map((slot) => slot.instance);
  const call = async (name: string, request: FunctionRequest): Promise<FunctionAnswer> => {
    const pool = poolOf(pools, name);
    if (closing.signal.aborted) return { kind: 'answered', status: 404, body: 'Page not found' };
    const slot = await takeSlot(pool, options);
    if (slot === null) return { kind: 'answered', status: 429, body: 'Rate exceeded.' };
    if (frozen) slot.instance.freeze();
    try {
      const reply = await slot.instance.call(request, pool.definition.timeoutSeconds, closing.signal);
      if (reply.kind === 'answered') return { kind: 'answered', status: reply.status, body: reply.body };
      return { kind: 'unknown', because: reply.because };
    } finally {
      slot.inFlight -= 1;
      if (!slot.instance.usable()) pool.slots = pool.slots.filter((other) => other !== slot);
    }
  };
  const deliver = async (name: string, event: CloudEventRequest): Promise<void> => {
    const { definition } = poolOf(pools, name);
    let attempts = 0;
    const takenSeconds = options.clock.elapsedSeconds();
    for (
      let backOffSeconds = firstBackOffSeconds;
      ;
      backOffSeconds = Math.min(backOffSeconds * 2, longestBackOffSeconds)
    ) {
      const answer = await call(name, { method: 'POST', path: '/', ...event });
      if (closing.signal.aborted || (answer.kind === 'answered' && answer.status < 300)) return;
      const because =
        answer.kind === 'answered' ? `status ${answer.status}: ${answer.body.slice(0, 300)}` : answer.because;
      attempts += 1;
      const ageSeconds = (options.clock.elapsedSeconds() - takenSeconds) / options.timeFactor;
      const isUsedUp = attempts >= (definition.maximumDeliveryAttempts ?? Number.POSITIVE_INFINITY);
      if (!definition.retry || isUsedUp || ageSeconds > retryWindowSeconds) {
        options.onDropped(name, event, because);
        return;
      }
      await options.clock.sleep(backOffSeconds * options.timeFactor, closing.signal);
      if (closing.signal.aborted) return;
    }
  };
  const take = (name: string, event: CloudEventRequest): void => {
    const delivery = deliver(name, event)
      .catch((error: unknown) => {
        if (!closing.signal.aborted) options.onDropped(name, event, String(error));
      })
      .finally(() => deliveries.delete(delivery));
    deliveries.add(delivery);
  };
  const pushEvent = (name: string, event: CloudEventRequest): void => {
    poolOf(pools, name);
    take(name, event);
    if (options.chance.fraction() < options.duplicateFraction) take(name, event);
  };
  return {
    call,
    push: (name, message, topic) =>
      pushEvent(name, pubsubCloudEvent(message, topic, `projects/${options.project}/subscriptions/eventarc-${name}`)),
    pushEvent,
    warm: async (name) => {
      const slot = await takeSlot(poolOf(pools, name), options);
      if (slot) slot.inFlight -= 1;
    },
    settled: async () => {
      while (deliveries.size > 0) await Promise.all(deliveries);
    },
    instances: (name) =>
      [...pools.values()]
        .filter((pool) => name === undefined || pool.definition.name === name)
        .reduce((sum, pool) => sum + pool.slots.length, 0),
    freeze: () => {
      frozen = true;
      for (const one of everyInstance()) one.freeze();
    },
    thaw: () => {
      frozen = false;
      for (const one of everyInstance()) one.thaw();
    },
    kill: async () => {
      await Promise.all(everyInstance().map((one) => one.end()));
    },
    close: async () => {
      closing.abort();
      // An instance that is still starting has to be waited for, or it would be left behind.
      const all = [...pools.values()];
      await Promise.allSettled(all.flatMap((pool) => pool.starting));
      await Promise.all(everyInstance().map((one) => one.end()));
      await Promise.all(deliveries);
    },
  };
}

function newPool(definition: CloudFunction): Pool {
  return { definition, slots: [], starting: [] };
}

function poolOf(pools: ReadonlyMap<string, Pool>, name: string): Pool {
  const pool = pools.get(name);
  if (!pool) throw new Error(`no Cloud Function "${name}"; there are ${[...pools.keys()].join(', ')}`);
  return pool;
}

/** A slot with room, already counted as taken; null when there is none and no instance may be added. */
async function takeSlot(pool: Pool, options: FunctionsRuntimeOptions): Promise<Slot | null> {
  const { definition } = pool;
  pool.slots = pool.slots.filter((slot) => slot.instance.usable());
  const free = pool.slots.find((slot) => slot.inFlight < definition.concurrency);
  if (free) {
    free.inFlight += 1;
    return free;
  }
  if (pool.slots.length + pool.starting.length >= definition.maximumInstances) return null;
  const starting = startInstance({
    name: definition.name,
    source: definition.source,
    target: definition.target,
    signature: definition.signature,
    env: definition.env,
    onLog: (line) => options.onLog(definition.name, line),
  }).then((instance) => {
    const slot: Slot = { instance, inFlight: 1 };
    pool.slots.push(slot);
    return slot;
  });
  pool.starting.push(starting);
  try {
    return await starting;
  } finally {
    pool.starting = pool.starting.filter((other) => other !== starting);
  }
}
