// Both sides of a replication over stand-ins: buckets, events, queues, and the deployed functions' own wiring, in one process.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAws } from '../../../aws/adapters/open-aws.ts';
import { answerBatch, hearBatch } from '../../../aws/events/object-batch.ts';
import { wireObjects as wireAws } from '../../../aws/wiring-objects.ts';
import { openGoogle } from '../../../gcp/adapters/open-google.ts';
import { hearStorageEvent } from '../../../gcp/events/storage-object.ts';
import { wireObjects as wireGcp } from '../../../gcp/wiring-objects.ts';
import { startQueuePolling } from '../../../infra/local/runtimes/queue-polling.ts';
import { createEventPost, reliable } from '../../../infra/local/standins/event-post.ts';
import { startGcsStandin } from '../../../infra/local/standins/gcs.ts';
import { notifyFunction } from '../../../infra/local/standins/gcs-events.ts';
import { startPubSubStandin } from '../../../infra/local/standins/pubsub.ts';
import { createPubSubSubscription } from '../../../infra/local/standins/pubsub-subscription.ts';
import { startS3Standin } from '../../../infra/local/standins/s3.ts';
import { notifyQueue } from '../../../infra/local/standins/s3-events.ts';
import { startSqsStandin } from '../../../infra/local/standins/sqs.ts';
import { createSqsQueue, type SqsQueue } from '../../../infra/local/standins/sqs-queue.ts';
import { parseConfig } from '../../../shared/config.ts';
import { systemChance as chance, systemClock as clock } from '../../../shared/engine/system.ts';
import { overrideStrategy } from '../../../shared/strategy/override.ts';

/** The functions' wiring takes the SDK's own chain, as a role's credentials are taken. */
const role = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
const host = '127.0.0.1';
const account = '123456789012';
const region = 'us-east-1';
const tiers = ['user_uploads', 'logs', 'backups', 'other'];
const invocationSeconds = 30;
const example = new URL('../../../infra/local/strategy.yaml', import.meta.url);

export async function startObjectEstate() {
  const dir = mkdtempSync(join(tmpdir(), 'causeway-objects-'));
  const queues = new Map<string, SqsQueue>(
    ['events', 'again', 'dead', ...tiers.map((tier) => `assets-${tier}`)].map((name) => [
      name,
      createSqsQueue({
        name: `gopro-objects-${name}`,
        region,
        account,
        visibilitySeconds: 5,
        redrive: null,
        doubleFraction: 0,
        clock,
        chance,
      }),
    ]),
  );
  const topic = (name: string) => `projects/gopro-prod/topics/gopro-objects-${name}`;
  const subscriptions = ['again', 'dead', ...tiers.map((tier) => `assets-${tier}`)].map((name) =>
    createPubSubSubscription({
      name: topic(name).replace('/topics/', '/subscriptions/'),
      topic: topic(name),
      ackDeadlineSeconds: 10,
      clock,
      chance,
    }),
  );
  const post = createEventPost({ faults: reliable, clock, chance });
  const events = queues.get('events')!;
  const underWay = new Set<Promise<void>>();
  const s3 = await startS3Standin({
    host,
    port: 0,
    buckets: [{ name: 'gopro-assets', versioned: true }, { name: 'gopro-register-aws' }],
    onChange: notifyQueue({ bucket: 'gopro-assets', queue: events, shape: 'notification', post, clock, chance }),
  });
  const gcs = await startGcsStandin({
    host,
    port: 0,
    buckets: [{ name: 'gopro-assets-gcp', versioned: true }, { name: 'gopro-register-gcp' }],
    onChange: notifyFunction({
      bucket: 'gopro-assets-gcp',
      post,
      deliver: ({ headers, body }) => {
        const delivery = { heard: [hearStorageEvent({ headers, body })], firstMillis: null, redelivered: false };
        const handled = gcp.objects.takeIn([delivery], invocationSeconds).then((failed) => {
          for (const { because } of failed) troubles.push(because);
        });
        underWay.add(handled);
        void handled.finally(() => underWay.delete(handled));
      },
    }),
  });
  const sqs = await startSqsStandin({ host, port: 0, queues: [...queues.values()], faults: () => null });
  const pubsub = await startPubSubStandin({
    host,
    port: 0,
    topics: subscriptions.map((one) => one.topic),
    subscriptions,
    onMessage: () => undefined,
    now: clock.now,
    faults: () => null,
  });
  const strategyFile = join(dir, 'strategy.yaml');
  writeFileSync(
    strategyFile,
    overrideStrategy(readFileSync(example, 'utf8'), [
      { path: ['objects', 'queues', 'aws'], value: `${sqs.url}/${account}/gopro-objects` },
    ]),
  );
  const config = (site: string) =>
    parseConfig({
      CAUSEWAY_STRATEGY: strategyFile,
      CAUSEWAY_SITE: site,
      CAUSEWAY_ENDPOINT_S3: s3.url,
      CAUSEWAY_ENDPOINT_STORAGE: gcs.url,
      CAUSEWAY_ENDPOINT_PUBSUB: pubsub.url,
      CAUSEWAY_GOOGLE_ACCESS_TOKEN: 'local',
      GOOGLE_CLOUD_PROJECT: 'gopro-prod',
    });
  const troubles: string[] = [];
  Object.assign(process.env, role);
  const aws = wireAws(config('aws'));
  const gcp = wireGcp(config('gcp'));
  const polling = startQueuePolling({
    queue: events,
    invoke: async (event) => {
      const messages = hearBatch(event);
      const failed = await aws.objects.takeIn(messages, invocationSeconds);
      for (const { because } of failed) troubles.push(because);
      await aws.handBack(failed);
      return { kind: 'returned', requestId: '1', payload: answerBatch(failed) };
    },
    batchSize: 10,
    windowSeconds: 0,
    maximumConcurrency: 2,
    reportsItemFailures: true,
    clock,
    onTrouble: (because) => troubles.push(because),
  });
  const open = { credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, witnessCredentials: null };
  const say = () => undefined;
  const left = await openAws({ ...open, s3Endpoint: s3.url, route53Endpoint: null, say, now: clock.now }).objectBucket(
    { region },
    'gopro-assets',
  );
  const right = await openGoogle({ ...config('gcp').google, say, now: clock.now }).objectBucket(
    { region },
    'gopro-assets-gcp',
  );
  return {
    left,
    right,
    aws: aws.objects,
    gcp: gcp.objects,
    queues,
    troubles,
    async close() {
      await polling.close();
      await post.close();
      await Promise.all(underWay);
      await Promise.all([s3, gcs, sqs, pubsub].map((one) => one.close()));
      for (const name of Object.keys(role)) delete process.env[name];
      rmSync(dir, { recursive: true });
    },
  };
}
