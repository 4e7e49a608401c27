// What Route 53 makes of a change batch: all of it or nothing, by the rules that its documentation gives.
import { canonicalJson } from '../../../shared/model/canonical-json.ts';
import type { Route53Set } from '../dns/image.ts';
import { isWithin } from '../dns/resolution.ts';

export type Change = { action: 'CREATE' | 'DELETE' | 'UPSERT'; set: Route53Set };

export type BatchContext = {
  apex: string;
  zoneId: string;
  hasHealthCheck: (id: string) => boolean;
  isProtected: (name: string, type: string) => boolean;
};

export type BatchAnswer =
  | { kind: 'accepted'; sets: Route53Set[] }
  | { kind: 'refused'; code: 'InvalidChangeBatch' | 'InvalidInput' | 'NoSuchHealthCheck'; messages: string[] };

/** Source: API_ChangeResourceRecordSets and the developer guide's limits: 1,000 records, 32,000 characters, an UPSERT counts twice. */
export function applyBatch(
  before: readonly Route53Set[],
  changes: readonly Change[],
  context: BatchContext,
): BatchAnswer {
  const malformed = [...tooLarge(changes), ...changes.flatMap((change) => malformation(change.set))];
  if (malformed.length > 0) return { kind: 'refused', code: 'InvalidInput', messages: malformed };
  const unknownCheck = changes.find(
    ({ action, set }) => action !== 'DELETE' && set.HealthCheckId && !context.hasHealthCheck(set.HealthCheckId),
  );
  if (unknownCheck) {
    const message = `No health check exists with the ID ${unknownCheck.set.HealthCheckId}`;
    return { kind: 'refused', code: 'NoSuchHealthCheck', messages: [message] };
  }
  let sets = [...before];
  const messages: string[] = [];
  for (const change of changes) {
    const result = applyOne(sets, change, context);
    if (typeof result === 'string') messages.push(result);
    else sets = result;
  }
  const final = messages.length > 0 ? messages : contradictions(sets, changes, context);
  return final.length > 0
    ? { kind: 'refused', code: 'InvalidChangeBatch', messages: final }
    : { kind: 'accepted', sets };
}

function tooLarge(changes: readonly Change[]): string[] {
  const times = (change: Change) => (change.action === 'UPSERT' ? 2 : 1);
  const records = changes.reduce((sum, one) => sum + times(one) * (one.set.ResourceRecords?.length ?? 1), 0);
  const characters = changes.reduce(
    (sum, one) =>
      sum + times(one) * (one.set.ResourceRecords ?? []).reduce((all, record) => all + record.Value.length, 0),
    0,
  );
  return [
    ...(records > 1000 ? [`Number of records limit of 1000 exceeded: ${records}`] : []),
    ...(characters > 32_000 ? [`Number of characters limit of 32000 exceeded: ${characters}`] : []),
  ];
}

/** What the schema of the API itself refuses. */
function malformation(set: Route53Set): string[] {
  const policies = [set.Weight, set.Region, set.Failover, set.GeoLocation, set.MultiValueAnswer].filter(
    (policy) => policy !== undefined,
  );
  const problems: string[] = [];
  const say = (problem: string) => problems.push(`Invalid request: ${problem} in ${label(set)}`);
  if (set.AliasTarget && (set.TTL !== undefined || set.ResourceRecords)) say('an alias has a TTL or resource records');
  if (!set.AliasTarget && (set.TTL === undefined || !set.ResourceRecords?.length))
    say('Missing field TTL or ResourceRecords');
  if (policies.length > 1) say('more than one of Weight, Region, Failover, GeoLocation, MultiValueAnswer');
  if (policies.length > 0 && set.SetIdentifier === undefined) say('Missing field SetIdentifier');
  if (policies.length === 0 && set.SetIdentifier !== undefined) say('SetIdentifier without a routing policy');
  return problems;
}

function label(set: Route53Set): string {
  const identifier = set.SetIdentifier === undefined ? '' : `, set identifier='${set.SetIdentifier}'`;
  return `[name='${set.Name}.', type='${set.Type}'${identifier}]`;
}

const isSame = (a: Route53Set, b: Route53Set) =>
  a.Name === b.Name && a.Type === b.Type && a.SetIdentifier === b.SetIdentifier;

