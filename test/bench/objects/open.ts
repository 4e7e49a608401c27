// Both ends of a copy, opened as a deployed function opens them.
import { openAws } from '../../../aws/adapters/open-aws.ts';
import { openGoogle } from '../../../gcp/adapters/open-google.ts';
import { systemClock } from '../../../shared/engine/system.ts';
import type { ObjectBucket } from '../../../shared/ports/object-bucket.ts';

export type Places = { s3: string; gcs: string };

/** From where the objects come; they go to the other. */
export const ways = ['s3', 'gcs'] as const;
export type Way = (typeof ways)[number];

export type End = { site: 'aws' | 'gcp'; bucket: ObjectBucket };

/** Throws on what is no way: as a process is told it. */
export function readWay(told: string): Way {
  const way = ways.find((one) => one === told);
  if (way === undefined) throw new Error(`objects come from ${ways.join(' or ')}, not from ${told}`);
  return way;
}

export async function openEnds(
  places: Places,
  way: Way,
  destination: string,
): Promise<{ source: End; destination: End }> {
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
  const open = async (kind: Way, bucket: string): Promise<End> =>
    kind === 's3'
      ? { site: 'aws', bucket: await aws.objectBucket({ region: 'us-east-1' }, bucket) }
      : { site: 'gcp', bucket: await gcp.objectBucket({ region: 'us-central1' }, bucket) };
  return {
    source: await open(way, 'source'),
    destination: await open(way === 's3' ? 'gcs' : 's3', destination),
  };
}
