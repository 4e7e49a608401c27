// Alarms on Route 53 health checks, raised as CloudWatch raises them: through SNS to Lambda, on a change of state only.

import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { createClosing } from '../closing.ts';
import { type SnsLambdaEvent, snsToLambda } from '../runtimes/aws-envelopes.ts';
import { type Checkers, startCheckers } from './checkers.ts';
import { type AlarmRule, type AlarmState, type Datapoint, evaluate, reasonFor } from './evaluation.ts';

type AlarmTarget = {
  alarmName: string;
  healthCheckId: string;
  url: string;
  /** Where the alarm's notifications go. */
  topicArn: string;
};

export type CloudWatchAlarms = {
  states(): { alarmName: string; state: AlarmState }[];
  close(): Promise<void>;
};

export type CloudWatchOptions = {
  targets: AlarmTarget[];
  region: string;
  /** As CloudWatch writes it: `US East (N. Virginia)`. */
  regionName: string;
  account: string;
  checkers: number;
  /** The health check's: 10 or 30. */
  intervalSeconds: number;
  failureThreshold: number;
  /** The alarm's: the metric has one datapoint a minute. */
  periodSeconds: number;
  rule: AlarmRule;
  check(url: string): Promise<boolean>;
  deliver(event: SnsLambdaEvent, alarmName: string): void;
  clock: Clock;
  chance: Chance;
};

/** Production's timings, for whoever does not want others: fast checks, and an alarm on one bad minute. */
export const usualCloudWatchTimings = {
  checkers: 16,
  intervalSeconds: 10,
  failureThreshold: 3,
  periodSeconds: 60,
  rule: { evaluationPeriods: 1, datapointsToAlarm: 1, threshold: 1 },
} as const;

/** Route 53 finds an endpoint healthy when more than 18 % of its checkers do. */
const healthyShare = 0.18;

export function startCloudWatchAlarms(options: CloudWatchOptions): CloudWatchAlarms {
  const alarms = options.targets.map((target) => startAlarm(target, options));
  return {
    states: () => alarms.map((alarm) => ({ alarmName: alarm.alarmName, state: alarm.state() })),
    close: async () => {
      await Promise.all(alarms.map((alarm) => alarm.close()));
    },
  };
}

function startAlarm(
  target: AlarmTarget,
  options: CloudWatchOptions,
): { alarmName: string; state(): AlarmState; close(): Promise<void> } {
  const { clock } = options;
  const closing = createClosing();
  const points: Datapoint[] = [];
  let state: AlarmState = 'INSUFFICIENT_DATA';
  let lowest: number | null = null;
  const checkers: Checkers = startCheckers({
    url: target.url,
    count: options.checkers,
    intervalSeconds: options.intervalSeconds,
    threshold: options.failureThreshold,
    check: options.check,
    // The metric's Minimum: one bad moment in a period makes the period bad.
    onLook: () => {
      const status = statusOf(checkers);
      if (status !== null) lowest = Math.min(lowest ?? 1, status);
    },
    clock,
    chance: options.chance,
  });
  const watch = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(options.periodSeconds, closing.signal);
      if (closing.signal.aborted) return;
      points.push({ at: new Date(clock.now().getTime() - options.periodSeconds * 1000), value: lowest });
      points.splice(0, points.length - options.rule.evaluationPeriods);
      lowest = null;
      const next = evaluate(options.rule, state, points);
      if (next === state) continue;
      const message = notification(target, options, state, next, points);
      state = next;
      options.deliver(snsToLambda(message, options), target.alarmName);
    }
  };
  const watching = watch();
  return {
    alarmName: target.alarmName,
    state: () => state,
    close: async () => {
      closing.abort();
      await Promise.all([watching, checkers.close()]);
    },
  };
}

function statusOf(checkers: Checkers): number | null {
  const fraction = checkers.healthyFraction();
  return fraction === null ? null : fraction > healthyShare ? 1 : 0;
}

function notification(
  target: AlarmTarget,
  options: CloudWatchOptions,
  before: AlarmState,
  after: AlarmState,
  points: readonly Datapoint[],
): Parameters<typeof snsToLambda>[0] {
  const message = {
    AlarmName: target.alarmName,
    AlarmDescription: `Health check of ${target.url}`,
    AWSAccountId: options.account,
    AlarmConfigurationUpdatedTimestamp: '2026-01-15T09:00:00.000+0000',
    NewStateValue: after,
    NewStateReason: reasonFor(options.rule, before, after, points),
    // CloudWatch writes the offset without a colon.
    StateChangeTime: options.clock.now().toISOString().replace('Z', '+0000'),
    Region: options.regionName,
    AlarmArn: `arn:aws:cloudwatch:${options.region}:${options.account}:alarm:${target.alarmName}`,
    OldStateValue: before,
    OKActions: [target.topicArn],
    AlarmActions: [target.topicArn],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: 'HealthCheckStatus',
      Namespace: 'AWS/Route53',
      StatisticType: 'Statistic',
      Statistic: 'MINIMUM',
      Unit: null,
      Dimensions: [{ value: target.healthCheckId, name: 'HealthCheckId' }],
      Period: options.periodSeconds,
      EvaluationPeriods: options.rule.evaluationPeriods,
      DatapointsToAlarm: options.rule.datapointsToAlarm,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: options.rule.threshold,
      TreatMissingData: 'missing',
      EvaluateLowSampleCountPercentile: '',
    },
    ActionExecutedAfterMuteWindow: false,
  };
  return {
    topicArn: target.topicArn,
    subject: `${after}: "${target.alarmName}" in ${options.regionName}`,
    message: JSON.stringify(message),
    attributes: {},
  };
}
