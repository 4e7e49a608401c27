// The cost buckets of a strategy, opened at both clouds, and where a provider's bill is read.
import { createShelf, type Shelf } from '../cost/snapshot/shelf.ts';
import type { CostPlan, CostSourcePlan } from '../model/cost-plan.ts';
import type { Provider, SiteName } from '../model/site.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { ObjectBucket } from '../ports/object-bucket.ts';

/** Compressed, and so some hundred thousand rows: most days are written at once. S3 takes no part below 5 MiB but the last. */
export const costPartBytes = 8 * 1024 ** 2;

/** The nearest first: what is taken is written there. */
export function openShelves(
  buckets: CostPlan['buckets'],
  near: SiteName,
  open: (site: SiteName, bucket: string) => Promise<ObjectBucket>,
  { clock, chance }: { clock: Clock; chance: Chance },
): Promise<Shelf[]> {
  const ordered = [...buckets].sort((one, other) => Number(other.site === near) - Number(one.site === near));
  return Promise.all(
    ordered.map(async ({ site, bucket }) => createShelf(site, await open(site, bucket), clock, chance)),
  );
}

export function costPlanOf({ cost }: Strategy): CostPlan {
  if (cost) return cost;
  throw new Error('the strategy looks at no costs: write its section `cost`, or do not deploy this function');
}

export function costSourceOf({ sources }: CostPlan, provider: Provider): CostSourcePlan {
  const found = sources.find((source) => source.provider === provider);
  if (found) return found;
  throw new Error(
    `the strategy does not say where the bill of ${provider} is read: write it as cost.sources.${provider}, or do not deploy this function`,
  );
}
