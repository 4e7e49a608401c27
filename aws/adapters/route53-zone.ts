// A Route 53 hosted zone: its records, and atomic batches of changes to them.
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetProtectionsCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
  ResourceRecordSetRegion,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import * as z from 'zod';
import { plainName, Route53RecordSet, readRoute53, route53Record } from '../../shared/model/record-sets.ts';
import {
  type ApplyResult,
  type DnsZone,
  TrafficUnavailable,
  type ZoneChange,
  type ZoneRecord,
} from '../../shared/ports/traffic.ts';
import { AwsRefused, AwsUnknown, callAws } from './aws-call.ts';

export type Route53ZoneOptions = {
  zoneId: string;
  /** For each call; 5 when left out. */
  timeoutSeconds?: number;
};

/** Limits of one request: API_ChangeResourceRecordSets, "Change Batch Limits". Deletions and creations count once. */
const RECORDS_LIMIT = 1000;
const CHARACTERS_LIMIT = 32_000;

const KEPT_TYPES = ['A', 'CNAME', 'TXT'];

/**
 * Its control plane is in us-east-1 and may be what failed. Throws `TrafficUnavailable` when the answer is not known, and a plain
 * error when Route 53 refuses for good (no such zone, not allowed, a batch above the limits): nothing was changed then.
 */
export function createRoute53Zone(client: Route53Client, options: Route53ZoneOptions): DnsZone {
  return {
    provider: 'route53',
    list: (name) => list(client, options, plainName(name)),
    apply: (change) => apply(client, options, change),
  };
}

async function list(client: Route53Client, options: Route53ZoneOptions, name: string): Promise<ZoneRecord[]> {
  const records: ZoneRecord[] = [];
  // Route 53 sorts by reversed labels, so a name and all below it are one stretch, beginning with the name itself.
  let from: Pick<ListResourceRecordSetsCommandInput, 'StartRecordName' | 'StartRecordType' | 'StartRecordIdentifier'> =
    {
      StartRecordName: name,
    };
  for (;;) {
    const page = await ask(`list records of ${name} in ${options.zoneId}`, options, (signal) =>
      client.send(new ListResourceRecordSetsCommand({ HostedZoneId: options.zoneId, ...from }), signal),
    );
    const sets = (page.ResourceRecordSets ?? []).filter((set) => isAtOrBelow(unescapeName(set.Name ?? ''), name));
    records.push(...sets.filter((set) => KEPT_TYPES.includes(set.Type ?? '')).map(toRecord));
    if (!page.IsTruncated || !isAtOrBelow(unescapeName(page.NextRecordName ?? ''), name)) return records;
    from = {
      StartRecordName: page.NextRecordName,
      StartRecordType: page.NextRecordType,
      StartRecordIdentifier: page.NextRecordIdentifier,
    };
  }
}

function isAtOrBelow(candidate: string, name: string): boolean {
  return candidate === name || candidate.endsWith(`.${name}`);
}

