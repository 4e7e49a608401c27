// The ownership record: whose the published names are, at which epoch they were written, and how often.
import { cloudDnsRecord, route53Record } from '../model/record-sets.ts';
import type { DnsZone, ZoneRecord } from '../ports/traffic.ts';
import type { DesiredTraffic } from './desired.ts';
import { ownershipName } from './names.ts';

/**
 * `revision` rises with every batch. Each batch deletes the record exactly as it was read and adds the next one, so that
 * it can only be accepted by a zone that nobody has written since: a compare-and-swap of the whole zone.
 */
export type Ownership = { application: string; epoch: number; revision: number };

export function ownershipRecord(provider: DnsZone['provider'], traffic: DesiredTraffic, revision: number): ZoneRecord {
  const name = ownershipName(traffic.name);
  const text = `"heritage=causeway,application=${encodeURIComponent(traffic.application)},epoch=${traffic.epoch},revision=${revision}"`;
  return provider === 'route53'
    ? route53Record({ Name: name, Type: 'TXT', TTL: traffic.ttlSeconds, ResourceRecords: [{ Value: text }] })
    : cloudDnsRecord({ name: `${name}.`, type: 'TXT', ttl: traffic.ttlSeconds, rrdatas: [text] });
}

/** What the zone says; null when it has no such record, and a record that Causeway did not write is never read as one. */
export function readOwnership(actual: readonly ZoneRecord[], name: string): Ownership | null {
  const record = actual.find((candidate) => candidate.name === ownershipName(name) && candidate.type === 'TXT');
  return record ? parseOwnership(record.native) : null;
}

/** Finds the ownership text in a record's native form, whatever it is quoted in. */
function parseOwnership(text: string): Ownership | null {
  const found = /heritage=causeway,application=([^,"\\]+),epoch=(\d+),revision=(\d+)/.exec(text);
  const [, application, epoch, revision] = found ?? [];
  if (application === undefined) return null;
  return { application: decodeURIComponent(application), epoch: Number(epoch), revision: Number(revision) };
}
