// What the queues of a site's object replication are called: infrastructure makes them, functions and commands open them by these names.
import type { BucketPair, ReplicationTier } from './replica.ts';
import type { SiteName } from './site.ts';
import type { ObjectReplication } from './strategy.ts';

/**
 * `events`: the bucket's own events. `again`: keys to go on with at once, such as a large copy that an invocation did not finish.
 * `window`: the keys of a tier with a window. `dead`: what nobody can do, with its reason.
 */
export type ObjectQueue =
  | { kind: 'events' | 'again' | 'dead' }
  | { kind: 'window'; pair: BucketPair['name']; tier: ReplicationTier['name'] };

/** An SQS URL, or a Pub/Sub topic (its subscription has the same last part). Null: the strategy gives this site no queues. */
export function objectQueue(objects: ObjectReplication, site: SiteName, queue: ObjectQueue): string | null {
  const base = objects.queues.find((declared) => declared.site === site)?.base;
  if (base === undefined) return null;
  return queue.kind === 'window' ? `${base}-${queue.pair}-${queue.tier}` : `${base}-${queue.kind}`;
}

/** `projects/p/topics/t` as `projects/p/subscriptions/t`. */
export function subscriptionOf(topic: string): string {
  return topic.replace('/topics/', '/subscriptions/');
}

/** Every queue of a site: three, and one for each tier with a window. */
export function objectQueues({ pairs }: ObjectReplication, site: SiteName): ObjectQueue[] {
  const windows = pairs
    .filter(({ buckets }) => buckets.some((bucket) => bucket.site === site))
    .flatMap(({ name, tiers }) =>
      tiers
        .filter(({ everySeconds }) => everySeconds !== null)
        .map((tier): ObjectQueue => ({ kind: 'window', pair: name, tier: tier.name })),
    );
  return [{ kind: 'events' }, { kind: 'again' }, { kind: 'dead' }, ...windows];
}
