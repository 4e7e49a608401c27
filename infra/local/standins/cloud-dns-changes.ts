// What Cloud DNS makes of a change: all of it or nothing; every deletion must equal what is stored.
import { canonicalJson } from '../../../shared/model/canonical-json.ts';
import type { CloudDnsSet } from '../dns/image.ts';

type CloudDnsRefusal = { status: number; reason: string; message: string };

export type ChangeAnswer = { kind: 'accepted'; sets: CloudDnsSet[] } | ({ kind: 'refused' } & CloudDnsRefusal);

const isSame = (a: CloudDnsSet, b: CloudDnsSet) => a.name === b.name && a.type === b.type;

/** The data of a record set has no order. */
const spelling = (set: CloudDnsSet) => canonicalJson({ ...set, rrdatas: set.rrdatas?.toSorted() });

const label = (set: CloudDnsSet) => `'${set.name} (${set.type})'`;

/** `apex` with the final dot. Source: https://cloud.google.com/dns/docs/reference/rest/v1/changes/create */
export function applyChange(
  before: readonly CloudDnsSet[],
  change: { additions: CloudDnsSet[]; deletions: CloudDnsSet[] },
  apex: string,
): ChangeAnswer {
  let sets = [...before];
  for (const [index, set] of change.deletions.entries()) {
    const entity = `'entity.change.deletions[${index}]'`;
    const stored = sets.find((candidate) => isSame(candidate, set));
    if (!stored) return refused(404, 'notFound', `The ${entity} resource named ${label(set)} does not exist.`);
    if (spelling(stored) !== spelling(set)) {
      return refused(412, 'conditionNotMet', `Precondition not met for ${entity}`);
    }
    sets = sets.filter((candidate) => candidate !== stored);
  }
  for (const [index, set] of change.additions.entries()) {
    const entity = `'entity.change.additions[${index}]'`;
    if (sets.some((candidate) => isSame(candidate, set))) {
      return refused(409, 'alreadyExists', `The resource ${entity} named ${label(set)} already exists`);
    }
    const problem = problemOf(set, apex);
    if (problem !== null) return refused(400, 'invalid', `Invalid value for ${entity}: ${problem}`);
    sets.push(set);
  }
  const lonely = sets.find(
    (set) => set.type === 'CNAME' && sets.some((other) => other.name === set.name && other.type !== 'CNAME'),
  );
  if (!lonely) return { kind: 'accepted', sets };
  return refused(
    400,
    'cnameResourceRecordSetConflict',
    `The resource record set ${label(lonely)} is invalid because a CNAME must be the only record set of its name`,
  );
}

function refused(status: number, reason: string, message: string): ChangeAnswer {
  return { kind: 'refused', status, reason, message };
}

function problemOf(set: CloudDnsSet, apex: string): string | null {
  if (set.name !== apex && !set.name.endsWith(`.${apex}`)) return `${set.name} is not in the zone ${apex}`;
  const policy = set.routingPolicy;
  if ((set.rrdatas === undefined) === (policy === undefined)) return 'either rrdatas or a routingPolicy';
  if (!policy) return problemOfData(set, set.rrdatas ?? []);
  const kinds = [policy.wrr, policy.geo, policy.primaryBackup].filter((kind) => kind !== undefined);
  if (kinds.length !== 1) return 'exactly one of wrr, geo and primaryBackup; policies cannot be combined';
  const items = [...(policy.wrr?.items ?? []), ...(policy.geo?.items ?? [])];
  const checked = items.some((item) => item.healthCheckedTargets) || policy.primaryBackup !== undefined;
  if (checked && !policy.healthCheck) return 'healthCheckedTargets need a healthCheck';
  const locations = (policy.geo?.items ?? []).map((item) => item.location);
  if (new Set(locations).size < locations.length) return 'two items of one location';
  if (!policy.primaryBackup && items.length === 0) return 'a policy without items';
  return (
    items.map((item) => problemOfData(set, item.rrdatas ?? (item.healthCheckedTargets ? null : []))).find(Boolean) ??
    null
  );
}

function problemOfData(set: CloudDnsSet, rrdatas: string[] | null): string | null {
  if (rrdatas === null) return null;
  if (rrdatas.length === 0) return 'no data';
  if (set.type === 'CNAME' && (rrdatas.length > 1 || !rrdatas[0]?.endsWith('.'))) {
    return 'a CNAME has one target, fully qualified with its final dot';
  }
  const address = rrdatas.find((data) => set.type === 'A' && !/^\d{1,3}(\.\d{1,3}){3}$/.test(data));
  return address === undefined ? null : `${address} is no IPv4 address`;
}
