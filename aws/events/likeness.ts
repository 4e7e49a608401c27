// What an event that we do not take looks like, in words for the person who wired it to us.
import { isObject } from '../../shared/events/payload.ts';
import { shapeOf, short } from '../../shared/events/shape.ts';

/** A noun phrase: "an S3 notification (ObjectCreated:Put)". Keys and sources are shown, values are not: they may be secrets. */
export function likeness(event: unknown): string {
  if (!isObject(event)) return shapeOf(event);
  if (event.eventSource === 'aws:s3') return `an S3 notification (${short(event.eventName)})`;
  if (typeof event.eventSource === 'string') return `a record of ${short(event.eventSource)}`;
  if ('detail-type' in event) return `an EventBridge event of ${short(event.source)} (${short(event['detail-type'])})`;
  if (event.Event === 's3:TestEvent') return 'the test event of an S3 notification';
  if (event.Type === 'SubscriptionConfirmation') return 'an SNS subscription that waits to be confirmed';
  if ('getObjectContext' in event) return 'an S3 Object Lambda request';
  if ('requestContext' in event && 'requestPayload' in event) return 'a Lambda destination record';
  if ('alerts' in event && 'groupKey' in event) return 'an Alertmanager webhook, which comes over HTTP with its secret';
  if ('incident' in event) return 'a Cloud Monitoring incident, which the functions on Google Cloud take';
  return shapeOf(event);
}
