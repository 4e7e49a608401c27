// What one process did of each tier in one minute: an object of its own in the store beside its site, so that nobody waits for anybody.
import * as z from 'zod';
import type { SiteName } from '../../model/site.ts';
import { LagHistogram } from './lag-histogram.ts';

export const TierRecord = z.object({
  pair: z.string(),
  tier: z.string(),
  replicated: z.int(),
  bytes: z.int(),
  lag: LagHistogram,
  /** By reason. */
  failures: z.record(z.string(), z.int()),
  retries: z.int(),
  conflicts: z.int(),
  deadLetters: z.int(),
  /** The event of the oldest key that was put off in this minute; null: none was. Milliseconds since 1970. */
  waitingSinceMillis: z.int().nullable(),
  /** How many keys the tier's queue held when this process asked; null: it did not ask, or got no answer. */
  queued: z.int().nullable(),
  /** When this process last brought a key of the tier to its end. */
  lastDoneMillis: z.int().nullable(),
});
export type TierRecord = z.infer<typeof TierRecord>;

export const StatusRecord = z.object({
  schema: z.literal(1),
  site: z.string(),
  process: z.string(),
  /** The minute's beginning, milliseconds since 1970. */
  minuteMillis: z.int(),
  tiers: z.array(TierRecord),
});
export type StatusRecord = z.infer<typeof StatusRecord>;

export function emptyTierRecord(pair: string, tier: string): TierRecord {
  return {
    pair,
    tier,
    replicated: 0,
    bytes: 0,
    lag: {},
    failures: {},
    retries: 0,
    conflicts: 0,
    deadLetters: 0,
    waitingSinceMillis: null,
    queued: null,
    lastDoneMillis: null,
  };
}

export const MINUTE_MILLIS = 60_000;

export function minuteOf(now: Date): number {
  return Math.floor(now.getTime() / MINUTE_MILLIS) * MINUTE_MILLIS;
}

export function statusPrefix(site: SiteName): string {
  return `.causeway/status/${site}/`;
}

/** Keys are in the order of time: `.causeway/status/aws/2026-11-25T01:44/<process>.json`. */
export function minutePrefix(site: SiteName, minuteMillis: number): string {
  return `${statusPrefix(site)}${new Date(minuteMillis).toISOString().slice(0, 16)}/`;
}

export function recordKey({
  site,
  minuteMillis,
  process,
}: Pick<StatusRecord, 'site' | 'minuteMillis' | 'process'>): string {
  return `${minutePrefix(site, minuteMillis)}${process}.json`;
}
