// Desired traffic as Route 53 record sets: an alias tree whose leaves are failover pairs.
import { type Route53RecordSet, route53Record } from '../model/record-sets.ts';
import type { SiteName } from '../model/site.ts';
import type { ZoneRecord } from '../ports/traffic.ts';
import type { Continent, DesiredTraffic, Pair, Policy, Spread } from './desired.ts';
import { pairName, spreadName } from './names.ts';
import { nearestRegion, regionNamed } from './regions.ts';

export const CONTINENT_CODES: Record<Continent, string> = {
  africa: 'AF',
  antarctica: 'AN',
  asia: 'AS',
  europe: 'EU',
  oceania: 'OC',
  north_america: 'NA',
  south_america: 'SA',
};

/** What the records of this provider need beside the answers. */
export type Route53Context = {
  zoneId: string;
  /** By site: the inverted health check that watches the beacon "this site is away". */
  healthCheckIds: Record<SiteName, string>;
};

/**
 * All record sets but the ownership record. Only a PRIMARY carries a health check, and that one watches a beacon and no endpoint:
 * traffic follows authority. A SECONDARY without one is always healthy, so no pair can end with an empty answer.
 * Throws when a site has no health check yet.
 */
export function route53Records(traffic: DesiredTraffic, context: Route53Context): ZoneRecord[] {
  const alias = (name: string, target: string, routing: Partial<Route53RecordSet>): Route53RecordSet => ({
    Name: name,
    Type: 'A',
    ...routing,
    AliasTarget: { HostedZoneId: context.zoneId, DNSName: target, EvaluateTargetHealth: true },
  });
  // Targets before the aliases that lead to them, so that a batch is sound in any order of judging.
  const sets = [
    ...traffic.pairs.flatMap((pair) => pairSets(traffic, pair, context)),
    ...policySets(traffic, traffic.name, traffic.root, alias),
    alias(traffic.writerName, pairName(traffic.name, traffic.writer), {}),
  ];
  return sets.map(route53Record);
}

type Alias = (name: string, target: string, routing: Partial<Route53RecordSet>) => Route53RecordSet;

function policySets(traffic: DesiredTraffic, owner: string, policy: Policy, alias: Alias): Route53RecordSet[] {
  const pair = (to: Pair) => pairName(traffic.name, to.preferred);
  if (policy.kind === 'pair') return [alias(owner, pair(policy), {})];
  if (policy.kind !== 'geolocation') return spreadSets(owner, policy, pair, alias);
  const named = policy.branches.map(({ location, to }) =>
    alias(owner, pair(to), { SetIdentifier: location, GeoLocation: { ContinentCode: CONTINENT_CODES[location] } }),
  );
  const { otherwise } = policy;
  const nested = otherwise.kind === 'pair' ? [] : spreadSets(spreadName(traffic.name), otherwise, pair, alias);
  const target = otherwise.kind === 'pair' ? pair(otherwise) : spreadName(traffic.name);
  return [...nested, ...named, alias(owner, target, { SetIdentifier: 'default', GeoLocation: { CountryCode: '*' } })];
}

function spreadSets(owner: string, spread: Spread, pair: (to: Pair) => string, alias: Alias): Route53RecordSet[] {
  if (spread.kind === 'weighted') {
    const weights = wholeWeights(spread.branches.map((branch) => branch.weight));
    return spread.branches.map(({ to }, index) =>
      alias(owner, pair(to), { SetIdentifier: to.preferred, Weight: weights[index] ?? 0 }),
    );
  }
  const taken = new Set<string>();
  return spread.branches.map(({ provider, region, to }) => {
    const nearest = nearestRegion('aws', regionNamed(provider, region), taken).name;
    taken.add(nearest);
    return alias(owner, pair(to), { SetIdentifier: to.preferred, Region: nearest });
  });
}

/** Route 53 takes whole weights up to 255; what does not fit is scaled, and a share above 0 never becomes 0. */
function wholeWeights(weights: number[]): number[] {
  const largest = Math.max(...weights);
  if (largest <= 255 && weights.every(Number.isInteger)) return weights;
  return weights.map((weight) => (weight === 0 ? 0 : Math.max(1, Math.round((weight / largest) * 255))));
}

function pairSets(traffic: DesiredTraffic, pair: Pair, context: Route53Context): Route53RecordSet[] {
  const healthCheckId = context.healthCheckIds[pair.preferred];
  if (healthCheckId === undefined) {
    throw new Error(
      `no health check watches the beacon of "${pair.preferred}"; publish the records once while both clouds are well, so that a failover finds them made`,
    );
  }
  const answer = (site: SiteName) => (traffic.addresses[site] ?? []).map((Value) => ({ Value }));
  const leaf = { Name: pairName(traffic.name, pair.preferred), Type: 'A', TTL: traffic.ttlSeconds } as const;
  return [
    {
      ...leaf,
      SetIdentifier: 'primary',
      Failover: 'PRIMARY',
      ResourceRecords: answer(pair.first),
      HealthCheckId: healthCheckId,
    },
    { ...leaf, SetIdentifier: 'secondary', Failover: 'SECONDARY', ResourceRecords: answer(pair.second) },
  ];
}
