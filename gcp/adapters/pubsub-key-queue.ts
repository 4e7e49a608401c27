// A queue of keys over a Pub/Sub topic and its pull subscription, over REST: the client library would double a function's cold start.
// https://cloud.google.com/pubsub/docs/reference/rest
import type { AuthClient } from 'google-auth-library';
import * as z from 'zod';
import { type KeyWaiting, readKeyMessage, writeKeyMessage } from '../../shared/model/key-message.ts';
import { subscriptionOf } from '../../shared/model/object-queues.ts';
import { type KeyQueue, type QueuedKey, QueueUnavailable } from '../../shared/ports/key-queue.ts';
import { callGoogle, GoogleCallFailed } from './google-call.ts';

export type PubSubKeyQueueOptions = {
  authClient: Pick<AuthClient, 'request'>;
  /** Without a final slash. */
  baseUrl: string;
  /** Cloud Monitoring's: only there the number of waiting messages is told. */
  monitoringUrl: string;
  /** `projects/p/topics/t`; what is pulled is `projects/p/subscriptions/t`. */
  topic: string;
  timeoutSeconds: number;
  now: () => Date;
};

const pushedAtOnce = 500;
const pulledAtOnce = 1000;
/** Asked not to wait, the service now and then answers with nothing while messages wait: so many such answers are believed. */
const emptyAnswers = 3;
/** The service holds nothing longer: whoever takes a batch must have ended with it by then. */
const longestHoldSeconds = 600;

/**
 * What is no key of ours is left where it is: the subscription's dead-letter policy takes it away. The identity needs
 * roles/pubsub.publisher on the topic, roles/pubsub.subscriber on the subscription, roles/monitoring.viewer for the depth.
 */
export function createPubSubKeyQueue(options: PubSubKeyQueueOptions): KeyQueue {
  return {
    name: options.topic,
    push: (keys, { delaySeconds }) => push(options, keys, delaySeconds),
    async take(limit, holdSeconds) {
      const heldSeconds = Math.min(Math.ceil(holdSeconds), longestHoldSeconds);
      const taken = await take(options, limit, heldSeconds);
      return { keys: taken.map(({ waiting }) => keyOf(waiting)), heldSeconds, done: () => acknowledge(options, taken) };
    },
    depth: () => depth(options),
  };
}

type Taken = { ackId: string; waiting: KeyWaiting };

function keyOf({ dueMillis: _due, ...key }: KeyWaiting): QueuedKey {
  return key;
}

async function push(options: PubSubKeyQueueOptions, keys: readonly QueuedKey[], delaySeconds: number): Promise<void> {
  const dueMillis = options.now().getTime() + delaySeconds * 1000;
  for (let first = 0; first < keys.length; first += pushedAtOnce) {
    const messages = keys.slice(first, first + pushedAtOnce).map((key) => ({
      data: Buffer.from(writeKeyMessage({ ...key, dueMillis })).toString('base64'),
    }));
    const url = `${options.baseUrl}/v1/${options.topic}:publish`;
    await call(options, `queueing ${messages.length} keys`, { method: 'POST', url, data: { messages } });
  }
}

const Pulled = z.object({
  receivedMessages: z
    .array(z.object({ ackId: z.string(), message: z.object({ data: z.string().default('') }) }))
    .default([]),
});

