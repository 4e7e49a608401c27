// Every way that a question can take through a zone's records, with the addresses at its end: what the guard judges.
import {
  type CloudDnsRecordSet,
  plainName,
  type Route53RecordSet,
  readCloudDns,
  readRoute53,
} from '../model/record-sets.ts';
import type { DnsZone, ZoneRecord } from '../ports/traffic.ts';

/** One way. No addresses: a client that takes it gets nothing. */
export type Way = { path: string[]; addresses: string[] };

/** Longer chains are a loop: Causeway itself needs three links. */
const LONGEST_CHAIN = 8;

/** All ways from `name` to A records, whatever the client's place, its luck and the state of health checks. */
export function waysFrom(provider: DnsZone['provider'], records: readonly ZoneRecord[], name: string): Way[] {
  return walk(provider, records, name, []);
}

function walk(provider: DnsZone['provider'], records: readonly ZoneRecord[], name: string, path: string[]): Way[] {
  const here = [...path, name];
  const found = records.filter((record) => record.name === name && record.type !== 'TXT');
  if (found.length === 0 || here.length > LONGEST_CHAIN) return [{ path: here, addresses: [] }];
  const follow = (target: string, label: string) => walk(provider, records, plainName(target), [...here, label]);
  return provider === 'route53'
    ? route53Ways(
        found.map((record) => readRoute53(record.native)),
        here,
        follow,
      )
    : found.flatMap((record) => cloudDnsWays(readCloudDns(record.native), here, follow));
}

type Follow = (target: string, label: string) => Way[];

function route53Ways(sets: Route53RecordSet[], here: string[], follow: Follow): Way[] {
  const ways = sets.flatMap((set) => {
    const label = set.SetIdentifier ?? 'the only answer';
    if (set.AliasTarget) return follow(set.AliasTarget.DNSName, label);
    const values = (set.ResourceRecords ?? []).map((record) => record.Value);
    if (set.Type === 'CNAME') return values.flatMap((value) => follow(value, label));
    return [{ path: [...here, label], addresses: values }];
  });
  const isGeo = sets.some((set) => set.GeoLocation);
  const hasDefault = sets.some((set) => set.GeoLocation?.CountryCode === '*');
  // Route 53 answers a location that no record names with NODATA unless there is a default.
  return isGeo && !hasDefault ? [...ways, { path: [...here, 'any other location'], addresses: [] }] : ways;
}

function cloudDnsWays(set: CloudDnsRecordSet, here: string[], follow: Follow): Way[] {
  return branchesOf(set).flatMap(({ label, rrdatas }) => {
    if (set.type === 'CNAME' && rrdatas.length > 0) return rrdatas.flatMap((target) => follow(target, label));
    return [{ path: [...here, label], addresses: rrdatas }];
  });
}

function branchesOf(set: CloudDnsRecordSet): { label: string; rrdatas: string[] }[] {
  const policy = set.routingPolicy;
  if (!policy) return [{ label: 'the only answer', rrdatas: set.rrdatas ?? [] }];
  const geo = [...(policy.geo?.items ?? []), ...(policy.primaryBackup?.backupGeoTargets.items ?? [])];
  const answers = (item: { rrdatas?: string[] | undefined; healthCheckedTargets?: Checked | undefined }) => [
    ...(item.rrdatas ?? []),
    ...(item.healthCheckedTargets?.externalEndpoints ?? []),
  ];
  return [
    ...(policy.wrr?.items ?? []).map((item) => ({ label: `weight ${item.weight}`, rrdatas: answers(item) })),
    ...geo.map((item) => ({ label: item.location, rrdatas: answers(item) })),
    ...(policy.primaryBackup
      ? [{ label: 'primary targets', rrdatas: policy.primaryBackup.primaryTargets.externalEndpoints }]
      : []),
  ];
}

type Checked = { externalEndpoints?: string[] | undefined };
