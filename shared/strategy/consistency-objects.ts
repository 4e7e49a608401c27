// What `objects:` says against itself or the rest: buckets that would be replicated twice, or never may be, and names that are too long.
import { objectQueue, objectQueues } from '../model/object-queues.ts';
import type { PairedBucket } from '../model/replica.ts';
import type { Provider } from '../model/site.ts';
import type { ObjectReplication, Strategy } from '../model/strategy.ts';
import type { Finding } from './issue.ts';

type Contradiction = Omit<Finding, 'severity' | 'at'>;

/** SQS takes 80 characters; Pub/Sub 255. */
const LONGEST_NAME: Record<Provider, number> = { aws: 80, gcp: 255 };

export function objectsAgainstTheRest(strategy: Strategy): Contradiction[] {
  const { objects } = strategy;
  if (!objects) return [];
  return [...sharedBuckets(strategy, objects), ...ownBuckets(strategy, objects), ...longNames(strategy, objects)];
}

/** Each end of each pair, with the word for its bucket that is the same for the same bucket. */
function ends({ sites }: Strategy, { pairs }: ObjectReplication) {
  const providerOf = (name: string) => sites.find((site) => site.name === name)?.provider ?? name;
  return pairs.flatMap((pair) =>
    pair.buckets.map((end: PairedBucket) => ({
      ...end,
      pair: pair.name,
      path: ['objects', 'pairs', pair.name, 'buckets', end.site],
      id: `${providerOf(end.site)} ${end.bucket}`,
    })),
  );
}

/** An event names its bucket alone, and a replica is never replicated on: a bucket is in one pair. */
function sharedBuckets(strategy: Strategy, objects: ObjectReplication): Contradiction[] {
  const all = ends(strategy, objects);
  return all.flatMap(({ id, bucket, pair, path }, index) => {
    const before = all.slice(0, index).find((other) => other.id === id);
    if (!before) return [];
    const message =
      before.pair === pair
        ? `both ends of pair "${pair}" are the bucket "${bucket}": there is nothing to keep alike.`
        : `the bucket "${bucket}" is in the pairs "${before.pair}" and "${pair}": which one an event speaks of could not be told. Leave one.`;
    return [{ path, found: `"${bucket}" again`, allowed: 'each bucket once', message, rule: 'bucket-twice' }];
  });
}

/** The register and the beacons decide who writes and who is answered: a copy of them at the other side would decide too. */
function ownBuckets(strategy: Strategy, objects: ObjectReplication): Contradiction[] {
  const { sites, authority } = strategy;
  const api: Record<'s3' | 'gcs', Provider> = { s3: 'aws', gcs: 'gcp' };
  const own = [
    ...authority.stores
      .filter(({ endpoint }) => endpoint === null)
      .map((store) => ({ id: `${api[store.api]} ${store.bucket}`, what: `the register store "${store.name}"` })),
    ...sites.map(({ name, provider, beacon }) => ({
      id: `${provider} ${beacon.bucket}`,
      what: `the beacon of site "${name}"`,
    })),
  ];
  return ends(strategy, objects).flatMap(({ id, bucket, path }) => {
    const [used] = own.filter((one) => one.id === id);
    if (!used) return [];
    const message = `the bucket "${bucket}" is ${used.what}, whose objects decide here and must never be copied from elsewhere: replicate a bucket of data.`;
    return [{ path, found: used.what, allowed: 'a bucket of data alone', message, rule: 'own-bucket' }];
  });
}

function longNames({ sites }: Strategy, objects: ObjectReplication): Contradiction[] {
  return objects.queues.flatMap(({ site }) => {
    const longest = LONGEST_NAME[sites.find(({ name }) => name === site)?.provider ?? 'aws'];
    return objectQueues(objects, site).flatMap((queue) => {
      const name = objectQueue(objects, site, queue)?.split('/').at(-1) ?? '';
      if (name.length <= longest) return [];
      const message = `the queue "${name}" would have a name of ${name.length} characters, and ${longest} are allowed: shorten objects.queues.${site}, the pair's name or the tier's.`;
      const found = `${name.length} characters`;
      return [
        {
          path: ['objects', 'queues', site],
          found,
          allowed: `at most ${longest}`,
          message,
          rule: 'queue-name-too-long',
        },
      ];
    });
  });
}
