// The table of executors: one for each kind of action that a strategy may name.
import type { Executors } from './executor.ts';
import { createScaleCluster, createVerifyCapacity } from './steps/capacity.ts';
import { createFollowWriter } from './steps/follow-writer.ts';
import { createHandOver } from './steps/hand-over.ts';
import { createNotCarriedOut } from './steps/not-carried-out.ts';
import { createPromoteDb, type PromoteDeps } from './steps/promote-db.ts';
import { createTakeAuthority } from './steps/take-authority.ts';
import { createEscalate, createIncident, createNotify } from './steps/tell.ts';
import { createUpdateDns } from './steps/update-dns.ts';
import { createVerifyService } from './steps/verify-service.ts';
import type { YieldRole } from './yield-role.ts';

export type ExecutorDeps = Parameters<typeof createTakeAuthority>[0] &
  Parameters<typeof createUpdateDns>[0] &
  Parameters<typeof createScaleCluster>[0] &
  Parameters<typeof createVerifyService>[0] &
  Parameters<typeof createNotify>[0] & {
    /** Null at a site without a database: such steps are bound to the site that has it, and never come here. */
    promote: PromoteDeps | null;
    yieldRole: YieldRole | null;
    follow: Parameters<typeof createFollowWriter>[0];
  };

export function createExecutors(deps: ExecutorDeps): Executors {
  return {
    hand_over: createHandOver(deps.yieldRole),
    follow_writer: createFollowWriter(deps.follow),
    take_authority: createTakeAuthority(deps),
    promote_db: deps.promote
      ? createPromoteDb(deps.promote)
      : createNotCarriedOut('promoting a database at a site without one'),
    update_dns: createUpdateDns(deps),
    scale_cluster: createScaleCluster(deps),
    verify_capacity: createVerifyCapacity(deps),
    verify_service: createVerifyService(deps),
    notify: createNotify(deps),
    escalate: createEscalate(deps),
    create_incident: createIncident(deps),
    gradual_traffic_shift: createNotCarriedOut('gradual_traffic_shift'),
    monitor_metrics: createNotCarriedOut('monitor_metrics'),
    rollback_if_needed: createNotCarriedOut('rollback_if_needed'),
    trigger: createNotCarriedOut('trigger'),
    investigate: createNotCarriedOut('investigate'),
  };
}
