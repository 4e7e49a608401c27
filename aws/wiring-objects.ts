// Wiring of the functions that replicate objects: adapters of both clouds, around the flow. Made once per cold start; nothing is called yet.
import { openGoogle } from '../gcp/adapters/open-google.ts';
import { lazily } from '../shared/engine/lazily.ts';
import { errorFields } from '../shared/engine/log.ts';
import { systemClock } from '../shared/engine/system.ts';
import { type FailedMessage, type ObjectFlow, wireObjectFlow } from '../shared/engine/wire-objects.ts';
import { openAws } from './adapters/open-aws.ts';
import { readConfig } from './config.ts';
import type { BatchedMessage } from './events/object-batch.ts';

export type WiredObjects = {
  objects: ObjectFlow;
  /** Lets messages that failed come again when their back-off says, and not when the queue's own visibility time is over. */
  handBack: (failed: readonly FailedMessage<BatchedMessage>[]) => Promise<void>;
};

const callTimeoutSeconds = 5;

export function wireObjects(config = readConfig()): WiredObjects {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  const objects = wireObjectFlow(
    config,
    write,
    (say) => ({
      aws: openAws({
        credentials: null,
        witnessCredentials: null,
        s3Endpoint: config.s3Endpoint,
        route53Endpoint: null,
        say,
        now: systemClock.now,
      }),
      gcp: openGoogle({ ...config.google, say, now: systemClock.now }),
    }),
    async () => {
      const { createEmfMetrics } = await import('./adapters/emf-metrics.ts');
      return createEmfMetrics({ namespace: 'Causeway/Objects', write });
    },
  );
  const visibility = lazily(async () => {
    const [{ openSqs }, { createSqsVisibility }] = await Promise.all([
      import('./adapters/sqs-client.ts'),
      import('./adapters/sqs-visibility.ts'),
    ]);
    return createSqsVisibility(openSqs(objects.region, null), objects.eventsQueue, callTimeoutSeconds);
  });
  return {
    objects,
    async handBack(failed) {
      const back = failed.flatMap(({ message: { receiptHandle }, afterSeconds }) =>
        receiptHandle === null ? [] : [{ receiptHandle, afterSeconds }],
      );
      if (back.length === 0) return;
      try {
        await (await visibility()).handBack(back);
      } catch (error) {
        // They come again anyway, after the queue's own time.
        objects.log('WARNING', `when ${back.length} messages come again could not be set`, errorFields(error));
      }
    },
  };
}
