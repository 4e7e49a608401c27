// CloudWatch alarms through EventBridge: state changes; changes of configuration and of contributors are none.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
import * as z from 'zod';
import type { EventContext } from '../../shared/events/context.ts';
import { malformed, rejected } from '../../shared/events/parsed.ts';
import type { Parsed } from '../../shared/model/signal.ts';
import { alarmSignals } from './cloudwatch-alarm.ts';
import { ConfigurationBlock, metricsOf, StateBlock, suppressionOf } from './cloudwatch-state.ts';
import { EventBridgeEvent } from './eventbridge.ts';

const AlarmStateChange = EventBridgeEvent.extend({
  detail: z.object({
    alarmName: z.string().min(1),
    state: StateBlock,
    configuration: ConfigurationBlock.nullish(),
    /** Since 2025: a mute rule holds the alarm's actions back. EventBridge gets the event all the same. */
    muteDetail: z.object({ mutedByArn: z.string().nullish(), muteWindowEnd: z.string().nullish() }).nullish(),
  }),
});
type AlarmStateChange = z.infer<typeof AlarmStateChange>;

const otherDetailTypes = [
  'CloudWatch Alarm Configuration Change',
  // Since December 2025. One contributor of a Metrics Insights alarm, with no previousState: not the alarm's own state.
  'CloudWatch Alarm Contributor State Change',
];

export function parseAlarmStateChange(event: unknown, context: EventContext): Parsed {
  const envelope = EventBridgeEvent.safeParse(event);
  if (!envelope.success) return malformed('cloudwatch', envelope.error);
  const detailType = envelope.data['detail-type'];
  if (otherDetailTypes.includes(detailType)) {
    return rejected(
      'not-a-state-change',
      'cloudwatch',
      `detail-type is "${detailType}", which says nothing about health; accepted is "CloudWatch Alarm State Change"`,
    );
  }
  const read = AlarmStateChange.safeParse(event);
  return read.success ? alarmSignals(changeOf(read.data), context) : malformed('cloudwatch', read.error);
}

function changeOf(event: AlarmStateChange) {
  const { alarmName, state, configuration, muteDetail } = event.detail;
  const muted = muteDetail
    ? `it is muted by ${muteDetail.mutedByArn ?? 'a mute rule'} until ${muteDetail.muteWindowEnd ?? 'its window ends'}`
    : null;
  return {
    name: alarmName,
    arn:
      event.resources?.find((resource) => resource.includes(':alarm:')) ??
      `arn:aws:cloudwatch:${event.region ?? ''}:${event.account ?? ''}:alarm:${alarmName}`,
    state: state.value,
    reason: state.reason ?? '',
    reasonData: state.reasonData,
    changedAt: state.timestamp ?? event.time,
    metrics: metricsOf(configuration),
    quietedBy: muted ?? suppressionOf(state),
    afterMuteWindow: false,
  };
}
