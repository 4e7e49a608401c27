// The upkeep of a site's replication, opened for what the strategy declares: its comparisons, its metrics, and the people who are told.
// Loaded by the tick alone: a function that waits for an event has no use for any of it.
import type { Config } from '../config.ts';
import type { ObjectQueue } from '../model/object-queues.ts';
import type { Provider } from '../model/site.ts';
import { type ObjectReplication, type Strategy, siteOf } from '../model/strategy.ts';
import { createOutbox } from '../notification/outbox.ts';
import { providersOf } from '../objects/reconcile/cost.ts';
import type { PairWork } from '../objects/reconcile/pair-work.ts';
import { createSyncKey } from '../objects/reconcile/sync-key.ts';
import { defaultLimits } from '../objects/replicate.ts';
import type { StatusRecorder } from '../objects/status/status-recorder.ts';
import type { TierSummary } from '../objects/status/summarise-status.ts';
import { createUpkeep, type Upkeep } from '../objects/upkeep/upkeep.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { KeyQueue } from '../ports/key-queue.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { lazily } from './lazily.ts';
import { fallbacksOf, openNotifiers } from './notifiers.ts';
import { systemChance, systemClock } from './system.ts';

export type UpkeepParts = {
  config: Config;
  strategy: Strategy;
  objects: ObjectReplication;
  clouds: Record<Provider, Cloud>;
  /** Beside the site. */
  store: ObjectStore;
  recorder: StatusRecorder;
  queueOf: (queue: ObjectQueue) => KeyQueue;
  metrics: Metrics;
};

/** Keys that a comparison works on at once, beside the windows of the same tick. */
const keysAtOnce = 8;
/** People are told again, while a tier stands still, after so long. */
const reminderMillis = 6 * 3_600_000;

export function openUpkeep(parts: UpkeepParts): Upkeep {
  const { config, objects, store, recorder, queueOf, metrics } = parts;
  return createUpkeep({
    site: config.site,
    pairs: objects.pairs,
    noProgressSeconds: objects.noProgress.afterSeconds,
    queueOf,
    store,
    recorder,
    metrics,
    tell: tellerOf(parts),
    comparisons: lazily(() => openComparisons(parts)),
    clock: systemClock,
  });
}

function tellerOf({ config, strategy, objects, clouds, store }: UpkeepParts) {
  const here = siteOf(strategy, config.site);
  const openSecrets = lazily(() => clouds[here.provider].secrets(here));
  const outbox = createOutbox({
    store,
    notifiers: openNotifiers(config, strategy, clouds, { read: async (name) => (await openSecrets()).read(name) }),
    fallbacks: fallbacksOf(strategy),
    clock: systemClock,
    chance: systemChance,
    by: `objects tick ${systemChance.id()}`,
    maxAttempts: 10,
    claimSeconds: 30,
    firstRetrySeconds: 5,
    maxRetrySeconds: 120,
  });
  return async ({ pair, tier, progress }: TierSummary): Promise<void> => {
    const since = Math.floor(systemClock.now().getTime() / reminderMillis);
    const notification = {
      dedupKey: `objects/no-progress/${here.name}/${pair}/${tier}/${since}`,
      kind: 'message',
      severity: 'high',
      title: `${strategy.application}: objects of ${pair}/${tier} are not replicated from ${here.name}`,
      text: `${progress.because}. Nothing is lost: what waits is replicated when the cause is mended. Look at \`causeway objects status\`; the log of the function says why keys are put off.`,
      source: here.name,
    } as const;
    await outbox.flush();
    for (const channel of objects.noProgress.notify) await outbox.submit(channel, notification);
  };
}

/** A pair is compared from its first site, beside which its baseline lies. */
async function openComparisons({ config, strategy, objects, clouds, store }: UpkeepParts): Promise<PairWork[]> {
  const own = objects.pairs.filter(({ buckets: [first] }) => first.site === config.site);
  const options = {
    clock: systemClock,
    chance: systemChance,
    limits: defaultLimits,
    freshSeconds: 0,
  };
  return Promise.all(
    own.map(async (pair): Promise<PairWork> => {
      const [left, right] = await Promise.all(
        pair.buckets.map(({ site: name, bucket }) => {
          const site = siteOf(strategy, name);
          return clouds[site.provider].objectBucket(site, bucket);
        }),
      );
      if (!left || !right) throw new Error(`the pair ${pair.name} has not two buckets`);
      return {
        pair,
        ends: { left, right },
        providers: providersOf(pair, (site) => siteOf(strategy, site).provider),
        store,
        limits: objects.reconcile,
        makeSync: (ends) => createSyncKey(pair, ends, options),
        concurrency: keysAtOnce,
        clock: systemClock,
        chance: systemChance,
        owner: `tick-${systemChance.id()}`,
      };
    }),
  );
}
