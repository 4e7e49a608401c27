// CloudWatch alarms that invoke a Lambda function directly as their action: metric, composite and log alarms.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
import * as z from 'zod';
import type { EventContext } from '../../shared/events/context.ts';
import { malformed } from '../../shared/events/parsed.ts';
import type { Parsed } from '../../shared/model/signal.ts';
import { alarmSignals } from './cloudwatch-alarm.ts';
import { ConfigurationBlock, metricsOf, StateBlock, suppressionOf } from './cloudwatch-state.ts';

/** `accountId` may differ from the ARN's account, and the ARN's name from `alarmName`: the ARN is the vantage, the name is declared. */
const DirectAlarmEvent = z.object({
  source: z.literal('aws.cloudwatch'),
  alarmArn: z.string().min(1),
  time: z.string(),
  alarmData: z.object({
    alarmName: z.string().min(1),
    state: StateBlock,
    configuration: ConfigurationBlock.nullish(),
  }),
});

export function parseDirectAlarm(event: unknown, context: EventContext): Parsed {
  const read = DirectAlarmEvent.safeParse(event);
  if (!read.success) return malformed('cloudwatch', read.error);
  const { alarmArn, alarmData, time } = read.data;
  const { state } = alarmData;
  const change = {
    name: alarmData.alarmName,
    arn: alarmArn,
    state: state.value,
    reason: state.reason ?? '',
    reasonData: state.reasonData,
    changedAt: state.timestamp ?? time,
    metrics: metricsOf(alarmData.configuration),
    quietedBy: suppressionOf(state),
    afterMuteWindow: false,
  };
  return alarmSignals(change, context);
}
