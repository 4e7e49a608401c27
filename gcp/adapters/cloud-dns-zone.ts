// A Cloud DNS managed zone: its records with their routing policies, and atomic changes to them.
import { DNS, type Record as DnsRecord, type Zone } from '@google-cloud/dns';
import type { AuthClient } from 'google-auth-library';
import * as z from 'zod';
import { CloudDnsRecordSet, cloudDnsRecord, plainName, readCloudDns } from '../../shared/model/record-sets.ts';
import {
  type ApplyResult,
  type DnsZone,
  TrafficUnavailable,
  type ZoneChange,
  type ZoneRecord,
} from '../../shared/ports/traffic.ts';
import { callGoogle, GoogleCallFailed } from './google-call.ts';

export type CloudDnsZoneOptions = {
  /** The managed zone's name within the client's project. */
  zone: string;
  /** For each call; 5 when left out. */
  timeoutSeconds?: number;
};

const KEPT_TYPES = ['A', 'CNAME', 'TXT'];

/** `at` null: the service's own address; otherwise plain http to that place, as for a stand-in. */
export function connectCloudDns(options: {
  projectId: string;
  authClient: AuthClient;
  at: { host: string; port: number } | null;
}): DNS {
  const client = new DNS({ projectId: options.projectId, authClient: options.authClient });
  // The client only knows https for an endpoint of its own choice; its base URL is a public field.
  if (options.at !== null) client.baseUrl = `http://${options.at.host}:${options.at.port}/dns/v1`;
  // An answer is an answer: no tries after 429 or 5xx. After a cut connection the client tries again whatever it is told; that is
  // harmless, because a batch deletes the ownership record as it was read and can be accepted only once.
  client.interceptors.push({
    request: (request) => {
      Object.assign(request, { maxRetries: 0 });
      return { ...request, uri: 'uri' in request ? request.uri : '' };
    },
  });
  return client;
}

/**
 * Each deletion must equal what is stored, so that a batch planned on an old view fails as a whole. Throws `TrafficUnavailable` when
 * the answer is not known, and a plain error when Cloud DNS refuses for good (no such zone, not allowed, bad data).
 */
export function createCloudDnsZone(dns: DNS, options: CloudDnsZoneOptions): DnsZone {
  const zone = dns.zone(options.zone);
  return {
    provider: 'clouddns',
    list: (name) => list(zone, options, plainName(name)),
    apply: (change) => apply(zone, options, change),
  };
}

async function list(zone: Zone, options: CloudDnsZoneOptions, name: string): Promise<ZoneRecord[]> {
  const found: ZoneRecord[] = [];
  let page: { maxResults: number; pageToken?: string } | null = { maxResults: 1000 };
  while (page !== null) {
    const query: { maxResults: number; pageToken?: string } = page;
    const [records, next] = await ask(`list records of ${options.zone}`, options, () => zone.getRecords(query));
    found.push(...records.filter((record) => isKept(record, name)).map(toRecord));
    page = NextPage.parse(next);
  }
  return found;
}

/** What the client answers beside a page: the query of the next one, or null. */
const NextPage = z.object({ maxResults: z.number(), pageToken: z.string() }).nullable();

function isKept(record: DnsRecord, name: string): boolean {
  const recordName = plainName(record.metadata.name);
  return (recordName === name || recordName.endsWith(`.${name}`)) && KEPT_TYPES.includes(record.type);
}

/** Sets that use what Causeway does not manage are listed as they are; whoever wants to change one is told by the schema. */
function toRecord(record: DnsRecord): ZoneRecord {
  const sent: unknown = JSON.parse(JSON.stringify(record.toJSON(), withoutOutputOnly));
  const parsed = CloudDnsRecordSet.safeParse(sent);
  if (parsed.success) return cloudDnsRecord(parsed.data);
  return {
    name: plainName(record.metadata.name),
    type: record.type === 'CNAME' || record.type === 'TXT' ? record.type : 'A',
    setIdentifier: null,
    ttlSeconds: record.metadata.ttl,
    native: JSON.stringify(sent),
  };
}

/** `kind` is in every part of an answer, and signatures are of the service's making: neither is part of the record. */
function withoutOutputOnly(key: string, value: unknown): unknown {
  return key === 'kind' || key === 'signatureRrdatas' ? undefined : value;
}

async function apply(zone: Zone, options: CloudDnsZoneOptions, change: ZoneChange): Promise<ApplyResult> {
  const what = `change ${change.additions.length + change.deletions.length} record sets of ${options.zone}`;
  try {
    const [accepted] = await ask(what, options, () =>
      zone.createChange({
        add: change.additions.map((record) => toNative(zone, record)),
        delete: change.deletions.map((record) => toNative(zone, record)),
      }),
    );
    return { kind: 'accepted', changeId: accepted.id ?? 'without an id' };
  } catch (error) {
    if (!(error instanceof GoogleCallFailed)) throw error;
    if (CONFLICTS.includes(statusOf(error) ?? 0)) return { kind: 'conflict', because: error.message };
    if (reasonsOf(error).includes('cnameResourceRecordSetConflict')) {
      throw new Error(
        `${error.message}; policies are nested by CNAMEs in Cloud DNS, so a published name must lie below the apex of its zone and beside no other record`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** 409: an addition is there already. 412: a deletion differs from what is stored. 404: it is not there at all (or the zone is not). */
const CONFLICTS = [404, 409, 412];

function toNative(zone: Zone, record: ZoneRecord): DnsRecord {
  const { type, name, ttl, rrdatas, routingPolicy } = readCloudDns(record.native);
  // Held in a variable: the client's types know no routing policy, while its requests carry every field that it is given.
  const metadata = rrdatas ? { name, ttl, rrdatas } : { name, ttl, routingPolicy };
  return zone.record(type.toLowerCase(), metadata);
}

const HttpFailure = z.object({ code: z.union([z.number(), z.string()]) });
const Reasons = z.object({ errors: z.array(z.object({ reason: z.string() })) });

function reasonsOf(error: GoogleCallFailed): string[] {
  return Reasons.safeParse(error.cause).data?.errors.map((one) => one.reason) ?? [];
}

/** The HTTP status that Cloud DNS answered; null when there was no answer. */
function statusOf(error: GoogleCallFailed): number | null {
  const parsed = HttpFailure.safeParse(error.cause);
  const code = parsed.success ? Number(parsed.data.code) : Number.NaN;
  return Number.isInteger(code) ? code : null;
}

async function ask<T>(what: string, options: CloudDnsZoneOptions, call: () => Promise<T>): Promise<T> {
  try {
    return await callGoogle(what, options.timeoutSeconds ?? 5, call);
  } catch (cause) {
    if (!(cause instanceof GoogleCallFailed)) throw cause;
    const status = statusOf(cause);
    const throttled = reasonsOf(cause).some((reason) => /rateLimit|quota/i.test(reason));
    if (status === null || status === 401 || status === 429 || status >= 500 || throttled) {
      throw new TrafficUnavailable(cause.message, { cause });
    }
    throw cause;
  }
}
