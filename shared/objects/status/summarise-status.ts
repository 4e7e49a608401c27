// Many records made one: each tier of each pair at one site, as people and metrics are told of it. Pure.
import type { ReplicationTier } from '../../model/replica.ts';
import type { SiteName } from '../../model/site.ts';
import { lagAt, mergeLags } from './lag-histogram.ts';
import { type Progress, progressOf } from './no-progress.ts';
import { MINUTE_MILLIS, type StatusRecord, type TierRecord } from './status-record.ts';

export type TierSummary = {
  site: SiteName;
  pair: string;
  tier: string;
  everySeconds: number | null;
  replicated: number;
  bytes: number;
  /** Seconds from the event to the replica; null: nothing was replicated. */
  lag: { p50: number | null; p90: number | null; p99: number | null };
  failures: Record<string, number>;
  retries: number;
  conflicts: number;
  deadLetters: number;
  /** Keys in the tier's queue now; null: it has none, or did not answer. */
  waiting: number | null;
  oldestSeconds: number | null;
  lastDoneSecondsAgo: number | null;
  progress: Progress;
};

export type SummariseOptions = {
  site: SiteName;
  now: Date;
  noProgressSeconds: number;
  /** Null: there is no such queue, or it did not answer. */
  depthOf: (pair: string, tier: string) => number | null;
};

/** A process that has said nothing for so long says nothing about what waits either. */
const STALE_MILLIS = 10 * MINUTE_MILLIS;

/** One summary for each tier of the pairs, seen or not. */
export function summariseStatus(
  records: readonly StatusRecord[],
  pairs: readonly { name: string; tiers: readonly ReplicationTier[] }[],
  options: SummariseOptions,
): TierSummary[] {
  const nowMillis = options.now.getTime();
  const newest = Math.max(...records.map(({ minuteMillis }) => minuteMillis));
  const lastSaidSecondsAgo = records.length === 0 ? null : Math.max(0, (nowMillis - newest) / 1000);
  return pairs.flatMap(({ name, tiers }) =>
    tiers.map((tier) => {
      const own = records.flatMap((record) =>
        record.tiers.filter((one) => one.pair === name && one.tier === tier.name).map((one) => ({ record, one })),
      );
      return summariseTier(name, tier, own, lastSaidSecondsAgo, options);
    }),
  );
}

type Said = { record: StatusRecord; one: TierRecord };

function summariseTier(
  pair: string,
  { name: tier, everySeconds }: ReplicationTier,
  said: readonly Said[],
  lastSaidSecondsAgo: number | null,
  { site, now, noProgressSeconds, depthOf }: SummariseOptions,
): TierSummary {
  const all = said.map(({ one }) => one);
  const lag = mergeLags(all.map((one) => one.lag));
  const secondsAgo = (millis: number | null) => (millis === null ? null : Math.max(0, (now.getTime() - millis) / 1000));
  const waiting = depthOf(pair, tier);
  const oldestSeconds = secondsAgo(oldestWaiting(said, now));
  const lastDoneSecondsAgo = secondsAgo(latest(all.map((one) => one.lastDoneMillis)));
  const neverEmptySeconds = waiting === 0 ? null : secondsAgo(neverEmptySince(said));
  const seen = { waiting, oldestSeconds, neverEmptySeconds, lastDoneSecondsAgo, lastSaidSecondsAgo, everySeconds };
  return {
    site,
    pair,
    tier,
    everySeconds,
    replicated: total(all.map((one) => one.replicated)),
    bytes: total(all.map((one) => one.bytes)),
    lag: { p50: lagAt(lag, 0.5), p90: lagAt(lag, 0.9), p99: lagAt(lag, 0.99) },
    failures: mergeLags(all.map((one) => one.failures)),
    retries: total(all.map((one) => one.retries)),
    conflicts: total(all.map((one) => one.conflicts)),
    deadLetters: total(all.map((one) => one.deadLetters)),
    waiting,
    oldestSeconds,
    lastDoneSecondsAgo,
    progress: progressOf(seen, noProgressSeconds),
  };
}

/** Each process's last word counts, while it is fresh. */
function oldestWaiting(said: readonly Said[], now: Date): number | null {
  const last = new Map<string, Said>();
  for (const one of said) {
    const before = last.get(one.record.process);
    if (!before || before.record.minuteMillis < one.record.minuteMillis) last.set(one.record.process, one);
  }
  const fresh = [...last.values()].filter(({ record }) => now.getTime() - record.minuteMillis <= STALE_MILLIS);
  return earliest(fresh.map(({ one }) => one.waitingSinceMillis));
}

/** Since when every look at the queue has found keys in it. */
function neverEmptySince(said: readonly Said[]): number | null {
  const looks = said
    .filter(({ one }) => one.queued !== null)
    .map(({ record, one }) => ({ minuteMillis: record.minuteMillis, empty: one.queued === 0 }));
  const lastEmpty = latest(looks.filter(({ empty }) => empty).map(({ minuteMillis }) => minuteMillis)) ?? 0;
  return earliest(
    looks.filter(({ empty, minuteMillis }) => !empty && minuteMillis > lastEmpty).map((look) => look.minuteMillis),
  );
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}
