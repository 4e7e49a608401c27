// What `causeway objects status` has found out, before it is said.
import type { SiteName } from '../../shared/model/site.ts';
import type { ReconcileState } from '../../shared/objects/reconcile/checkpoint.ts';
import type { TierSummary } from '../../shared/objects/status/summarise-status.ts';

/** Null: it did not answer, or there is none. */
export type QueueDepth = {
  queue: string;
  kind: 'events' | 'again' | 'dead' | 'window';
  depth: number | null;
  because: string | null;
};

export type SiteStatus = {
  site: SiteName;
  tiers: TierSummary[];
  queues: QueueDepth[];
  /** What could not be found out here. */
  unknown: string[];
};

export type PairComparison = { pair: string; state: ReconcileState | null; because: string | null };

export type ObjectsStatus = { minutes: number; sites: SiteStatus[]; comparisons: PairComparison[]; findings: string[] };
