// Both ends of a copy, opened as a deployed function opens them.
import { openAws } from '../../../aws/adapters/open-aws.ts';
import { openGoogle } from '../../../gcp/adapters/open-google.ts';
import { systemClock } from '../../../shared/engine/system.ts';
import type { ObjectBucket } from '../../../shared/ports/object-bucket.ts';

export type Places = { s3: string; gcs: string };

export async function openEnds(places: Places, destination: string): Promise<Record<'left' | 'right', ObjectBucket>> {
  const common = { say: () => undefined, now: systemClock.now };
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const s3 = { s3Endpoint: places.s3, route53Endpoint: null };
  const nowhere = { dns: null, sql: null, container: null, pubsub: null, secretManager: null };
  const aws = openAws({ credentials, witnessCredentials: null, ...s3, ...common });
  const gcp = openGoogle({
    project: 'local',
    accessToken: 'local',
    endpoints: { storage: places.gcs, ...nowhere },
    ...common,
  });
  return {
    left: await aws.objectBucket({ region: 'us-east-1' }, 'source'),
    right: await gcp.objectBucket({ region: 'us-central1' }, destination),
  };
}
