// The dead letters of a site on AWS, through the official client, against the SQS stand-in.
import { SQSClient } from '@aws-sdk/client-sqs';
import { createSqsDeadLetters } from '../../../aws/adapters/sqs-dead-letters.ts';
import { startSqsStandin } from '../../../infra/local/standins/sqs.ts';
import { createSqsQueue } from '../../../infra/local/standins/sqs-queue.ts';
import { deadLettersContract } from '../../contract/dead-letters.ts';
import { scriptedChance } from '../../infra/local/chance.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';
import { createManualClock } from '../../support/manual-clock.ts';

deadLettersContract('SQS', async () => {
  const faults = createFaultSwitch();
  const place = { region: 'us-east-1', account: '123456789012', clock: createManualClock(), chance: scriptedChance() };
  const kept = createSqsQueue({ ...place, name: 'dead', visibilitySeconds: 30, redrive: null, doubleFraction: 0 });
  const standin = await startSqsStandin({ host: '127.0.0.1', port: 0, queues: [kept], faults: faults.faults });
  const client = new SQSClient({
    region: 'us-east-1',
    endpoint: standin.url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    dead: createSqsDeadLetters(client, `${standin.url}/123456789012/dead`, 10),
    arrived: () => kept.messages(),
    refuse: () => faults.set({ kind: 'refuse', status: 503, code: 'ServiceUnavailable' }),
    close: () => standin.close(),
  };
});