/** Values are a set: their order does not matter. */
function spelling(set: Route53Set): string {
  return canonicalJson({ ...set, ResourceRecords: set.ResourceRecords?.map((record) => record.Value).toSorted() });
}

function applyOne(sets: Route53Set[], { action, set }: Change, context: BatchContext): Route53Set[] | string {
  if (context.isProtected(set.Name, set.Type)) {
    return `Tried to change resource record set ${label(set)} but it is protected`;
  }
  const current = sets.find((candidate) => isSame(candidate, set));
  const others = sets.filter((candidate) => candidate !== current);
  if (action === 'DELETE') {
    if (!current) return `Tried to delete resource record set ${label(set)} but it was not found`;
    if (spelling(current) !== spelling(set)) {
      return `Tried to delete resource record set ${label(set)} but the values provided do not match the current values`;
    }
    return others;
  }
  if (action === 'CREATE' && current) return `Tried to create resource record set ${label(set)} but it already exists`;
  return [...others, set];
}

/** Rules that hold between record sets, looked at when the whole batch has been applied. */
function contradictions(sets: Route53Set[], changes: readonly Change[], context: BatchContext): string[] {
  const touched = changes.filter((change) => change.action !== 'DELETE').map((change) => change.set);
  return touched.flatMap((set) => {
    const atName = sets.filter((other) => other.Name === set.Name);
    const group = atName.filter((other) => other.Type === set.Type);
    return [
      ...placement(set, atName, context),
      ...mixture(set, group),
      ...duplicates(set, group),
      ...danglingAlias(set, sets, context),
    ];
  });
}

function placement(set: Route53Set, atName: Route53Set[], { apex }: BatchContext): string[] {
  const name = `${set.Name}.`;
  if (!isWithin(set.Name, apex)) return [`RRSet with DNS name ${name} is not permitted in zone ${apex}.`];
  const of = `RRSet of type ${set.Type} with DNS name ${name} is not permitted`;
  if (set.Type === 'CNAME' && set.Name === apex) return [`${of} at apex in zone ${apex}.`];
  const conflict = atName.some((other) => (other.Type === 'CNAME') !== (set.Type === 'CNAME'));
  return conflict ? [`${of} as it conflicts with other records with the same DNS name in zone ${apex}.`] : [];
}

function policyOf(set: Route53Set): string {
  const present = (['Weight', 'Region', 'Failover', 'GeoLocation', 'MultiValueAnswer'] as const).find(
    (policy) => set[policy] !== undefined,
  );
  return present ?? 'simple';
}

function mixture(set: Route53Set, group: Route53Set[]): string[] {
  const name = `RRSet with DNS name ${set.Name}., type ${set.Type}`;
  if (group.some((other) => policyOf(other) !== policyOf(set))) {
    return [`${name} cannot be created as other RRSets exist with the same name and type`];
  }
  const ttls = new Set(group.filter((other) => !other.AliasTarget).map((other) => other.TTL));
  if (set.Weight !== undefined && ttls.size > 1) return [`${name}: weighted record sets must have the same TTL`];
  return group.length > 100 && set.Weight !== undefined ? [`${name}: more than 100 weighted record sets`] : [];
}

function duplicates(set: Route53Set, group: Route53Set[]): string[] {
  const place = (one: Route53Set) => canonicalJson([one.Failover ?? null, one.Region ?? null, one.GeoLocation ?? null]);
  if (set.Failover === undefined && set.Region === undefined && set.GeoLocation === undefined) return [];
  const twin = group.find((other) => other.SetIdentifier !== set.SetIdentifier && place(other) === place(set));
  return twin ? [`RRSet ${label(set)} cannot be created as ${label(twin)} exists for the same ${policyOf(set)}`] : [];
}

function danglingAlias(set: Route53Set, sets: Route53Set[], context: BatchContext): string[] {
  if (!set.AliasTarget || set.AliasTarget.HostedZoneId !== context.zoneId) return [];
  const { DNSName } = set.AliasTarget;
  if (sets.some((other) => other.Name === DNSName && other.Type === set.Type)) return [];
  return [
    `Tried to create an alias that targets ${DNSName}., type ${set.Type} in zone ${context.zoneId}, but that target was not found`,
  ];
}
