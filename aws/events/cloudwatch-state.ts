// The parts that a CloudWatch alarm event has in common on EventBridge and in a direct Lambda action.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
import * as z from 'zod';
import { AlarmState } from './cloudwatch-alarm.ts';
import type { WatchedMetric } from './cloudwatch-datapoints.ts';

export const StateBlock = z.object({
  value: AlarmState,
  reason: z.string().nullish(),
  /** JSON text. Absent after SetAlarmState and for log alarms. */
  reasonData: z.unknown().optional(),
  /** Absent in some log alarms; the event's own time then stands for it. */
  timestamp: z.string().nullish(),
  /** `Alarm`, `WaitPeriod` or `ExtensionPeriod`: a composite alarm's suppressor is at work. */
  actionsSuppressedBy: z.string().nullish(),
  actionsSuppressedReason: z.string().nullish(),
});
export type StateBlock = z.infer<typeof StateBlock>;

/** Composite alarms have an `alarmRule` and log alarms a query in place of `metrics`; metric-math entries have an expression. */
export const ConfigurationBlock = z.object({
  metrics: z
    .array(
      z.object({
        metricStat: z
          .object({
            metric: z.object({ namespace: z.string().nullish(), name: z.string().nullish() }),
            stat: z.string().nullish(),
            unit: z.string().nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
});
export type ConfigurationBlock = z.infer<typeof ConfigurationBlock>;

export function metricsOf(configuration: ConfigurationBlock | null | undefined): WatchedMetric[] {
  return (configuration?.metrics ?? []).flatMap(({ metricStat }) =>
    metricStat
      ? {
          namespace: metricStat.metric.namespace ?? null,
          name: metricStat.metric.name ?? null,
          statistic: metricStat.stat ?? null,
          unit: metricStat.unit ?? null,
        }
      : [],
  );
}

export function suppressionOf(state: StateBlock): string | null {
  if (!state.actionsSuppressedBy) return null;
  return `its actions are suppressed (${state.actionsSuppressedBy}: ${state.actionsSuppressedReason ?? 'no reason given'})`;
}
