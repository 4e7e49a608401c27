// planTraffic: desired against actual, as additions and deletions. Changes nothing.
import { canonicalJson } from '../model/canonical-json.ts';
import { plainName, readCloudDns, readRoute53 } from '../model/record-sets.ts';
import type { DnsZone, ZoneRecord } from '../ports/traffic.ts';
import { cloudDnsRecords } from './cloud-dns-records.ts';
import type { DesiredTraffic } from './desired.ts';
import { isOwnName, ownershipName, pairName } from './names.ts';
import { ownershipRecord, readOwnership } from './ownership.ts';
import { type Route53Context, route53Records } from './route53-records.ts';

/** Desired traffic in the words of one provider. */
export type DesiredZone = { provider: DnsZone['provider']; traffic: DesiredTraffic; records: ZoneRecord[] };

export type TrafficPlan = {
  provider: DnsZone['provider'];
  traffic: DesiredTraffic;
  additions: ZoneRecord[];
  deletions: ZoneRecord[];
  /** Of the changed records, those that only move from one declared site's answer to another's: see `guardTraffic`. */
  swaps: string[];
  comment: string;
};

export function desiredRoute53(traffic: DesiredTraffic, context: Route53Context): DesiredZone {
  return { provider: 'route53', traffic, records: route53Records(traffic, context) };
}

export function desiredCloudDns(traffic: DesiredTraffic): DesiredZone {
  return { provider: 'clouddns', traffic, records: cloudDnsRecords(traffic) };
}

/** What identifies a record set within a zone. */
export function recordKey(record: ZoneRecord): string {
  return `${record.name} ${record.type} ${record.setIdentifier ?? '-'}`;
}

/** Both lists are empty when the zone says what is desired, at the desired epoch. */
export function planTraffic(desired: DesiredZone, actual: readonly ZoneRecord[]): TrafficPlan {
  const { provider, traffic, records } = desired;
  const own = actual.filter((record) => isOwnName(traffic, record.name));
  const stated = own.filter((record) => record.name === ownershipName(traffic.name));
  const current = own.filter((record) => !stated.includes(record));
  const wanted = new Map(records.map((record) => [recordKey(record), record]));
  const present = new Map(current.map((record) => [recordKey(record), record]));
  const additions = records.filter((record) => present.get(recordKey(record))?.native !== record.native);
  const deletions = current.filter((record) => wanted.get(recordKey(record))?.native !== record.native);
  const ownership = readOwnership(actual, traffic.name);
  const isStated = ownership?.application === traffic.application && ownership.epoch === traffic.epoch;
  const comment = `causeway ${traffic.application} epoch ${traffic.epoch}`;
  if (additions.length + deletions.length === 0 && isStated) {
    return { provider, traffic, additions: [], deletions: [], swaps: [], comment };
  }
  const swaps = additions.filter((record) => isSwap(provider, traffic, present.get(recordKey(record)), record));
  return {
    provider,
    traffic,
    additions: [...additions, ownershipRecord(provider, traffic, (ownership?.revision ?? 0) + 1)],
    deletions: [...deletions, ...stated],
    swaps: swaps.map(recordKey),
    comment,
  };
}

/** True when the two differ in nothing but which declared site they answer with. */
function isSwap(
  provider: DnsZone['provider'],
  traffic: DesiredTraffic,
  before: ZoneRecord | undefined,
  after: ZoneRecord,
): boolean {
  if (!before) return false;
  const pairNames = traffic.pairs.map((pair) => pairName(traffic.name, pair.preferred));
  const declared = new Set([...Object.values(traffic.addresses).flat(), ...pairNames]);
  const [old, next] = [answerAndShape(provider, before), answerAndShape(provider, after)];
  if (old === null || next === null) return false;
  return old.shape === next.shape && [...old.answers, ...next.answers].every((answer) => declared.has(answer));
}

/** A record's answers, and all that is not an answer; null for routing, whose targets are policy and not an answer. */
function answerAndShape(
  provider: DnsZone['provider'],
  record: ZoneRecord,
): { answers: string[]; shape: string } | null {
  if (provider === 'clouddns') {
    const { rrdatas, ...shape } = readCloudDns(record.native);
    return rrdatas ? { answers: rrdatas.map(plainName), shape: canonicalJson(shape) } : null;
  }
  const { ResourceRecords, AliasTarget, ...shape } = readRoute53(record.native);
  if (ResourceRecords) return { answers: ResourceRecords.map((value) => value.Value), shape: canonicalJson(shape) };
  return AliasTarget && !shape.SetIdentifier ? { answers: [AliasTarget.DNSName], shape: canonicalJson(shape) } : null;
}
