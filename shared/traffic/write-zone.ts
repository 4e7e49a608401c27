// writeZone: list, plan, guard and apply for one zone, run again when somebody else wrote between.

import { readRoute53 } from '../model/record-sets.ts';
import type { SiteName } from '../model/site.ts';
import { type Strategy, siteOf } from '../model/strategy.ts';
import type { DnsZone, ZoneRecord } from '../ports/traffic.ts';
import { type Applied, applyTraffic } from './apply.ts';
import type { DesiredTraffic, Pair } from './desired.ts';
import { guardTraffic, ownNames } from './guard.ts';
import { pairName } from './names.ts';
import { type DesiredZone, desiredCloudDns, desiredRoute53, planTraffic, recordKey, type TrafficPlan } from './plan.ts';

export type ZoneOutcome = Applied | { kind: 'refused'; because: string };

export type ZoneWriting = {
  zone: DnsZone;
  strategy: Strategy;
  traffic: DesiredTraffic;
  /** Null: take those that the published records carry, which is all that a failover may rely on. */
  healthCheckIds: Record<SiteName, string> | null;
  currentEpoch: () => Promise<number>;
  force: boolean;
};

/** A zone that changes under our hands this often has a second owner, and a person has to find it. */
const ATTEMPTS = 3;

/** Throws `TrafficUnavailable` when the zone's API does not answer. Safe to run again: a zone that says so already is left alone. */
export async function writeZone(writing: ZoneWriting): Promise<ZoneOutcome> {
  let last: ZoneOutcome = { kind: 'conflict', because: 'not tried' };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    last = await writeOnce(writing);
    if (last.kind !== 'conflict') return last;
  }
  return last;
}

async function writeOnce(writing: ZoneWriting): Promise<ZoneOutcome> {
  const planned = await planZone(writing);
  if (planned.kind === 'refused') return planned;
  const { plan, actual } = planned;
  return applyTraffic(writing.zone, plan, { actual, currentEpoch: writing.currentEpoch });
}

export type ZonePlan =
  | { kind: 'planned'; plan: TrafficPlan; actual: readonly ZoneRecord[] }
  | { kind: 'refused'; because: string };

/** What `writeZone` would send now, after the guard has looked at it. Changes nothing. Throws `TrafficUnavailable`. */
export async function planZone(writing: Omit<ZoneWriting, 'currentEpoch'>): Promise<ZonePlan> {
  const { zone, strategy, traffic, force } = writing;
  const actual = await listOwn(zone, traffic);
  const ids = writing.healthCheckIds ?? healthCheckIdsIn(actual, traffic);
  const missing = zone.provider === 'route53' ? traffic.pairs.find((pair) => ids[pair.preferred] === undefined) : null;
  if (missing) return { kind: 'refused', because: unpublished(traffic, missing) };
  const plan = planTraffic(desiredZone(zone, strategy, traffic, ids), actual);
  const verdict = guardTraffic(plan, actual, {
    capPercent: strategy.dns.changeCapPercent,
    owned: ownNames(strategy.dns),
    force,
  });
  return verdict.kind === 'refused' ? verdict : { kind: 'planned', plan, actual };
}

/** How a zone differs from what is desired. */
export type ZoneDifferences = {
  /** What must be published before the zone can say what is desired; null: nothing. */
  unpublished: string | null;
  /** Records that are missing, otherwise, or too many, in a few words each. */
  records: string[];
};

/** Lists the zone and changes nothing. Throws `TrafficUnavailable`. */
export async function zoneDifferences(
  zone: DnsZone,
  strategy: Strategy,
  traffic: DesiredTraffic,
): Promise<ZoneDifferences> {
  const actual = await listOwn(zone, traffic);
  const ids = healthCheckIdsIn(actual, traffic);
  const missing = zone.provider === 'route53' ? traffic.pairs.find((pair) => ids[pair.preferred] === undefined) : null;
  if (missing) return { unpublished: unpublished(traffic, missing), records: [] };
  const { additions, deletions } = planTraffic(desiredZone(zone, strategy, traffic, ids), actual);
  const [added, deleted] = [additions.map(recordKey), deletions.map(recordKey)];
  return {
    unpublished: null,
    records: [
      ...added.map((key) => `${key} is ${deleted.includes(key) ? 'otherwise' : 'missing'}`),
      ...deleted.filter((key) => !added.includes(key)).map((key) => `${key} is too many`),
    ],
  };
}

/** True when the zone says what is desired. Throws `TrafficUnavailable`. */
export async function isWritten(zone: DnsZone, strategy: Strategy, traffic: DesiredTraffic): Promise<boolean> {
  const { unpublished: missing, records } = await zoneDifferences(zone, strategy, traffic);
  return missing === null && records.length === 0;
}

/** True when every pair's record carries a health check: such a zone can be moved without asking for checks. Throws `TrafficUnavailable`. */
export async function carriesHealthChecks(zone: DnsZone, traffic: DesiredTraffic): Promise<boolean> {
  const ids = healthCheckIdsIn(await listOwn(zone, traffic), traffic);
  return traffic.pairs.every((pair) => ids[pair.preferred] !== undefined);
}

/** The records at and below both published names, each once. */
async function listOwn(zone: DnsZone, traffic: DesiredTraffic): Promise<ZoneRecord[]> {
  const lists = await Promise.all([traffic.name, traffic.writerName].map((name) => zone.list(name)));
  return [...new Map(lists.flat().map((record) => [recordKey(record), record])).values()];
}

function desiredZone(
  zone: DnsZone,
  strategy: Strategy,
  traffic: DesiredTraffic,
  healthCheckIds: Record<SiteName, string>,
): DesiredZone {
  if (zone.provider === 'clouddns') return desiredCloudDns(traffic);
  const home = strategy.sites.find((site) => site.provider === 'aws') ?? siteOf(strategy, traffic.writer);
  return desiredRoute53(traffic, { zoneId: home.zoneId, healthCheckIds });
}

function healthCheckIdsIn(actual: readonly ZoneRecord[], traffic: DesiredTraffic): Record<SiteName, string> {
  const ids: Record<SiteName, string> = {};
  for (const { preferred } of traffic.pairs) {
    const primary = actual.find(
      (record) => record.name === pairName(traffic.name, preferred) && record.setIdentifier === 'primary',
    );
    const id = primary ? readRoute53(primary.native).HealthCheckId : undefined;
    if (id !== undefined) ids[preferred] = id;
  }
  return ids;
}

function unpublished(traffic: DesiredTraffic, pair: Pair): string {
  return `${pairName(traffic.name, pair.preferred)} has no health check in Route 53; publish the records once while both clouds are well`;
}
