// How a site's replication is looked at, opened for what the strategy declares: its queues, and the people who are told.
// Loaded by the tick alone: a function that waits for an event has no use for any of it.
import type { Config } from '../config.ts';
import type { ObjectQueue } from '../model/object-queues.ts';
import type { Provider } from '../model/site.ts';
import { type ObjectReplication, type Strategy, siteOf } from '../model/strategy.ts';
import type { StatusRecorder } from '../objects/status/status-recorder.ts';
import type { TierSummary } from '../objects/status/summarise-status.ts';
import { createLook, type Look } from '../objects/upkeep/look.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { KeyQueue } from '../ports/key-queue.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { lazily } from './lazily.ts';
import { openNotifiers, openOutbox } from './notifiers.ts';
import { systemChance, systemClock } from './system.ts';

export type LookParts = {
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

/** People are told again, while a tier stands still, after so long. */
const reminderMillis = 6 * 3_600_000;

export function openLook(parts: LookParts): Look {
  const { config, objects, store, recorder, queueOf, metrics } = parts;
  return createLook({
    site: config.site,
    pairs: objects.pairs,
    noProgressSeconds: objects.noProgress.afterSeconds,
    queueOf,
    store,
    recorder,
    metrics,
    tell: tellerOf(parts),
    clock: systemClock,
  });
}

function tellerOf({ config, strategy, objects, clouds, store }: LookParts) {
  const here = siteOf(strategy, config.site);
  const openSecrets = lazily(() => clouds[here.provider].secrets(here));
  const outbox = openOutbox(strategy, {
    store,
    notifiers: openNotifiers(config, strategy, clouds, { read: async (name) => (await openSecrets()).read(name) }),
    clock: systemClock,
    chance: systemChance,
    by: `objects tick ${systemChance.id()}`,
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
