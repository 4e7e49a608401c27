// The queue of keys over Pub/Sub, against the stand-in of its REST API.
import { OAuth2Client } from 'google-auth-library';
import { expect, it } from 'vitest';
import { createPubSubKeyQueue } from '../../../gcp/adapters/pubsub-key-queue.ts';
import type { Fault } from '../../../infra/local/standins/http.ts';
import { startPubSubStandin } from '../../../infra/local/standins/pubsub.ts';
import { createPubSubSubscription } from '../../../infra/local/standins/pubsub-subscription.ts';
import { keyQueueContract } from '../../contract/key-queue.ts';
import { scriptedChance } from '../../infra/local/chance.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const topic = 'projects/p/topics/keys';

async function start() {
  const clock = createManualClock();
  let fault: Fault | null = null;
  const subscription = createPubSubSubscription({
    name: 'projects/p/subscriptions/keys',
    topic,
    ackDeadlineSeconds: 10,
    clock,
    chance: scriptedChance(),
  });
  const standin = await startPubSubStandin({
    host: '127.0.0.1',
    port: 0,
    topics: [topic],
    subscriptions: [subscription],
    onMessage: () => {},
    now: clock.now,
    faults: () => fault,
  });
  const client = new OAuth2Client();
  client.setCredentials({ access_token: 'local' });
  const empty = { answers: 0 };
  const authClient = {
    request: ((request) =>
      request.url?.toString().endsWith(':pull') && empty.answers-- > 0
        ? Promise.resolve({ data: {} })
        : client.request(request)) as OAuth2Client['request'],
  };
  const queue = createPubSubKeyQueue({
    authClient,
    baseUrl: standin.url,
    monitoringUrl: standin.url,
    topic,
    timeoutSeconds: 10,
    now: clock.now,
  });
  return {
    subscription,
    queue,
    empty,
    advance: clock.advance,
    fail: (how: 'refuse' | 'lose-answer' | null) => {
      fault = how === 'refuse' ? { kind: 'refuse', status: 503, code: 'UNAVAILABLE' } : how && { kind: how };
    },
    close: () => standin.close(),
  };
}

keyQueueContract('Pub/Sub', start);

it('leaves what is no key to the dead-letter policy, and hands the keys beside it out', async () => {
  const { subscription, queue, close } = await start();
  const attributes = { a: 'b' };
  const foreign = { topic, messageId: '1', publishTime: '', data: Buffer.from('text'), attributes, orderingKey: '' };
  subscription.add(foreign);
  await queue.push([{ pair: 'p', key: 'k', site: 'gcp', sinceMillis: 1, deletedMillis: null, failedSeconds: 0 }], {
    delaySeconds: 0,
  });
  const { keys, done } = await queue.take(10, 30);
  expect(keys.map(({ key }) => key)).toEqual(['k']);
  await done();
  expect(subscription.messages()).toEqual([foreign]);
  await close();
});

it('does not take one empty answer for an empty queue', async () => {
  const { queue, empty, close } = await start();
  await queue.push([{ pair: 'p', key: 'k', site: 'gcp', sinceMillis: 1, deletedMillis: null, failedSeconds: 0 }], {
    delaySeconds: 0,
  });
  empty.answers = 2;
  expect((await queue.take(10, 30)).keys).toMatchObject([{ key: 'k' }]);
  await close();
});
