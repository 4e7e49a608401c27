// Storage events on AWS, by every way that they come: from SQS, through SNS, through EventBridge, or straight to Lambda.
import { ignored, malformedRecord, refused } from '../../shared/events/object-heard.ts';
import { decodeJson, isObject } from '../../shared/events/payload.ts';
import type { HeardMessage, HeardObject } from '../../shared/model/object-hint.ts';
import { likeness } from './likeness.ts';
import { hearEventBridge } from './s3-object-eventbridge.ts';
import { hearNotification } from './s3-object-notification.ts';
import { SnsNotification } from './sns.ts';
import { SqsRecord } from './sqs.ts';

/** Never throws: a message that is not understood is rejected by itself, and its neighbours are heard. */
export function hearObjectEvents(event: unknown): HeardMessage[] {
  if (!isObject(event) || !Array.isArray(event.Records)) return [{ messageId: null, heard: hearMessage(event) }];
  return event.Records.map((record: unknown) => {
    if (!isObject(record) || record.eventSource !== 'aws:sqs') return { messageId: null, heard: hearRecord(record) };
    const messageId = typeof record.messageId === 'string' ? record.messageId : null;
    const read = SqsRecord.safeParse(record);
    const heard = read.success ? hearMessage(decodeJson(read.data.body)) : [malformedRecord('SQS', read.error, record)];
    return { messageId, heard };
  });
}

function hearRecord(record: unknown): HeardObject[] {
  if (isObject(record) && record.EventSource === 'aws:sns') return hearMessage(record.Sns);
  return isObject(record) && record.eventSource === 'aws:s3' ? [hearNotification(record)] : [unsupported(record)];
}

/** What a queue holds: a notification, its envelope of SNS, an event of EventBridge, or the test that S3 sends first. */
function hearMessage(message: unknown): HeardObject[] {
  if (!isObject(message)) return [unsupported(message)];
  if (message.Type === 'Notification' && 'Message' in message) {
    const read = SnsNotification.safeParse(message);
    return read.success ? hearMessage(decodeJson(read.data.Message)) : [malformedRecord('SNS', read.error, message)];
  }
  if (message.Event === 's3:TestEvent') return [ignored('the test event of an S3 notification: the way is open')];
  if (Array.isArray(message.Records)) return message.Records.flatMap(hearRecord);
  return message.source === 'aws.s3' ? [hearEventBridge(message)] : [unsupported(message)];
}

function unsupported(message: unknown): HeardObject {
  return refused(
    `this looks like ${likeness(message)}; accepted are S3 notifications (raw or through SNS) and S3's events of EventBridge`,
    message,
  );
}
