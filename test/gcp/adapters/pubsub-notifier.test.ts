// Pub/Sub over its stand-in: the contract, and what its readers find in a message.
import { PassThroughClient } from 'google-auth-library';
import { afterEach, describe, expect, it } from 'vitest';
import { createPubSubNotifier, openPublisher } from '../../../gcp/adapters/pubsub-notifier.ts';
import { startPubSubStandin } from '../../../infra/local/standins/pubsub.ts';
import type { PubSubMessage } from '../../../infra/local/standins/pubsub-message.ts';
import { Notification } from '../../../shared/model/notification.ts';
import { notifierContract, sample } from '../../contract/notifier.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { failNotifier, type NotifierFault } from '../../support/notifier-faults.ts';

async function startPubSub(topic = 'projects/shop/topics/ops', timeoutSeconds = 10) {
  const messages: PubSubMessage[] = [];
  const faults = createFaultSwitch();
  const pubsub = await startPubSubStandin({
    host: '127.0.0.1',
    port: 0,
    topics: ['projects/shop/topics/ops'],
    onMessage: (message) => messages.push(message),
    now: createManualClock().now,
    faults: faults.faults,
  });
  const endpoint = { authClient: new PassThroughClient(), at: { host: pubsub.host, port: pubsub.port } };
  const words = { rejection: { status: 403, code: 'PERMISSION_DENIED' }, busy: 'RESOURCE_EXHAUSTED' };
  const read = ({ data }: PubSubMessage) => Notification.parse(JSON.parse(data.toString()));
  return {
    notifier: createPubSubNotifier({ connect: () => openPublisher(endpoint), topic, timeoutSeconds }),
    messages,
    arrived: () => messages.map((message) => `${read(message).title}\n${read(message).text}`),
    dedupKeys: () => messages.map(({ attributes }) => attributes.dedupKey ?? ''),
    fail: (how: NotifierFault) => failNotifier(faults, how, words),
    secret: null,
    close: pubsub.close,
  };
}

notifierContract('Pub/Sub', (timeoutSeconds) => startPubSub('projects/shop/topics/ops', timeoutSeconds));

describe('Pub/Sub', () => {
  let world: Awaited<ReturnType<typeof startPubSub>>;
  afterEach(() => world.close());

  it('carries the whole notification as JSON, and attributes to filter by', async () => {
    world = await startPubSub();
    await world.notifier.send(sample);
    expect(JSON.parse(world.messages[0]?.data.toString() ?? '')).toEqual(sample);
    expect(world.messages[0]?.attributes).toEqual({
      dedupKey: sample.dedupKey,
      kind: 'message',
      severity: 'critical',
      source: 'aws',
    });
  });

  it('is rejected for good when the topic does not exist', async () => {
    world = await startPubSub('projects/shop/topics/opps');
    expect(await world.notifier.send(sample)).toMatchObject({
      kind: 'rejected',
      because: expect.stringMatching(/publish to projects\/shop\/topics\/opps: NOT_FOUND: Resource not found/),
    });
  });
});
