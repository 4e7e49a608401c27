// How Route 53 answers: routing policies, alias trees and health checks, as its documentation tells them.

import { distanceKm, regionNamed } from '../../../shared/traffic/regions.ts';
import { CONTINENT_CODES } from '../../../shared/traffic/route53-records.ts';
import type { Route53Image, Route53Set } from './image.ts';
import { type Asker, byWeight, type Choice, type ZoneRules } from './resolution.ts';

/** True when the check counts as healthy now, after inversion. Unknown ids count as healthy, as deleted checks do. */
export type HealthOf = (checkId: string) => boolean;

/** Deeper alias trees are a loop, which the control plane should have refused. */
const DEEPEST_TREE = 16;

/**
 * Sources: "How Amazon Route 53 chooses records when health checking is configured" and "Choosing a routing policy" in the
 * Route 53 developer guide. Latency is stood for by the distance to the record's region.
 */
export function route53Rules(image: Route53Image, healthOf: HealthOf): ZoneRules {
  const groups = new Map<string, Route53Set[]>();
  for (const set of image.sets) {
    const key = `${set.Name} ${set.Type}`;
    groups.set(key, [...(groups.get(key) ?? []), set]);
  }
  const names = image.sets.map((set) => set.Name);
  const group: GroupOf = (name, type) => groups.get(`${name} ${type}`) ?? [];
  return {
    apex: image.apex,
    holds: (name) => names.some((held) => held === name || held.endsWith(`.${name}`)),
    choose: (name, type, asker) => choose({ group, healthOf }, name, type, asker, 0),
  };
}

type GroupOf = (name: string, type: string) => Route53Set[];
type Zone = { group: GroupOf; healthOf: HealthOf };

function choose(zone: Zone, name: string, type: string, asker: Asker, depth: number): Choice | null {
  const members = zone.group(name, type);
  if (members.length === 0 || depth > DEEPEST_TREE) return null;
  const chosen = pick(members, (set) => isHealthy(zone, set, depth), asker);
  if (!chosen) return null;
  if (chosen.AliasTarget) return choose(zone, chosen.AliasTarget.DNSName, type, asker, depth + 1);
  return { ttlSeconds: chosen.TTL ?? 0, values: (chosen.ResourceRecords ?? []).map((record) => record.Value) };
}

/** An alias that evaluates its target is healthy when at least one record of the target is; a record without a check always is. */
function isHealthy(zone: Zone, set: Route53Set, depth: number): boolean {
  if (set.HealthCheckId !== undefined && !zone.healthOf(set.HealthCheckId)) return false;
  if (!set.AliasTarget?.EvaluateTargetHealth || depth > DEEPEST_TREE) return true;
  const target = zone.group(set.AliasTarget.DNSName, set.Type);
  return target.length === 0 || target.some((member) => isHealthy(zone, member, depth + 1));
}

type Healthy = (set: Route53Set) => boolean;

function pick(members: Route53Set[], healthy: Healthy, asker: Asker): Route53Set | null {
  const [first] = members;
  if (first === undefined) return null;
  if (first.Failover !== undefined) return pickFailover(members, healthy);
  if (first.Weight !== undefined) return pickWeighted(members, healthy, asker);
  if (first.Region !== undefined) return firstHealthy(byDistance(members, asker), healthy);
  if (first.GeoLocation !== undefined) return firstHealthy(byPrecision(members, asker), healthy);
  return first;
}

/** The primary while it is healthy; then a healthy secondary; with neither, the primary again. */
function pickFailover(members: Route53Set[], healthy: Healthy): Route53Set | null {
  const primary = members.find((set) => set.Failover === 'PRIMARY') ?? null;
  const secondary = members.find((set) => set.Failover === 'SECONDARY') ?? null;
  if (primary && healthy(primary)) return primary;
  if (secondary && healthy(secondary)) return secondary;
  return primary ?? secondary;
}

/** Zero weights are answered only when no healthy record has a weight; with nobody healthy, all count as healthy. */
function pickWeighted(members: Route53Set[], healthy: Healthy, asker: Asker): Route53Set | null {
  const alive = members.filter(healthy);
  const candidates = (alive.length > 0 ? alive : members).map((set) => ({ weight: set.Weight ?? 0, set }));
  const fraction = asker.fraction();
  const equal = candidates.map(({ set }) => ({ weight: 1, set }));
  return (byWeight(candidates, fraction) ?? byWeight(equal, fraction))?.set ?? null;
}

function firstHealthy(ranked: Route53Set[], healthy: Healthy): Route53Set | null {
  return ranked.find(healthy) ?? ranked[0] ?? null;
}

function byDistance(members: Route53Set[], asker: Asker): Route53Set[] {
  const distance = (set: Route53Set) => distanceKm(asker.place, regionNamed('aws', set.Region ?? ''));
  return members.toSorted((a, b) => distance(a) - distance(b));
}

/** The most precise location first: country, continent, then the default. Others do not match at all. */
function byPrecision(members: Route53Set[], asker: Asker): Route53Set[] {
  const { country, continent } = asker.place;
  const rank = (set: Route53Set): number => {
    if (country !== null && set.GeoLocation?.CountryCode === country) return 0;
    if (continent !== null && set.GeoLocation?.ContinentCode === CONTINENT_CODES[continent]) return 1;
    return set.GeoLocation?.CountryCode === '*' ? 2 : 3;
  };
  return members.filter((set) => rank(set) < 3).toSorted((a, b) => rank(a) - rank(b));
}
