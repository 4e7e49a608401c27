// Objects at AWS: the bucket's notifications in a queue, the queues of the replication, and the functions that work on them.
import { join } from 'node:path';
import { loadStrategy } from '../../../shared/config.ts';
import { systemChance as chance, systemClock as clock } from '../../../shared/engine/system.ts';
import { objectQueues } from '../../../shared/model/object-queues.ts';
import { scheduledEvent } from '../runtimes/aws-envelopes.ts';
import { createLambdaRuntime, defaultAsyncPolicy } from '../runtimes/lambda-runtime.ts';
import { startQueuePolling } from '../runtimes/queue-polling.ts';
import { startSchedule } from '../runtimes/schedule.ts';
import { createEventPost } from '../standins/event-post.ts';
import type { S3Change } from '../standins/s3-bucket.ts';
import { notifyQueue } from '../standins/s3-events.ts';
import { startSqsStandin } from '../standins/sqs.ts';
import { createSqsQueue, type SqsQueue } from '../standins/sqs-queue.ts';
import type { Hands } from './hands.ts';
import { apiHost, objectPair, ports, queueBase, type WorldPlan } from './plan.ts';
import { report } from './report-line.ts';

export type AwsObjects = {
  /** What the S3 stand-in tells of changes to. */
  onChange: (change: S3Change) => void;
  startFunctions(env: Record<string, string>): NonNullable<Hands['objects']>;
};

const region = 'us-east-1';
const { account, name: base } = queueBase;
/** As deployed: a message that is not answered for comes again after it. Six times the function's time would be right, and long for a drill. */
const visibilitySeconds = 30;
const functionSeconds = 60;

/** Starts the queues' API. */
export async function startAwsObjects(plan: WorldPlan, how: NonNullable<WorldPlan['objects']>): Promise<AwsObjects> {
  const { objects } = loadStrategy(join(plan.dir, 'strategy-aws.yaml'));
  if (!objects) throw new Error("the local world's strategy replicates no objects");
  const host = apiHost(plan.net, 'aws');
  const queueNamed = (name: string) =>
    createSqsQueue({
      name: `${base}-${name}`,
      region,
      account,
      visibilitySeconds,
      redrive: null,
      doubleFraction: how.doubleFraction / 4,
      clock,
      chance,
    });
  const events = queueNamed('events');
  const queues = objectQueues(objects, 'aws').flatMap((queue) => {
    if (queue.kind === 'events') return [events];
    return [queueNamed(queue.kind === 'window' ? `${queue.pair}-${queue.tier}` : queue.kind)];
  });
  await startSqsStandin({ host, port: ports.queues, queues, faults: () => null });
  const post = createEventPost({
    faults: how,
    clock,
    chance,
    onLost: (letter) => report({ kind: 'lost-event', ...letter }),
  });
  return {
    onChange: notifyQueue({ bucket: objectPair.aws, queue: events, shape: 'notification', post, clock, chance }),
    startFunctions: (env) => startFunctions(plan, events, env, how.tickSeconds),
  };
}

function startFunctions(plan: WorldPlan, events: SqsQueue, env: Record<string, string>, tickSeconds: number) {
  const define = (name: string) => ({
    name,
    entry: plan.bundles[`aws-${name}`] ?? '',
    handlerExport: 'handler',
    timeoutSeconds: functionSeconds,
    env,
    reservedConcurrency: null,
    async: defaultAsyncPolicy,
  });
  const lambda = createLambdaRuntime({
    functions: [define('on-object'), define('on-objects-tick')],
    program: plan.lambdaProgram,
    region,
    account,
    timeFactor: plan.timeFactor,
    duplicateFraction: 0.1,
    clock,
    chance,
    onLog: (name, line) => report({ kind: 'log', from: `aws ${name}`, line }),
    onFailure: (name, record) =>
      report({ kind: 'trouble', because: `lambda ${name} gave up: ${JSON.stringify(record).slice(0, 300)}` }),
  });
  startQueuePolling({
    queue: events,
    invoke: (event) => lambda.invoke('on-object', event),
    batchSize: 50,
    windowSeconds: 0.2,
    maximumConcurrency: 3,
    reportsItemFailures: true,
    clock,
    onTrouble: (because) => report({ kind: 'trouble', because: `on-object: ${because}` }),
  });
  startSchedule({
    everySeconds: tickSeconds,
    jitterSeconds: tickSeconds / 4,
    skipFraction: 0.05,
    fire: async () => {
      lambda.invokeAsync(
        'on-objects-tick',
        scheduledEvent({ name: 'causeway-objects', account, region }, { clock, chance }),
      );
    },
    onTrouble: (error) => report({ kind: 'trouble', because: `schedule of objects: ${String(error)}` }),
    clock,
    chance,
  });
  return { kill: lambda.kill };
}
