// Cloud Monitoring incidents, versions 1.1 and 1.2, as a notification channel of kind Pub/Sub (or webhook) sends them.
// https://cloud.google.com/monitoring/support/notification-options#schema-pubsub
import * as z from 'zod';
import type { EventContext } from '../../shared/events/context.ts';
import { fromUnixSeconds } from '../../shared/events/instant.ts';
import { malformed, rejected, unreadableTime } from '../../shared/events/parsed.ts';
import { isObject } from '../../shared/events/payload.ts';
import { type Showing, speak } from '../../shared/events/speak.ts';
import type { Parsed } from '../../shared/model/signal.ts';

/** 1.1 has no condition object and no metric. Numbers that were measured are texts, rounded, and absent for log matches. */
const MonitoringIncident = z.object({
  version: z.enum(['1.1', '1.2']),
  incident: z.object({
    /** The same for the open and the closed delivery. */
    incident_id: z.string().min(1),
    state: z
      .string()
      .transform((state) => state.toLowerCase())
      .pipe(z.enum(['open', 'closed'])),
    /** UNIX seconds. */
    started_at: z.number(),
    /** UNIX seconds; null while open, and 0 in some. */
    ended_at: z.number().nullish(),
    policy_name: z.string().min(1),
    condition_name: z.string().nullish(),
    condition: z
      .object({
        /** `projects/p/alertPolicies/1/conditions/2` */
        name: z.string().nullish(),
        /** Present when the condition is the absence of data. */
        conditionAbsent: z.unknown().optional(),
      })
      .nullish(),
    metric: z.object({ type: z.string().nullish() }).nullish(),
    observed_value: z.union([z.string(), z.number()]).nullish(),
    summary: z.string().nullish(),
  }),
});
type MonitoringIncident = z.infer<typeof MonitoringIncident>;
type Incident = MonitoringIncident['incident'];

/**
 * Open is unhealthy, closed is healthy, and an open condition of absence is unknown: missing data is about the observer. The strategy
 * declares the policy by its display name or its resource name. A test of the channel triggers nothing.
 */
export function parseMonitoringIncident(event: unknown, context: EventContext): Parsed {
  const version = isObject(event) ? event.version : undefined;
  if (version === 'test') {
    return rejected(
      'channel-test',
      'cloud-monitoring',
      'version is "test": somebody tried the notification channel, and it works',
    );
  }
  if (typeof version === 'string' && !['1.1', '1.2'].includes(version)) {
    const found = `a Cloud Monitoring incident of version ${JSON.stringify(version.slice(0, 20))}`;
    return rejected('unsupported', 'cloud-monitoring', `this is ${found}; accepted are "1.1" and "1.2"`);
  }
  const read = MonitoringIncident.safeParse(event);
  if (!read.success) return malformed('cloud-monitoring', read.error);
  const { incident } = read.data;
  const [field, seconds] =
    incident.state === 'open' ? ['started_at', incident.started_at] : ['ended_at', incident.ended_at ?? 0];
  const observedAt = fromUnixSeconds(Number(seconds));
  if (observedAt === null) return unreadableTime('cloud-monitoring', `incident.${field}`, seconds);
  return speak(showing(incident, observedAt), context);
}

function showing(incident: Incident, observedAt: string): Showing {
  const resource = incident.condition?.name?.split('/conditions/')[0];
  const absent = incident.state === 'open' && isObject(incident.condition?.conditionAbsent);
  const doubt = absent ? ' Its condition is that data is absent, which is unknown and not down.' : '';
  const condition = incident.condition_name ? ` (${incident.condition_name})` : '';
  return {
    source: 'cloud-monitoring',
    names: resource ? [incident.policy_name, resource] : [incident.policy_name],
    id: `cloud-monitoring|${incident.incident_id}|${incident.state}`,
    vantage: { kind: 'managed-check', name: resource || `cloud-monitoring/${incident.policy_name}`, ground: 'gcp' },
    observedAt,
    state: incident.state === 'closed' ? 'healthy' : absent ? 'unknown' : 'unhealthy',
    lagSeconds: lagSecondsOf(incident),
    because:
      `The incident ${incident.incident_id} of the policy ${incident.policy_name}${condition} is ${incident.state}: ` +
      `${incident.summary || 'no summary given'}${doubt}`,
    unfitForHealth: null,
  };
}

/** Cloud SQL's `replica_lag` is in seconds, its `replica_byte_lag` is not a time. */
function lagSecondsOf(incident: Incident): number | null {
  if (/byte/i.test(incident.metric?.type ?? '')) return null;
  const { observed_value: observed } = incident;
  if (observed === null || observed === undefined || observed === '') return null;
  const value = Number(observed);
  return Number.isFinite(value) ? value : null;
}
