// Wiring of the function that takes snapshots of costs, the same in both clouds: the bill of its own cloud, into the buckets of both.
import { type Config, loadStrategy } from '../config.ts';
import { changesText } from '../cost/snapshot/changes-text.ts';
import { type SnapshotOutcome, takeSnapshot } from '../cost/snapshot/snapshot.ts';
import type { DayOutcome } from '../cost/snapshot/take-day.ts';
import { troublesOf, troubleText } from '../cost/snapshot/troubles.ts';
import type { Watched } from '../cost/watch/watch.ts';
import type { CostDayTrouble } from '../model/cost-day.ts';
import type { HeardCost } from '../model/cost-notice.ts';
import type { CostPlan, CostSourcePlan } from '../model/cost-plan.ts';
import type { Provider, SiteName } from '../model/site.ts';
import { siteOf } from '../model/strategy.ts';
import type { Clock } from '../ports/clock.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { CostSource } from '../ports/cost-source.ts';
import { costPartBytes, costPlanOf, costSourceOf, openShelves } from './cost-shelves.ts';
import { lazily } from './lazily.ts';
import { createJsonLog, type Log } from './log.ts';
import { systemChance } from './system.ts';

/** What a cloud's wiring opens. */
export type OpenCosts = {
  clouds: Record<Provider, Cloud>;
  source(plan: CostSourcePlan, environments: CostPlan['environments']): Promise<CostSource>;
};

/** Which days are over is the clock's to say; each line of the log is written. */
export type CostSystem = { clock: Clock; write: (line: string) => void };

/** What a run came to, in short: the whole of it is in the buckets. */
export type Snapped = {
  provider: Provider;
  days: { date: string; kind: DayOutcome['kind'] }[];
  trouble: string[];
  requests: number;
};

export type CostFlow = {
  /** Rejects when no bucket can be reached: the schedule's own retry comes then. All else is kept, logged and caught up by the next run. */
  snapshot(remainingSeconds: number): Promise<Snapped>;
  /** Looks at all that is kept, and tells people what they would want to know, once each. Does not reject: the next run looks again. */
  watch(): Promise<Watched>;
  /** What the provider itself says of money. Rejects when no bucket can be reached: the delivery comes again. */
  hear(heard: HeardCost): Promise<Watched>;
  log: Log;
};

/** Of an invocation: what is left for finishing the page that is under way, and for writing down how it went. */
const reserveSeconds = 30;

/** Nothing is called yet. Throws on a strategy that looks at no costs, or not at this cloud's. */
export function wireCostFlow(
  config: Config,
  { clock, write }: CostSystem,
  open: (say: (sentence: string) => void) => OpenCosts,
): CostFlow {
  const strategy = loadStrategy(config.strategyFile);
  const log = createJsonLog(write, clock, { site: config.site });
  const { clouds, source: openSource } = open((sentence) => log('INFO', sentence));
  const plan = costPlanOf(strategy);
  const { provider } = siteOf(strategy, config.site);
  const declared = costSourceOf(plan, provider);
  const system = { clock, chance: systemChance };
  const openBucket = async (name: SiteName, bucket: string) => {
    const site = siteOf(strategy, name);
    return clouds[site.provider].objectBucket(site, bucket);
  };
  // Loaded after a snapshot alone: a cold start has no use for any of it.
  const watching = lazily(async () => {
    const [{ openCostWatch }, { tellNotices, watchCosts }] = await Promise.all([
      import('./cost-watch.ts'),
      import('../cost/watch/watch.ts'),
    ]);
    return { deps: openCostWatch({ config, strategy, plan, clouds, ...system, log }), tellNotices, watchCosts };
  });
  const source = lazily(() => openSource(declared, plan.environments));
  const shelves = lazily(() => openShelves(plan.buckets, config.site, openBucket, system));
  return {
    async snapshot(remainingSeconds) {
      const untilSeconds = clock.elapsedSeconds() + remainingSeconds - reserveSeconds;
      const [bill, buckets] = await Promise.all([source(), shelves()]);
      const outcome = await takeSnapshot(
        {
          ...system,
          source: bill,
          shelves: buckets,
          late: () => clock.elapsedSeconds() >= untilSeconds,
          partBytes: costPartBytes,
          noted: (day) => tell(log, day),
        },
        { kind: 'due', windowDays: plan.restateWindowDays },
      );
      return told(log, provider, outcome);
    },
    async watch() {
      try {
        const { deps, watchCosts } = await watching();
        return noteWatched(log, await watchCosts(deps));
      } catch (error) {
        const because = `costs could not be watched: ${error instanceof Error ? error.message : String(error)}`;
        log('WARNING', because);
        return { told: [], already: [], trouble: [because] };
      }
    },
    async hear({ notices, rejections }) {
      for (const { source, explanation } of rejections)
        log('WARNING', `a notice from ${source} is left: ${explanation}`);
      const { deps, tellNotices } = await watching();
      const watched = noteWatched(log, await tellNotices(deps, notices));
      if (watched.trouble.length > 0) throw new Error(watched.trouble.join('; '));
      return watched;
    },
    log,
  };
}

/** What comes later by itself is nobody's worry yet. */
const passing = new Set<CostDayTrouble>(['not-there-yet', 'out-of-time', 'throttled']);

/** As it happens; what was not taken is told at the end, once for each reason. */
function tell(log: Log, day: DayOutcome): void {
  if (!('day' in day)) return;
  const { rows, sums } = day.day;
  if (day.kind !== 'restated') log('INFO', `${day.date} is ${day.kind}`, { rows, sums });
  else log('INFO', `${day.date} was restated: ${changesText(day.revision)}`, { sums, changes: day.revision.changes });
}

function noteWatched(log: Log, watched: Watched): Watched {
  for (const because of watched.trouble) log('WARNING', because);
  if (watched.told.length > 0) log('INFO', `people were told of ${watched.told.join(', ')}`, { watched });
  return watched;
}

function told(log: Log, provider: Provider, { days, caughtUp, unreached, spent }: SnapshotOutcome): Snapped {
  for (const { because } of unreached) log('WARNING', because);
  if (caughtUp.length > 0)
    log('INFO', `${caughtUp.length} days were copied to a bucket that lacked them`, { caughtUp });
  const troubles = troublesOf(days);
  for (const one of troubles) {
    log(passing.has(one.trouble) ? 'INFO' : 'WARNING', troubleText(one), { trouble: one.trouble });
  }
  log('INFO', `the bill of ${provider} was asked ${spent.requests} times`, { spent });
  return {
    provider,
    days: days.map(({ date, kind }) => ({ date, kind })),
    trouble: [...unreached.map(({ because }) => because), ...troubles.map(troubleText)],
    requests: spent.requests,
  };
}