/** Keys that are not due yet are put off until they are, or for as long as the service puts a message off. */
async function take(options: PubSubKeyQueueOptions, limit: number, holdSeconds: number): Promise<Taken[]> {
  const taken: Taken[] = [];
  let empty = 0;
  while (taken.length < limit) {
    const url = `${options.baseUrl}/v1/${subscriptionOf(options.topic)}:pull`;
    // It would wait for a message for as long as a minute otherwise: a tick comes back by itself.
    const data = { maxMessages: Math.min(pulledAtOnce, limit - taken.length), returnImmediately: true };
    const pulled = await call(options, 'taking keys', { method: 'POST', url, data }).catch((error: unknown) => {
      if (taken.length > 0) return null;
      throw error;
    });
    if (pulled === null) return taken;
    const { receivedMessages } = Pulled.parse(pulled);
    const read = receivedMessages.flatMap(({ ackId, message }) => {
      const waiting = readKeyMessage(Buffer.from(message.data, 'base64').toString('utf8'));
      return waiting === null ? [] : [{ ackId, waiting }];
    });
    empty = receivedMessages.length === 0 ? empty + 1 : 0;
    if (empty === emptyAnswers) return taken;
    const nowMillis = options.now().getTime();
    const due = read.filter(({ waiting }) => waiting.dueMillis <= nowMillis);
    await hold(options, due, holdSeconds);
    for (const early of read.filter((each) => !due.includes(each))) {
      const seconds = Math.ceil((early.waiting.dueMillis - nowMillis) / 1000);
      await hold(options, [early], Math.min(seconds, longestHoldSeconds));
    }
    taken.push(...due);
  }
  return taken;
}

async function hold(options: PubSubKeyQueueOptions, taken: readonly Taken[], seconds: number): Promise<void> {
  if (taken.length === 0) return;
  await call(options, `holding ${taken.length} keys`, {
    method: 'POST',
    url: `${options.baseUrl}/v1/${subscriptionOf(options.topic)}:modifyAckDeadline`,
    data: { ackIds: taken.map(({ ackId }) => ackId), ackDeadlineSeconds: seconds },
  });
}

async function acknowledge(options: PubSubKeyQueueOptions, taken: readonly Taken[]): Promise<void> {
  for (let first = 0; first < taken.length; first += pulledAtOnce) {
    const ackIds = taken.slice(first, first + pulledAtOnce).map(({ ackId }) => ackId);
    const url = `${options.baseUrl}/v1/${subscriptionOf(options.topic)}:acknowledge`;
    await call(options, `forgetting ${ackIds.length} keys`, { method: 'POST', url, data: { ackIds } });
  }
}

const Series = z.object({
  timeSeries: z
    .array(z.object({ points: z.array(z.object({ value: z.object({ int64Value: z.coerce.number() }) })) }))
    .default([]),
});

/** Sampled once a minute, and told some minutes late. No sample: nothing was ever queued. */
async function depth(options: PubSubKeyQueueOptions): Promise<number> {
  const [, project = '', , subscription = ''] = subscriptionOf(options.topic).split('/');
  const end = options.now().getTime();
  const query = new URLSearchParams({
    filter: `metric.type="pubsub.googleapis.com/subscription/num_undelivered_messages" AND resource.labels.subscription_id="${subscription}"`,
    'interval.startTime': new Date(end - 10 * 60_000).toISOString(),
    'interval.endTime': new Date(end).toISOString(),
  });
  const url = `${options.monitoringUrl}/v3/projects/${project}/timeSeries?${query.toString()}`;
  const { timeSeries } = Series.parse(await call(options, 'asking for the depth', { method: 'GET', url }));
  return timeSeries[0]?.points[0]?.value.int64Value ?? 0;
}

type Request = { method: 'GET' | 'POST'; url: string; data?: object };

async function call(options: PubSubKeyQueueOptions, tried: string, request: Request): Promise<unknown> {
  const { authClient, topic, timeoutSeconds } = options;
  try {
    const answer = await callGoogle(`${tried} at ${topic}`, timeoutSeconds, () =>
      authClient.request({ ...request, timeout: timeoutSeconds * 1000, retry: false }),
    );
    return answer.data;
  } catch (cause) {
    if (!(cause instanceof GoogleCallFailed)) throw cause;
    const way = cause.final
      ? ": check that the topic and its subscription exist, and the identity's roles on them"
      : '';
    throw new QueueUnavailable(`${cause.message}${way}`, { cause });
  }
}
