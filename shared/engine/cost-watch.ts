// The watch over costs, opened for what a strategy declares: the buckets that hold days and claims, and the people who are told.
import type { Config } from '../config.ts';
import type { WatchDeps } from '../cost/watch/watch.ts';
import type { CostPlan } from '../model/cost-plan.ts';
import type { Provider } from '../model/site.ts';
import { type Strategy, siteOf } from '../model/strategy.ts';
import type { Outbox } from '../notification/outbox.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Cloud } from '../ports/cloud.ts';
import { lazily } from './lazily.ts';
import type { Log } from './log.ts';
import { openNotifiers, openOutbox } from './notifiers.ts';
import { storeBeside } from './store-beside.ts';

export type CostWatchParts = {
  config: Config;
  strategy: Strategy;
  plan: CostPlan;
  clouds: Record<Provider, Cloud>;
  clock: Clock;
  chance: Chance;
  log: Log;
};

/** Nothing is called yet. What a channel does not take now waits in the outbox beside the site, which its keepers empty. */
export function openCostWatch(parts: CostWatchParts): WatchDeps {
  const { config, strategy, plan, clouds, clock, chance, log } = parts;
  const by = `costs ${config.site} ${chance.id().slice(0, 8)}`;
  const outbox = outboxOf(parts, by);
  return {
    application: strategy.application,
    plan,
    // In the strategy's order at every site: whoever is first in the first of them tells.
    stores: plan.buckets.map(({ site: name, bucket }) => {
      const site = siteOf(strategy, name);
      return clouds[site.provider].bucket(bucket, site.region);
    }),
    async tell(channel, notification) {
      const { outcome, detail } = await outbox.submit(channel, notification);
      const lost = outcome === 'rejected' || outcome === 'failed';
      log(lost ? 'ERROR' : 'INFO', `${channel} was told "${notification.title}": ${outcome}, ${detail}`);
    },
    clock,
    chance,
    by,
  };
}

function outboxOf({ config, strategy, clouds, clock, chance }: CostWatchParts, by: string): Outbox {
  const here = siteOf(strategy, config.site);
  const openSecrets = lazily(() => clouds[here.provider].secrets(here));
  return openOutbox(strategy, {
    store: storeBeside(strategy, here, clouds[here.provider]),
    notifiers: openNotifiers(config, strategy, clouds, { read: async (name) => (await openSecrets()).read(name) }),
    clock,
    chance,
    by,
  });
}
