// Scenarios: a trigger with its list of actions, as the user wrote it in the strategy.
import * as z from 'zod';
import { SiteName } from './site.ts';

/** An action, typed. `hand_over`, `take_authority`, `verify_service` and `follow_writer` are added by the compiler; the user writes the others. */
export const Action = z.discriminatedUnion('kind', [
  /** The writer drains and fences its own database, for a site that then has everything. */
  z.object({ kind: z.literal('hand_over'), site: SiteName }),
  z.object({ kind: z.literal('take_authority'), site: SiteName }),
  /** The site's database becomes a replica of the writer's. */
  z.object({ kind: z.literal('follow_writer'), site: SiteName }),
  z.object({ kind: z.literal('update_dns'), site: SiteName }),
  z.object({
    kind: z.literal('scale_cluster'),
    site: SiteName,
    minReplicas: z.int().positive(),
  }),
  z.object({ kind: z.literal('promote_db'), site: SiteName }),
  z.object({ kind: z.literal('verify_capacity'), site: SiteName }),
  z.object({ kind: z.literal('verify_service'), site: SiteName }),
  z.object({ kind: z.literal('notify'), channel: z.string() }),
  z.object({ kind: z.literal('escalate'), channel: z.string() }),
  z.object({
    kind: z.literal('create_incident'),
    severity: z.enum(['critical', 'high', 'medium', 'low']),
  }),
  z.object({
    kind: z.literal('gradual_traffic_shift'),
    incrementPercent: z.int().min(1).max(100),
  }),
  z.object({
    kind: z.literal('monitor_metrics'),
    metrics: z.array(z.string()).min(1),
  }),
  z.object({ kind: z.literal('rollback_if_needed'), enabled: z.boolean() }),
  z.object({ kind: z.literal('trigger'), scenario: z.string() }),
  z.object({ kind: z.literal('investigate'), enabled: z.boolean() }),
]);
export type Action = z.infer<typeof Action>;

/** An action beside its name in the user's own spelling, which reports and messages show. */
export const WrittenAction = z.object({ written: z.string(), action: Action });
export type WrittenAction = z.infer<typeof WrittenAction>;

/** What starts a scenario. */
export const Trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('site_down'), site: SiteName }),
  z.object({ kind: z.literal('service_degradation') }),
]);
export type Trigger = z.infer<typeof Trigger>;

export const Scenario = z.object({
  name: z.string(),
  trigger: Trigger,
  actions: z.array(WrittenAction).min(1),
});
export type Scenario = z.infer<typeof Scenario>;

/** A metric alert of the strategy: `db_replication_lag > 10s` for `2m`. */
export const Alert = z.object({
  name: z.string(),
  metric: z.string(),
  comparison: z.enum(['>', '>=', '<', '<=']),
  /** In the metric's own unit: seconds for lag and latency, a ratio for rates. */
  threshold: z.number(),
  durationSeconds: z.number().nonnegative(),
  actions: z.array(WrittenAction).min(1),
});
export type Alert = z.infer<typeof Alert>;
