// SNS over its stand-in: the contract, and what only SNS does.
import { SNSClient } from '@aws-sdk/client-sns';
import { afterEach, describe, expect, it } from 'vitest';
import { createSnsNotifier } from '../../../aws/adapters/sns-notifier.ts';
import { type SnsMessage, startSnsStandin } from '../../../infra/local/standins/sns.ts';
import { notifierContract, sample } from '../../contract/notifier.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { failNotifier, type NotifierFault } from '../../support/notifier-faults.ts';

const topics = ['arn:aws:sns:us-east-1:123456789012:ops', 'arn:aws:sns:us-east-1:123456789012:ops.fifo'];

async function startSns(topicArn = 'arn:aws:sns:us-east-1:123456789012:ops', timeoutSeconds = 10) {
  const messages: SnsMessage[] = [];
  const faults = createFaultSwitch();
  const clock = createManualClock();
  const sns = await startSnsStandin({
    host: '127.0.0.1',
    port: 0,
    topicArns: topics,
    onMessage: (message) => messages.push(message),
    elapsedSeconds: clock.elapsedSeconds,
    faults: faults.faults,
  });
  const client = new SNSClient({
    endpoint: sns.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-to-be-seen' },
    maxAttempts: 1,
  });
  const words = { rejection: { status: 403, code: 'AuthorizationError' }, busy: 'Throttled' };
  return {
    notifier: createSnsNotifier({ client, topicArn, timeoutSeconds }),
    messages,
    clock,
    arrived: () => messages.map(({ message }) => message),
    dedupKeys: () => messages.map(({ attributes }) => attributes.dedupKey?.value ?? ''),
    fail: (how: NotifierFault) => failNotifier(faults, how, words),
    secret: 'not-to-be-seen',
    close: async () => {
      client.destroy();
      await sns.close();
    },
  };
}

notifierContract('SNS', (timeoutSeconds) => startSns('arn:aws:sns:us-east-1:123456789012:ops', timeoutSeconds));

describe('SNS', () => {
  let world: Awaited<ReturnType<typeof startSns>>;
  afterEach(() => world.close());

  it('makes a subject that the service takes, and attributes to filter by', async () => {
    world = await startSns();
    await world.notifier.send({ ...sample, title: `Übergabe\nan gcp: ${'x'.repeat(200)}` });
    expect(world.messages[0]?.subject).toBe(`[critical] ?bergabe an gcp: ${'x'.repeat(72)}`.slice(0, 99));
    expect(world.messages[0]?.attributes).toEqual({
      dedupKey: { type: 'String', value: sample.dedupKey },
      kind: { type: 'String', value: 'message' },
      severity: { type: 'String', value: 'critical' },
      source: { type: 'String', value: 'aws' },
    });
  });

  it('is one message on a FIFO topic however often it is sent, and opening and resolving are two', async () => {
    world = await startSns('arn:aws:sns:us-east-1:123456789012:ops.fifo');
    await world.notifier.send({ ...sample, kind: 'incident-opened' });
    await world.notifier.send({ ...sample, kind: 'incident-opened' });
    await world.notifier.send({ ...sample, kind: 'incident-resolved' });
    expect(world.messages).toHaveLength(2);
  });

  it('is rejected for good when the topic does not exist', async () => {
    world = await startSns('arn:aws:sns:us-east-1:123456789012:opps');
    expect(await world.notifier.send(sample)).toMatchObject({
      kind: 'rejected',
      because: expect.stringMatching(
        /publish to arn:aws:sns:us-east-1:123456789012:opps: refused with NotFound.* \(404\)/,
      ),
    });
  });
});
