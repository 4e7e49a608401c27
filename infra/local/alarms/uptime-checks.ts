// Uptime checks, told of as Cloud Monitoring does: incidents that open and close, through Pub/Sub, and late.

import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { createClosing } from '../closing.ts';
import { type PubsubMessage, pubsubMessage } from '../runtimes/pubsub-push.ts';
import { startCheckers } from './checkers.ts';

type UptimeTarget = { policyName: string; checkId: string; url: string };

export type UptimeChecks = {
  states(): { policyName: string; open: boolean }[];
  close(): Promise<void>;
};

export type UptimeOptions = {
  targets: UptimeTarget[];
  project: string;
  checkers: number;
  intervalSeconds: number;
  /** The alert's condition: less than this share of checkers pass ... */
  threshold: number;
  /** ... without a break for this long. It must hold as long again, the other way, to close the incident. */
  durationSeconds: number;
  /** How long the metric takes to be seen: up to four minutes with the real service. */
  lateSeconds: number;
  check(url: string): Promise<boolean>;
  deliver(message: PubsubMessage, policyName: string): void;
  clock: Clock;
  chance: Chance;
};

/** Production's timings, for whoever does not want others. */
export const usualUptimeTimings = {
  checkers: 6,
  intervalSeconds: 60,
  threshold: 0.5,
  durationSeconds: 60,
  lateSeconds: 120,
} as const;

/** How often the condition is looked at. The service does so continuously; a share of its duration is close enough. */
const looksPerDuration = 10;

export function startUptimeChecks(options: UptimeOptions): UptimeChecks {
  const policies = options.targets.map((target) => startPolicy(target, options));
  return {
    states: () => policies.map((policy) => ({ policyName: policy.policyName, open: policy.open() })),
    close: async () => {
      await Promise.all(policies.map((policy) => policy.close()));
    },
  };
}

type Incident = { id: string; startedAt: Date };

function startPolicy(
  target: UptimeTarget,
  options: UptimeOptions,
): { policyName: string; open(): boolean; close(): Promise<void> } {
  const { clock, chance } = options;
  const closing = createClosing();
  const checkers = startCheckers({
    url: target.url,
    count: options.checkers,
    intervalSeconds: options.intervalSeconds,
    threshold: 1,
    check: options.check,
    onLook: () => undefined,
    clock,
    chance,
  });
  let incident: Incident | null = null;
  const tell = async (one: Incident, endedAt: Date | null, observed: number): Promise<void> => {
    await clock.sleep(options.lateSeconds, closing.signal);
    if (closing.signal.aborted) return;
    const text = JSON.stringify(incidentJson(target, options, one, endedAt, observed));
    options.deliver(pubsubMessage(text, { version: '1.2' }, options), target.policyName);
  };
  const watch = async (): Promise<void> => {
    const told: Promise<void>[] = [];
    let sinceSeconds: number | null = null;
    while (!closing.signal.aborted) {
      await clock.sleep(options.durationSeconds / looksPerDuration, closing.signal);
      const fraction = checkers.healthyFraction();
      const contrary: boolean = fraction !== null && fraction < options.threshold !== (incident !== null);
      if (!contrary || fraction === null) {
        sinceSeconds = null;
        continue;
      }
      sinceSeconds ??= clock.elapsedSeconds();
      if (clock.elapsedSeconds() - sinceSeconds < options.durationSeconds) continue;
      sinceSeconds = null;
      const now = clock.now();
      if (incident === null) {
        incident = { id: `0.${chance.id().replaceAll('-', '').slice(-12)}`, startedAt: now };
        told.push(tell(incident, null, fraction));
      } else {
        told.push(tell(incident, now, fraction));
        incident = null;
      }
    }
    await Promise.all(told);
  };
  const watching = watch();
  return {
    policyName: target.policyName,
    open: () => incident !== null,
    close: async () => {
      closing.abort();
      await Promise.all([watching, checkers.close()]);
    },
  };
}

/** Version 1.2 of the notification schema, as recorded. Times are UNIX seconds, measured numbers are texts. */
function incidentJson(
  target: UptimeTarget,
  options: UptimeOptions,
  incident: Incident,
  endedAt: Date | null,
  observed: number,
): unknown {
  const host = new URL(target.url).host;
  const resource = `Uptime Check URL labels {project_id=${options.project}, host=${host}}`;
  const verb = endedAt === null ? `is below the threshold of ${options.threshold} with` : 'returned to normal with';
  return {
    version: '1.2',
    incident: {
      incident_id: incident.id,
      scoping_project_id: options.project,
      scoping_project_number: 123456789012,
      url: `https://console.cloud.google.com/monitoring/alerting/incidents/${incident.id}?project=${options.project}`,
      started_at: unixSeconds(incident.startedAt),
      ended_at: endedAt === null ? null : unixSeconds(endedAt),
      state: endedAt === null ? 'open' : 'closed',
      summary: `Check passed for ${options.project} ${resource} ${verb} a value of ${observed.toFixed(3)}.`,
      observed_value: observed.toFixed(3),
      threshold_value: String(options.threshold),
      resource: { type: 'uptime_url', labels: { project_id: options.project, host } },
      resource_type_display_name: 'Uptime Check URL',
      resource_id: '',
      resource_name: `${options.project} ${resource}`,
      metric: {
        type: 'monitoring.googleapis.com/uptime_check/check_passed',
        displayName: 'Check passed',
        labels: { check_id: target.checkId },
      },
      metadata: { system_labels: {}, user_labels: {} },
      policy_name: target.policyName,
      condition_name: `Failure of uptime check ${target.checkId}`,
      condition: {
        name: `projects/${options.project}/alertPolicies/${target.checkId}/conditions/${target.checkId}`,
        displayName: `Failure of uptime check ${target.checkId}`,
        conditionThreshold: {
          filter: `metric.type="monitoring.googleapis.com/uptime_check/check_passed" resource.type="uptime_url" metric.label.check_id="${target.checkId}"`,
          aggregations: [
            {
              alignmentPeriod: '60s',
              perSeriesAligner: 'ALIGN_NEXT_OLDER',
              crossSeriesReducer: 'REDUCE_FRACTION_TRUE',
              groupByFields: ['resource.label.host'],
            },
          ],
          comparison: 'COMPARISON_LT',
          thresholdValue: options.threshold,
          duration: `${options.durationSeconds}s`,
          trigger: { count: 1 },
        },
      },
    },
  };
}

function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
