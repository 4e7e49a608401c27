// What `cost:` says against the rest: buckets for snapshots that are something else already.
import type { Provider } from '../model/site.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Finding } from './issue.ts';

type Contradiction = Omit<Finding, 'severity' | 'at'>;

/**
 * Each side writes each record into its own bucket: a bucket whose objects are replicated, or one bucket for two sites, would have
 * two hands in it. A beacon is public, and a bill is not.
 */
export function costAgainstTheRest(strategy: Strategy): Contradiction[] {
  const { cost } = strategy;
  if (!cost) return [];
  const taken = takenBuckets(strategy);
  return cost.buckets.flatMap(({ site, bucket }) => {
    const id = idOf(strategy, site, bucket);
    const what = taken.get(id);
    taken.set(id, `the bucket for the snapshots of site "${site}"`);
    if (what === undefined) return [];
    const message = `the bucket "${bucket}" is ${what} already: snapshots of costs are kept in a private bucket of their own.`;
    return [
      { path: ['cost', 'buckets', site], found: what, allowed: 'a bucket of its own', message, rule: 'own-bucket' },
    ];
  });
}

function takenBuckets(strategy: Strategy): Map<string, string> {
  const { sites, authority, objects } = strategy;
  const api: Record<'s3' | 'gcs', Provider> = { s3: 'aws', gcs: 'gcp' };
  return new Map([
    ...authority.stores
      .filter(({ endpoint }) => endpoint === null)
      .map((store) => [`${api[store.api]} ${store.bucket}`, `the register store "${store.name}"`] as const),
    ...sites.map(
      ({ name, provider, beacon }) => [`${provider} ${beacon.bucket}`, `the beacon of site "${name}"`] as const,
    ),
    ...(objects?.pairs ?? []).flatMap(({ name, buckets }) =>
      buckets.map(({ site, bucket }) => [idOf(strategy, site, bucket), `replicated as pair "${name}"`] as const),
    ),
  ]);
}

function idOf({ sites }: Strategy, site: string, bucket: string): string {
  return `${sites.find(({ name }) => name === site)?.provider ?? site} ${bucket}`;
}
