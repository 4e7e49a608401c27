// What an event that we do not take looks like, in words for the person who wired it to us.
import { isObject } from '../../shared/events/payload.ts';
import { shapeOf, short } from '../../shared/events/shape.ts';

/** A noun phrase: "a budget notification". Keys and types are shown, values are not: they may be secrets. */
export function likeness(event: unknown): string {
  if (!isObject(event)) return shapeOf(event);
  if ('specversion' in event) return `a CloudEvent of type ${short(event.type)}`;
  if ('bucketId' in event) return `a Cloud Storage notification (${short(event.eventType)})`;
  if (isObject(event.context)) return `a first-generation event (${short(event.context.eventType)})`;
  if ('budgetDisplayName' in event) return 'a budget notification';
  if ('protoPayload' in event) return 'an audit log entry';
  if ('customData' in event) return 'the data of a Cloud Scheduler event without its CloudEvent attributes';
  if (event.kind === 'storage#object') return 'Cloud Storage object data';
  if ('alerts' in event && 'groupKey' in event) return 'an Alertmanager webhook, which comes over HTTP with its secret';
  if ('Records' in event || 'detail-type' in event) return 'an AWS event, which the Lambda functions take';
  return shapeOf(event);
}
