// The bills of a strategy and the buckets that they are kept in, opened for a command.
import { openAwsCosts } from '../../aws/adapters/open-costs.ts';
import { openGoogleCosts } from '../../gcp/adapters/open-costs.ts';
import type { Shelf } from '../../shared/cost/snapshot/shelf.ts';
import { openShelves } from '../../shared/engine/cost-shelves.ts';
import { type CostPlan, type CostSourcePlan, environmentOf } from '../../shared/model/cost-plan.ts';
import type { SiteName } from '../../shared/model/site.ts';
import { siteOf } from '../../shared/model/strategy.ts';
import type { CostSource } from '../../shared/ports/cost-source.ts';
import { Unusable } from './failure.ts';
import type { Estate } from './open.ts';
import type { Terminal } from './terminal.ts';

export function costsOf({ strategy }: Estate): CostPlan {
  if (strategy.cost) return strategy.cost;
  throw new Unusable(
    'the strategy looks at no costs: write its section cost (infra/local/strategy.yaml has an example)',
  );
}

/** Both sites' buckets, that of `near` first. */
export function costShelves({ clock, chance }: Terminal, estate: Estate, near: SiteName): Promise<Shelf[]> {
  const { strategy, objectBucket } = estate;
  const plan = costsOf(estate);
  const open = async (site: SiteName, bucket: string) => objectBucket(siteOf(strategy, site), bucket);
  return openShelves(plan.buckets, near, open, { clock, chance });
}

export function openBill(
  terminal: Terminal,
  { config }: Estate,
  plan: CostPlan,
  source: CostSourcePlan,
): Promise<CostSource> {
  const { clock, chance } = terminal;
  const { environments } = plan;
  const common = {
    tag: environments.tag,
    environmentOf: (value: string) => environmentOf(environments, value),
    clock,
    chance,
  };
  const say = () => undefined;
  if (source.provider === 'aws') {
    const options = { ...common, account: source.account, endpoint: config.costExplorerEndpoint };
    return openAwsCosts({ credentials: null, say }, options);
  }
  const { project, dataset, table, location } = source;
  const options = { ...common, table: { project, dataset, table }, location, endpoint: config.bigQueryEndpoint };
  return openGoogleCosts({ ...config.google, say, now: clock.now }, options);
}
