// The queue of keys over SQS, through the official client, against the SQS stand-in.
import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { createSqsKeyQueue } from '../../../aws/adapters/sqs-key-queue.ts';
import type { Fault } from '../../../infra/local/standins/http.ts';
import { startSqsStandin } from '../../../infra/local/standins/sqs.ts';
import { createSqsQueue } from '../../../infra/local/standins/sqs-queue.ts';
import { keyQueueContract } from '../../contract/key-queue.ts';
import { scriptedChance } from '../../infra/local/chance.ts';
import { createManualClock } from '../../support/manual-clock.ts';

async function start() {
  const clock = createManualClock();
  let fault: Fault | null = null;
  const place = { region: 'us-east-1', account: '123456789012', clock, chance: scriptedChance() };
  const kept = createSqsQueue({ ...place, name: 'keys', visibilitySeconds: 30, redrive: null, doubleFraction: 0 });
  const standin = await startSqsStandin({ host: '127.0.0.1', port: 0, queues: [kept], faults: () => fault });
  const client = new SQSClient({
    region: 'us-east-1',
    endpoint: standin.url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    kept,
    queue: createSqsKeyQueue({
      client,
      queueUrl: `${standin.url}/123456789012/keys`,
      timeoutSeconds: 10,
      waitSeconds: 0,
      now: clock.now,
    }),
    advance: clock.advance,
    fail: (how: 'refuse' | 'lose-answer' | null) => {
      fault = how === 'refuse' ? { kind: 'refuse', status: 503, code: 'ServiceUnavailable' } : how && { kind: how };
    },
    close: () => standin.close(),
  };
}

keyQueueContract('SQS', start);

it('leaves what is no key to the redrive policy, and hands the keys beside it out', async () => {
  const { kept, queue, close } = await start();
  kept.send('a message of somebody else');
  await queue.push([{ pair: 'p', key: 'k', site: 'aws', sinceMillis: 1, deletedMillis: null, failedSeconds: 0 }], {
    delaySeconds: 0,
  });
  const { keys, done } = await queue.take(10, 30);
  expect(keys.map(({ key }) => key)).toEqual(['k']);
  await done();
  expect(kept.bodies()).toEqual(['a message of somebody else']);
  await close();
});
