// guardTraffic: what a plan may do to a zone. Pure; whoever is refused learns which rule and what would lift it.
import type { ZoneRecord } from '../ports/traffic.ts';
import { liveAddresses } from './desired.ts';
import { isOwnName, ownershipName } from './names.ts';
import { readOwnership } from './ownership.ts';
import { recordKey, type TrafficPlan } from './plan.ts';
import { waysFrom } from './walk.ts';

export type TrafficVerdict = { kind: 'ok' } | { kind: 'refused'; because: string };

export type GuardOptions = {
  /** At most this share of the records that Causeway has in the zone may change. */
  capPercent: number;
  /** True for names that may be written; usually `(name) => isOwnName(strategy.dns, name)`. */
  owned: (name: string) => boolean;
  /** An operator's override: lifts the cap and lets existing records be adopted. It never lifts the other rules. */
  force: boolean;
};

/**
 * The cap counts records that appear, disappear, or are routed otherwise (policy, weight, location, health check, TTL, an
 * address that is not a declared site's), as a share of the records that are there. It does not count a *swap*: a record
 * that keeps its routing and moves from one declared site's answer to another's. A failover is nothing but swaps, however many, and
 * what makes it safe is the rule above the cap: every way still ends at a site that traffic may lead to.
 * A first publication (nothing of ours there) breaks nobody and is not counted.
 */
export function guardTraffic(plan: TrafficPlan, actual: readonly ZoneRecord[], options: GuardOptions): TrafficVerdict {
  if (plan.additions.length + plan.deletions.length === 0) return { kind: 'ok' };
  const because =
    foreignName(plan, options) ??
    foreignRecords(plan, actual, options) ??
    staleEpoch(plan, actual) ??
    deadEnd(plan, actual) ??
    tooMuch(plan, actual, options);
  return because === null ? { kind: 'ok' } : { kind: 'refused', because };
}

/** For `GuardOptions.owned`, from the names that the strategy declares. */
export function ownNames(names: { name: string; writerName: string }): (name: string) => boolean {
  return (candidate) => isOwnName(names, candidate);
}

function foreignName(plan: TrafficPlan, { owned }: GuardOptions): string | null {
  const foreign = [...plan.additions, ...plan.deletions].find((record) => !owned(record.name));
  return foreign ? `${foreign.name} is not a name that Causeway keeps; the plan must not touch it` : null;
}

function foreignRecords(plan: TrafficPlan, actual: readonly ZoneRecord[], options: GuardOptions): string | null {
  const { application, name } = plan.traffic;
  const ownership = readOwnership(actual, name);
  if (ownership && ownership.application !== application) {
    return `${ownershipName(name)} says that these names belong to "${ownership.application}", not to "${application}"; choose another name, or delete that record by hand`;
  }
  const existing = actual.filter((record) => options.owned(record.name));
  const [sample] = existing;
  if (ownership || !sample || options.force) return null;
  return `${existing.length} record(s), such as ${recordKey(sample)}, are already there without the ownership record ${ownershipName(name)}; delete them, or adopt them by forcing once`;
}

function staleEpoch(plan: TrafficPlan, actual: readonly ZoneRecord[]): string | null {
  const ownership = readOwnership(actual, plan.traffic.name);
  if (!ownership || ownership.epoch <= plan.traffic.epoch) return null;
  return `the zone was written at epoch ${ownership.epoch} and this plan is of epoch ${plan.traffic.epoch}; read the situation again`;
}

function deadEnd(plan: TrafficPlan, actual: readonly ZoneRecord[]): string | null {
  const removed = new Set(plan.deletions.map((record) => `${recordKey(record)} ${record.native}`));
  const kept = actual.filter((record) => !removed.has(`${recordKey(record)} ${record.native}`));
  const after = [...kept, ...plan.additions];
  const live = liveAddresses(plan.traffic);
  for (const name of [plan.traffic.name, plan.traffic.writerName]) {
    for (const way of waysFrom(plan.provider, after, name)) {
      const path = way.path.join(' > ');
      if (way.addresses.length === 0) return `${path} would answer with nothing; an empty answer is never published`;
      const dead = way.addresses.find((address) => !live.has(address));
      if (dead !== undefined) return `${path} would answer ${dead}, which is at no site that traffic may lead to`;
    }
  }
  return null;
}

function tooMuch(plan: TrafficPlan, actual: readonly ZoneRecord[], options: GuardOptions): string | null {
  const existing = actual.filter((record) => options.owned(record.name) && !isOwnership(plan, record)).length;
  if (options.force || existing === 0) return null;
  const touched = new Set(
    [...plan.additions, ...plan.deletions].filter((record) => !isOwnership(plan, record)).map(recordKey),
  );
  for (const swap of plan.swaps) touched.delete(swap);
  const percent = Math.round((touched.size / existing) * 100);
  if (percent <= options.capPercent) return null;
  return `${touched.size} of ${existing} records (${percent} %) would be made, removed or routed otherwise and the cap is ${options.capPercent} %; change the strategy in smaller steps, or force this plan once`;
}

function isOwnership(plan: TrafficPlan, record: ZoneRecord): boolean {
  return record.name === ownershipName(plan.traffic.name);
}
