// What a drill has recorded when the run is over: the report is made of it.
import type { Situation } from '../../../shared/model/situation.ts';
import type { startDirectWriters } from '../load/direct-writers.ts';
import type { startDnsLoad } from '../load/dns-load.ts';
import type { Objective } from '../report/report.ts';
import { database, roles } from '../world/database-setup.ts';
import { ports, secrets, siteHost, type WorldPlan } from '../world/plan.ts';

export type Recorded = {
  failedAtSeconds: number;
  failedAt: Date;
  before: Situation;
  after: Situation | null;
  load: ReturnType<typeof startDnsLoad>;
  direct: ReturnType<typeof startDirectWriters>;
  sustainedSeconds: number;
  /** What the story itself has waited for and demanded. */
  objectives: Objective[];
  notes: Record<string, string>;
};

/** A site's database, as the application's role reaches it. */
export function appDatabase(plan: WorldPlan, site: 'aws' | 'gcp') {
  return {
    host: siteHost(plan.net, site),
    port: ports.postgres,
    user: roles.app,
    password: secrets.appPassword,
    database,
  };
}
