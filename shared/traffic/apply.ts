// applyTraffic: one guarded plan into one zone, refused when the epoch has moved on.
import type { DnsZone, ZoneRecord } from '../ports/traffic.ts';
import { readOwnership } from './ownership.ts';
import type { TrafficPlan } from './plan.ts';

export type Applied =
  | { kind: 'nothing-to-do' }
  | { kind: 'accepted'; changeId: string }
  /** The zone is not as it was read: list, plan and guard again. */
  | { kind: 'conflict'; because: string }
  /** Somebody newer has decided; this plan must not be tried again. */
  | { kind: 'stale'; because: string };

/** What the zone said when the plan was made, and the register's epoch, asked just before the call. */
export type EpochCheck = { actual: readonly ZoneRecord[]; currentEpoch: () => Promise<number> };

/**
 * Three checks against a delayed executor: the zone's ownership record, the register, and the batch itself, which deletes the
 * ownership record exactly as it was read. Throws `TrafficUnavailable` when the outcome is unknown, and whatever
 * `currentEpoch` throws, before anything was sent.
 */
export async function applyTraffic(zone: DnsZone, plan: TrafficPlan, check: EpochCheck): Promise<Applied> {
  if (plan.additions.length + plan.deletions.length === 0) return { kind: 'nothing-to-do' };
  const { epoch, name } = plan.traffic;
  const written = readOwnership(check.actual, name);
  if (written && written.epoch > epoch) {
    return {
      kind: 'stale',
      because: `${zone.provider} was written at epoch ${written.epoch}, this plan is of ${epoch}`,
    };
  }
  const current = await check.currentEpoch();
  if (current !== epoch) {
    return { kind: 'stale', because: `the register stands at epoch ${current}, this plan is of epoch ${epoch}` };
  }
  return zone.apply({ additions: plan.additions, deletions: plan.deletions, comment: plan.comment });
}
