// Both buckets of the pair and what waits for them, as a client outside both clouds reaches them.
import { openAws } from '../../../../aws/adapters/open-aws.ts';
import { openGoogle } from '../../../../gcp/adapters/open-google.ts';
import { systemClock } from '../../../../shared/engine/system.ts';
import { objectQueue, objectQueues } from '../../../../shared/model/object-queues.ts';
import { siteOf } from '../../../../shared/model/strategy.ts';
import { objectPair, ports, secrets, seenFrom } from '../../world/plan.ts';
import type { World } from '../../world/world.ts';
import { type BothBuckets, sites } from './ledger.ts';

export type StormView = {
  buckets: BothBuckets;
  /** Keys and events that wait at either side, by queue; `dead` is counted by itself. */
  waiting(): Promise<{ queued: number; dead: number }>;
};

export async function openStormView({ plan, strategy }: World): Promise<StormView> {
  const at = (to: 'aws' | 'gcp', port: number) => `http://${seenFrom(plan.net, 'witness', to, 'api')}:${port}`;
  const [say, { now }] = [() => undefined, systemClock];
  const credentials = { accessKeyId: secrets.accessKeyId, secretAccessKey: secrets.secretAccessKey };
  const s3Endpoint = at('aws', ports.store);
  const nowhere = { dns: null, sql: null, container: null, secretManager: null };
  const clouds = {
    aws: openAws({ credentials, witnessCredentials: null, s3Endpoint, route53Endpoint: null, say, now }),
    gcp: openGoogle({
      project: 'gopro-prod',
      accessToken: secrets.googleToken,
      endpoints: { ...nowhere, storage: at('gcp', ports.store), pubsub: at('gcp', ports.topics) },
      say,
      now,
    }),
  };
  const { objects } = strategy;
  if (!objects) throw new Error("the local world's strategy replicates no objects");
  const queues = sites.flatMap((site) =>
    objectQueues(objects, site).flatMap((queue) => {
      const name = objectQueue(objects, site, queue);
      return name === null ? [] : [{ kind: queue.kind, open: clouds[site].keyQueue(siteOf(strategy, site), name) }];
    }),
  );
  const depthOf = async (which: (kind: string) => boolean) => {
    const depths = queues.filter(({ kind }) => which(kind)).map(async ({ open }) => (await open).depth());
    return (await Promise.all(depths)).reduce((sum, depth) => sum + depth, 0);
  };
  return {
    buckets: {
      aws: await clouds.aws.objectBucket(siteOf(strategy, 'aws'), objectPair.aws),
      gcp: await clouds.gcp.objectBucket(siteOf(strategy, 'gcp'), objectPair.gcp),
    },
    waiting: async () => ({
      queued: await depthOf((kind) => kind !== 'dead'),
      dead: await depthOf((kind) => kind === 'dead'),
    }),
  };
}
