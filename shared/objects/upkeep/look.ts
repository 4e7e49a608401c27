// What a tick does beside the windows: looks at the queues, says how each tier is, and clears old records.
import type { ObjectQueue } from '../../model/object-queues.ts';
import type { BucketPair, ReplicationTier } from '../../model/replica.ts';
import type { SiteName } from '../../model/site.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KeyQueue } from '../../ports/key-queue.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { clearRecords, readRecords } from '../status/read-status.ts';
import { metricPoints } from '../status/status-metrics.ts';
import { MINUTE_MILLIS, minuteOf, type StatusRecord } from '../status/status-record.ts';
import type { StatusRecorder } from '../status/status-recorder.ts';
import { summariseStatus, type TierSummary } from '../status/summarise-status.ts';

export type LookDeps = {
  site: SiteName;
  pairs: readonly BucketPair[];
  noProgressSeconds: number;
  queueOf: (queue: ObjectQueue) => KeyQueue;
  store: ObjectStore;
  recorder: StatusRecorder;
  metrics: Metrics;
  /** People are told of a tier that stands still: at every look, so that whoever tells must know what it has told. */
  tell: (stuck: TierSummary) => Promise<void>;
  clock: Clock;
};

/** Answers with what went wrong, in sentences, and does not reject for one queue or store. */
export type Look = () => Promise<string[]>;

/** A process may still be putting its word about the minute that has just ended. */
const SETTLED_MINUTES = 2;
/** Once an hour it is looked back as far as the longest window asks: too dear for every minute. */
const LONG_LOOK_AT_MINUTE = 7;
const KEPT_HOURS = 48;
const MOST_CLEARED = 5000;

export function createLook(deps: LookDeps): Look {
  const { site, noProgressSeconds, store, recorder, metrics, clock } = deps;
  const pairs = deps.pairs.filter(({ buckets }) => buckets.some((bucket) => bucket.site === site));

  async function summarise(now: Date, trouble: string[]): Promise<void> {
    const depths = await askDepths(deps, pairs, trouble);
    const depthOf = (pair: string, tier: string) => depths.get(`${pair}/${tier}`) ?? null;
    const { records, unreadable } = await readRecords(store, site, now, lookBackMinutes(pairs, noProgressSeconds, now));
    trouble.push(...unreadable.map((key) => `${key} cannot be read by this version`));
    const options = { site, now, noProgressSeconds, depthOf };
    const summaries = summariseStatus(records, pairs, options);
    const settled = summariseStatus(ofMinute(records, now), pairs, options);
    // Counts are of one minute; how long something has waited, and whether it stands still, show only over many.
    const points = settled.flatMap((minute, index) => {
      const { oldestSeconds = null, progress = minute.progress } = summaries[index] ?? {};
      return metricPoints({ ...minute, oldestSeconds, progress }, now);
    });
    await guarded('putting the metrics', trouble, () => metrics.put(points));
    for (const stuck of summaries.filter(({ progress }) => progress.kind === 'stuck')) {
      trouble.push(`${stuck.pair}/${stuck.tier} stands still: ${stuck.progress.because}`);
      await guarded('telling people', trouble, () => deps.tell(stuck));
    }
  }

  return async () => {
    const trouble: string[] = [];
    const now = clock.now();
    await guarded('looking at how replication is', trouble, () => summarise(now, trouble));
    await recorder.flush({ now: true });
    if (isLongLook(now)) {
      const age = { hours: KEPT_HOURS, limit: MOST_CLEARED };
      await guarded('clearing old records', trouble, () => clearRecords(store, site, now, age));
    }
    return trouble;
  };
}

/** How many keys each tier's queue holds; a tier on the event has no queue but that of keys to go on with. Noted for whoever looks later. */
async function askDepths(
  { queueOf, recorder }: LookDeps,
  pairs: readonly BucketPair[],
  trouble: string[],
): Promise<Map<string, number>> {
  const depths = new Map<string, number>();
  const note = (pair: BucketPair, tier: ReplicationTier, keys: number) => {
    depths.set(`${pair.name}/${tier.name}`, keys);
    recorder.note(pair.name, tier.name, { kind: 'queued', keys });
  };
  const ask = (queue: ObjectQueue, found: (keys: number) => void) =>
    guarded('asking a queue for its depth', trouble, async () => found(await queueOf(queue).depth()));
  const tiers = pairs.flatMap((pair) => pair.tiers.map((tier) => ({ pair, tier })));
  const onEvent = tiers.filter(({ tier }) => tier.everySeconds === null);
  await Promise.all([
    ask({ kind: 'again' }, (keys) => {
      for (const { pair, tier } of onEvent) note(pair, tier, keys);
    }),
    ...tiers
      .filter(({ tier }) => tier.everySeconds !== null)
      .map(({ pair, tier }) =>
        ask({ kind: 'window', pair: pair.name, tier: tier.name }, (keys) => note(pair, tier, keys)),
      ),
  ]);
  return depths;
}

function isLongLook(now: Date): boolean {
  return now.getUTCMinutes() === LONG_LOOK_AT_MINUTE;
}

function lookBackMinutes(pairs: readonly BucketPair[], noProgressSeconds: number, now: Date): number {
  const windows = pairs.flatMap(({ tiers }) => tiers.map(({ everySeconds }) => everySeconds ?? 0));
  const seconds = noProgressSeconds + (isLongLook(now) ? Math.max(0, ...windows) : 0);
  return Math.ceil(seconds / 60) + SETTLED_MINUTES;
}

function ofMinute(records: readonly StatusRecord[], now: Date): StatusRecord[] {
  const minute = minuteOf(now) - SETTLED_MINUTES * MINUTE_MILLIS;
  return records.filter(({ minuteMillis }) => minuteMillis === minute);
}

async function guarded(what: string, trouble: string[], work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    trouble.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
