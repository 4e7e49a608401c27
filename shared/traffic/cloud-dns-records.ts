// Desired traffic as Cloud DNS record sets: one policy for each name, nested by a chain of CNAMEs, because policies cannot be combined.
import { type CloudDnsPolicy, type CloudDnsRecordSet, cloudDnsRecord } from '../model/record-sets.ts';
import type { ZoneRecord } from '../ports/traffic.ts';
import type { DesiredTraffic, Geolocation, Pair, Policy, Spread } from './desired.ts';
import { pairName, spreadName } from './names.ts';
import { nearestRegion, regionNamed, regionsOf } from './regions.ts';

/**
 * All record sets but the ownership record. Cloud DNS knows no continent and no default location: a client is answered by the
 * nearest of the regions that the policy names, so every region of the map is named, with its continent's answer or
 * the default's. It has no inverted check either: a pair is its first site, and moving it takes its API.
 * The published name becomes a CNAME, so it cannot be the zone's apex.
 */
export function cloudDnsRecords(traffic: DesiredTraffic): ZoneRecord[] {
  const pair = (to: Pair) => `${pairName(traffic.name, to.preferred)}.`;
  const sets = [
    ...policySets(traffic, traffic.name, traffic.root, pair),
    ...traffic.pairs.map((leaf) => pairSet(traffic, leaf)),
    cname(traffic, traffic.writerName, { rrdatas: [`${pairName(traffic.name, traffic.writer)}.`] }),
  ];
  return sets.map(cloudDnsRecord);
}

type Target = (to: Pair) => string;

function cname(
  traffic: DesiredTraffic,
  owner: string,
  answer: { rrdatas: string[] } | { routingPolicy: CloudDnsPolicy },
): CloudDnsRecordSet {
  return { name: `${owner}.`, type: 'CNAME', ttl: traffic.ttlSeconds, ...answer };
}

function pairSet(traffic: DesiredTraffic, pair: Pair): CloudDnsRecordSet {
  return {
    name: `${pairName(traffic.name, pair.preferred)}.`,
    type: 'A',
    ttl: traffic.ttlSeconds,
    rrdatas: traffic.addresses[pair.first] ?? [],
  };
}

function policySets(traffic: DesiredTraffic, owner: string, policy: Policy, pair: Target): CloudDnsRecordSet[] {
  if (policy.kind === 'pair') return [cname(traffic, owner, { rrdatas: [pair(policy)] })];
  if (policy.kind !== 'geolocation') return [cname(traffic, owner, { routingPolicy: spreadPolicy(policy, pair) })];
  const { otherwise } = policy;
  if (otherwise.kind === 'pair') {
    return [cname(traffic, owner, { routingPolicy: geoPolicy(policy, pair(otherwise), pair) })];
  }
  const nested = spreadName(traffic.name);
  return [
    cname(traffic, owner, { routingPolicy: geoPolicy(policy, `${nested}.`, pair) }),
    cname(traffic, nested, { routingPolicy: spreadPolicy(otherwise, pair) }),
  ];
}

function geoPolicy(policy: Geolocation, otherwise: string, pair: Target): CloudDnsPolicy {
  const items = regionsOf('gcp').map((region) => {
    const branch = policy.branches.find(({ location }) => location === region.continent);
    return { location: region.name, rrdatas: [branch ? pair(branch.to) : otherwise] };
  });
  return { geo: { items } };
}

function spreadPolicy(spread: Spread, pair: Target): CloudDnsPolicy {
  if (spread.kind === 'weighted') {
    return { wrr: { items: spread.branches.map(({ weight, to }) => ({ weight, rrdatas: [pair(to)] })) } };
  }
  // The nearest site stands for the fastest one: Cloud DNS measures no latency.
  const taken = new Set<string>();
  const items = spread.branches.map(({ provider, region, to }) => {
    const nearest = nearestRegion('gcp', regionNamed(provider, region), taken).name;
    taken.add(nearest);
    return { location: nearest, rrdatas: [pair(to)] };
  });
  return { geo: { items } };
}