/** Names come back with a final dot and with octal escapes: `\052` is `*`. */
function unescapeName(name: string): string {
  return plainName(name.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
}

/** Sets that use what Causeway does not manage are listed as they are; whoever wants to change one is told by the schema. */
function toRecord(set: ResourceRecordSet): ZoneRecord {
  const named = { ...set, Name: unescapeName(set.Name ?? '') };
  const parsed = Route53RecordSet.safeParse(named);
  if (parsed.success) return route53Record(parsed.data);
  const type = KEPT_TYPES.find((kept) => kept === set.Type);
  return {
    name: named.Name,
    type: type === 'CNAME' || type === 'TXT' ? type : 'A',
    setIdentifier: set.SetIdentifier ?? null,
    ttlSeconds: set.TTL ?? null,
    native: JSON.stringify(named),
  };
}

async function apply(client: Route53Client, options: Route53ZoneOptions, change: ZoneChange): Promise<ApplyResult> {
  const changes: Change[] = [
    ...change.deletions.map((record) => ({ Action: 'DELETE' as const, ResourceRecordSet: toNative(record) })),
    ...change.additions.map((record) => ({ Action: 'CREATE' as const, ResourceRecordSet: toNative(record) })),
  ];
  refuseTooLarge(changes);
  const protectedName = await findProtected(client, options, change);
  if (protectedName !== null) {
    return { kind: 'conflict', because: `${protectedName} is protected in Route 53; remove the protection first` };
  }
  try {
    const answer = await ask(`change ${changes.length} record sets of ${options.zoneId}`, options, (signal) =>
      client.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: options.zoneId,
          ChangeBatch: { Comment: change.comment.slice(0, 256), Changes: changes },
        }),
        signal,
      ),
    );
    return { kind: 'accepted', changeId: answer.ChangeInfo?.Id ?? 'without an id' };
  } catch (error) {
    if (error instanceof AwsRefused && error.code === 'InvalidChangeBatch') {
      return { kind: 'conflict', because: error.message };
    }
    throw error;
  }
}

function toNative(record: ZoneRecord): ResourceRecordSet {
  const { Name, Region, ...rest } = readRoute53(record.native);
  const region = Region === undefined ? {} : { Region: z.enum(ResourceRecordSetRegion).parse(Region) };
  return { Name: `${Name}.`, ...rest, ...region };
}

function refuseTooLarge(changes: Change[]): void {
  const values = changes.flatMap((change) => change.ResourceRecordSet?.ResourceRecords ?? []);
  const aliases = changes.filter((change) => change.ResourceRecordSet?.AliasTarget).length;
  const records = values.length + aliases;
  const characters = values.reduce((sum, record) => sum + (record.Value ?? '').length, 0);
  if (records <= RECORDS_LIMIT && characters <= CHARACTERS_LIMIT) return;
  throw new Error(
    `one batch of ${records} records and ${characters} characters is above Route 53's limits of ${RECORDS_LIMIT} and ${CHARACTERS_LIMIT}; nothing was changed; publish fewer sites or locations`,
  );
}

/**
 * A protected name makes the whole batch fail; asked first, the answer names the protection. A refusal of this question
 * (no permission for it, a region without it) decides nothing: the batch is then judged by Route 53 itself.
 */
async function findProtected(
  client: Route53Client,
  options: Route53ZoneOptions,
  change: ZoneChange,
): Promise<string | null> {
  const touched = new Set([...change.deletions, ...change.additions].map((record) => `${record.name} ${record.type}`));
  let token: string | undefined;
  try {
    do {
      const page = await ask(`list record protections of ${options.zoneId}`, options, (signal) =>
        client.send(
          new ListResourceRecordSetProtectionsCommand({ HostedZoneId: options.zoneId, NextToken: token }),
          signal,
        ),
      );
      const keys = (page.ResourceRecordSetProtections ?? []).map(
        (one) => `${unescapeName(one.RecordName ?? '')} ${one.RecordType}`,
      );
      const found = keys.find((key) => touched.has(key));
      if (found !== undefined) return found;
      token = page.NextToken;
    } while (token !== undefined);
    return null;
  } catch (error) {
    if (error instanceof AwsRefused) return null;
    throw error;
  }
}

/** Another batch of this zone is still being processed: the same as throttling. */
const PASSING = ['PriorRequestNotComplete', 'ThrottlingException', 'Throttling'];

async function ask<T>(
  what: string,
  options: Route53ZoneOptions,
  send: (signal: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  try {
    return await callAws(what, options.timeoutSeconds ?? 5, send);
  } catch (cause) {
    const passing = cause instanceof AwsRefused && PASSING.includes(cause.code);
    if (passing || cause instanceof AwsUnknown) throw new TrafficUnavailable(cause.message, { cause });
    throw cause;
  }
}
