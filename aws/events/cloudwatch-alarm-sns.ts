// CloudWatch alarms through SNS: the JSON text in the notification's Message.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
import * as z from 'zod';
import type { EventContext } from '../../shared/events/context.ts';
import { malformed } from '../../shared/events/parsed.ts';
import type { Parsed } from '../../shared/model/signal.ts';
import { AlarmState, alarmSignals } from './cloudwatch-alarm.ts';
import type { WatchedMetric } from './cloudwatch-datapoints.ts';

const AlarmNotification = z.object({
  AlarmName: z.string().min(1),
  /** Absent in old recordings and relays. */
  AlarmArn: z.string().min(1).nullish(),
  AWSAccountId: z.string().nullish(),
  NewStateValue: AlarmState,
  NewStateReason: z.string().nullish(),
  /** `2023-02-18T16:43:21.231+0000` */
  StateChangeTime: z.string(),
  /** Since 2026: true when a mute rule held the action back until its window ended. */
  ActionExecutedAfterMuteWindow: z.boolean().nullish(),
  /** Absent for composite alarms, which have an AlarmRule. One metric is spelt out; metric math has Metrics and no MetricName. */
  Trigger: z
    .object({
      MetricName: z.string().nullish(),
      Namespace: z.string().nullish(),
      Statistic: z.string().nullish(),
      ExtendedStatistic: z.string().nullish(),
      Unit: z.string().nullish(),
      Metrics: z
        .array(
          z.object({
            MetricStat: z
              .object({
                Metric: z.object({ Namespace: z.string().nullish(), MetricName: z.string().nullish() }),
                Stat: z.string().nullish(),
                Unit: z.string().nullish(),
              })
              .nullish(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});
type AlarmNotification = z.infer<typeof AlarmNotification>;

/** Parses the Message of a notification. The topic's ARN tells partition and region where the alarm's own ARN is absent. */
export function parseAlarmNotification(message: unknown, context: EventContext, topicArn: string): Parsed {
  const read = AlarmNotification.safeParse(message);
  if (!read.success) return malformed('cloudwatch', read.error);
  const alarm = read.data;
  const change = {
    name: alarm.AlarmName,
    arn: alarm.AlarmArn ?? arnFrom(topicArn, alarm),
    state: alarm.NewStateValue,
    reason: alarm.NewStateReason ?? '',
    reasonData: null,
    changedAt: alarm.StateChangeTime,
    metrics: metricsOf(alarm.Trigger),
    quietedBy: null,
    afterMuteWindow: alarm.ActionExecutedAfterMuteWindow ?? false,
  };
  return alarmSignals(change, context);
}

/** An alarm's actions are in its own region, so the topic tells it; the `Region` of the message is a name for people. */
function arnFrom(topicArn: string, alarm: AlarmNotification): string {
  const [, partition = 'aws', , region = '', topicAccount = ''] = topicArn.split(':');
  return `arn:${partition}:cloudwatch:${region}:${alarm.AWSAccountId ?? topicAccount}:alarm:${alarm.AlarmName}`;
}

function metricsOf(trigger: AlarmNotification['Trigger']): WatchedMetric[] {
  if (!trigger) return [];
  const math = (trigger.Metrics ?? []).flatMap(({ MetricStat: stat }) =>
    stat ? [watched(stat.Metric.Namespace, stat.Metric.MetricName, stat.Stat, stat.Unit)] : [],
  );
  if (!trigger.MetricName) return math;
  const statistic = trigger.Statistic ?? trigger.ExtendedStatistic;
  return [watched(trigger.Namespace, trigger.MetricName, statistic, trigger.Unit), ...math];
}

type Told = string | null | undefined;

function watched(namespace: Told, name: Told, statistic: Told, unit: Told): WatchedMetric {
  return { namespace: namespace ?? null, name: name ?? null, statistic: statistic ?? null, unit: unit ?? null };
}
