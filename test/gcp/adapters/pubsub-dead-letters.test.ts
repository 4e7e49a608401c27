// The dead letters of a site on Google Cloud, through the official client, against the Pub/Sub stand-in.
import { PassThroughClient } from 'google-auth-library';
import { createPubSubDeadLetters } from '../../../gcp/adapters/pubsub-dead-letters.ts';
import { openPublisher } from '../../../gcp/adapters/pubsub-notifier.ts';
import { startPubSubStandin } from '../../../infra/local/standins/pubsub.ts';
import type { PubSubMessage } from '../../../infra/local/standins/pubsub-message.ts';
import { deadLettersContract } from '../../contract/dead-letters.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const topic = 'projects/shop/topics/dead';

deadLettersContract('Pub/Sub', async () => {
  const messages: PubSubMessage[] = [];
  const faults = createFaultSwitch();
  const pubsub = await startPubSubStandin({
    host: '127.0.0.1',
    port: 0,
    topics: [topic],
    onMessage: (message) => messages.push(message),
    now: createManualClock().now,
    faults: faults.faults,
  });
  const endpoint = { authClient: new PassThroughClient(), at: { host: pubsub.host, port: pubsub.port } };
  return {
    dead: createPubSubDeadLetters({ connect: () => openPublisher(endpoint), topic, timeoutSeconds: 10 }),
    arrived: () => messages.map(({ data, attributes }) => ({ text: data.toString(), attributes })),
    refuse: () => faults.set({ kind: 'refuse', status: 503, code: 'UNAVAILABLE' }),
    close: pubsub.close,
  };
});
