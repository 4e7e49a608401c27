// Objects at Google Cloud: the bucket's events through Eventarc, the queues of the replication, and the functions that work on them.
import { join } from 'node:path';
import { loadStrategy } from '../../../shared/config.ts';
import { systemChance as chance, systemClock as clock } from '../../../shared/engine/system.ts';
import { objectQueue, objectQueues, subscriptionOf } from '../../../shared/model/object-queues.ts';
import { createFunctionsRuntime } from '../runtimes/functions-runtime.ts';
import type { CloudEventRequest } from '../runtimes/pubsub-push.ts';
import { startSchedule } from '../runtimes/schedule.ts';
import { createEventPost } from '../standins/event-post.ts';
import type { GcsChange } from '../standins/gcs-bucket.ts';
import { notifyFunction } from '../standins/gcs-events.ts';
import { createPubSubSubscription, type PubSubSubscription } from '../standins/pubsub-subscription.ts';
import type { Hands } from './hands.ts';
import { objectPair, type WorldPlan } from './plan.ts';
import { report } from './report-line.ts';

export type GcpObjects = {
  /** What the Cloud Storage stand-in tells of changes to. */
  onChange: (change: GcsChange) => void;
  subscriptions: readonly PubSubSubscription[];
  startFunctions(env: Record<string, string>): NonNullable<Hands['objects']>;
};

const functionSeconds = 60;
/** Eventarc's subscriptions wait from 10 s to 600 s; a drill is short. */
const retryTimeFactor = 0.2;

export function createGcpObjects(plan: WorldPlan, how: NonNullable<WorldPlan['objects']>): GcpObjects {
  const { objects } = loadStrategy(join(plan.dir, 'strategy-gcp.yaml'));
  if (!objects) throw new Error("the local world's strategy replicates no objects");
  const subscriptions = objectQueues(objects, 'gcp').flatMap((queue) => {
    const topic = objectQueue(objects, 'gcp', queue);
    if (topic === null) return [];
    return [createPubSubSubscription({ name: subscriptionOf(topic), topic, ackDeadlineSeconds: 10, clock, chance })];
  });
  const post = createEventPost({
    faults: how,
    clock,
    chance,
    onLost: (letter) => report({ kind: 'lost-event', ...letter }),
  });
  let push = (_event: CloudEventRequest): void => undefined;
  return {
    onChange: notifyFunction({ bucket: objectPair.gcp, post, deliver: (event) => push(event) }),
    subscriptions,
    startFunctions(env) {
      const functions = startFunctions(plan, env, how.tickSeconds);
      push = (event) => functions.pushEvent('on-object', event);
      return { kill: functions.kill };
    },
  };
}

function startFunctions(plan: WorldPlan, env: Record<string, string>, tickSeconds: number) {
  const define = (name: string, target: string, signature: 'http' | 'cloudevent', maximumInstances: number) => ({
    name,
    source: plan.bundles[`gcp-${name}`] ?? '',
    target,
    signature,
    timeoutSeconds: functionSeconds,
    env: { ...env, CAUSEWAY_FUNCTION_TIMEOUT_SECONDS: String(functionSeconds) },
    concurrency: 20,
    maximumInstances,
    retry: true,
    maximumDeliveryAttempts: null,
  });
  const functions = createFunctionsRuntime({
    functions: [
      define('on-object', 'onObject', 'cloudevent', 3),
      define('on-objects-tick', 'onObjectsTick', 'http', 2),
    ],
    project: 'gopro-prod',
    timeFactor: plan.timeFactor * retryTimeFactor,
    duplicateFraction: 0.1,
    clock,
    chance,
    onLog: (name, line) => report({ kind: 'log', from: `gcp ${name}`, line }),
    onDropped: (name, _event, because) =>
      report({ kind: 'trouble', because: `function ${name} dropped an event: ${because}` }),
  });
  startSchedule({
    everySeconds: tickSeconds,
    jitterSeconds: tickSeconds / 4,
    skipFraction: 0.05,
    fire: async () => {
      await functions.call('on-objects-tick', { method: 'POST', path: '/', headers: {}, body: null });
    },
    onTrouble: (error) => report({ kind: 'trouble', because: `schedule of objects: ${String(error)}` }),
    clock,
    chance,
  });
  return functions;
}
