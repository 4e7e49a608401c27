// The dispatcher for all that may reach a Lambda function: it recognises the source, unwraps it and calls its parser.
import type { EventContext } from '../../shared/events/context.ts';
import { malformed, rejected, together } from '../../shared/events/parsed.ts';
import { decodeJson, isObject, type JsonObject } from '../../shared/events/payload.ts';
import type { Parsed } from '../../shared/model/signal.ts';
import { parseDirectAlarm } from './cloudwatch-alarm-direct.ts';
import { parseAlarmStateChange } from './cloudwatch-alarm-eventbridge.ts';
import { parseAlarmNotification } from './cloudwatch-alarm-sns.ts';
import { parseHealthEvent } from './health-event.ts';
import { likeness } from './likeness.ts';
import { parseRdsEvent, parseRdsNotification } from './rds-event.ts';
import { parseScheduledEvent, parseScheduleInput } from './schedule.ts';
import { SnsNotification, SnsRecord } from './sns.ts';
import { SqsRecord } from './sqs.ts';

/**
 * The signals and rejections of one delivered event, whatever it is: Lambda records (SNS, SQS), EventBridge, a direct alarm
 * action, a schedule. Never throws; what it does not know is rejected as `unsupported`, saying what it looks like.
 */
export function parseAwsEvent(event: unknown, context: EventContext): Parsed {
  if (isObject(event) && Array.isArray(event.Records)) {
    return together(event.Records.map((record: unknown) => parseRecord(record, context)));
  }
  return parseMessage(event, context, '');
}

function parseRecord(record: unknown, context: EventContext): Parsed {
  if (isObject(record) && record.EventSource === 'aws:sns') {
    const read = SnsRecord.safeParse(record);
    return read.success ? parseNotification(read.data.Sns, context) : malformed('sns', read.error);
  }
  if (isObject(record) && record.eventSource === 'aws:sqs') {
    const read = SqsRecord.safeParse(record);
    return read.success ? parseMessage(decodeJson(read.data.body), context, '') : malformed('sqs', read.error);
  }
  return unsupported(record);
}

function parseNotification(notification: SnsNotification, context: EventContext): Parsed {
  return parseMessage(decodeJson(notification.Message), context, notification.TopicArn);
}

/** One message out of its wrapping. `topicArn` is empty when it did not come through SNS. */
function parseMessage(message: unknown, context: EventContext, topicArn: string): Parsed {
  if (!isObject(message)) return unsupported(message);
  if (message.Type === 'Notification' && 'Message' in message) {
    const read = SnsNotification.safeParse(message);
    return read.success ? parseNotification(read.data, context) : malformed('sns', read.error);
  }
  if ('AlarmName' in message && 'NewStateValue' in message) return parseAlarmNotification(message, context, topicArn);
  if ('Event Source' in message && 'Source ID' in message) return parseRdsNotification(message, context);
  if (message.source === 'aws.cloudwatch' && 'alarmData' in message) return parseDirectAlarm(message, context);
  if ('detail-type' in message) return parseEventBridge(message, context);
  if ('causeway' in message) return parseScheduleInput(message, context);
  return unsupported(message);
}

function parseEventBridge(event: JsonObject, context: EventContext): Parsed {
  switch (event.source) {
    case 'aws.cloudwatch':
      return parseAlarmStateChange(event, context);
    case 'aws.rds':
      return parseRdsEvent(event, context);
    case 'aws.health':
      return parseHealthEvent(event, context);
    case 'aws.events':
    case 'aws.scheduler':
      return event['detail-type'] === 'Scheduled Event' ? parseScheduledEvent(event, context) : unsupported(event);
    default:
      return unsupported(event);
  }
}

const accepted =
  'accepted are CloudWatch alarms (SNS, EventBridge, direct action), RDS events, AWS Health events, ' +
  'schedules, and {"causeway": "tick"} as the custom input of a schedule';

function unsupported(event: unknown): Parsed {
  return rejected('unsupported', 'aws', `this looks like ${likeness(event)}; ${accepted}`);
}
