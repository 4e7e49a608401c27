// The dispatcher for all that may reach a Cloud Function: it recognises the source, unwraps it and calls its parser.
import type { EventContext } from '../../shared/events/context.ts';
import { malformed, rejected } from '../../shared/events/parsed.ts';
import { decodeJson, isObject, type JsonObject } from '../../shared/events/payload.ts';
import type { Parsed } from '../../shared/model/signal.ts';
import { likeness } from './likeness.ts';
import { parseMonitoringIncident } from './monitoring-incident.ts';
import { CloudEvent, MessagePublished, messageIdOf, type PubsubMessage, publishTimeOf, textOf } from './pubsub.ts';
import {
  isSchedulerRequest,
  parseScheduleInput,
  parseSchedulerEvent,
  parseSchedulerRequest,
  schedulerEventType,
} from './schedule.ts';

/**
 * The signals and rejections of one delivered event, whatever it is: a CloudEvent, a Pub/Sub message in any of its wrappings, an HTTP
 * request as `{headers, body}`. Never throws; what it does not know is rejected as `unsupported`, saying what it looks like.
 */
export function parseGcpEvent(event: unknown, context: EventContext): Parsed {
  if (!isObject(event)) return unsupported(event);
  if (isObject(event.headers) && 'body' in event) return parseRequest(event.headers, event.body, context);
  if ('specversion' in event) return parseCloudEvent(event, context);
  // The legacy body of the first generation: {context, data}.
  if (isObject(event.context) && isObject(event.data)) return parseLegacy(event.context, event.data, context);
  return parseBody(event, context);
}

function parseRequest(headers: JsonObject, body: unknown, context: EventContext): Parsed {
  if (isSchedulerRequest(headers)) return parseSchedulerRequest(headers, context);
  const decoded = decodeJson(body);
  if (!isObject(decoded)) return unsupported(decoded);
  return 'specversion' in decoded ? parseCloudEvent(decoded, context) : parseBody(decoded, context);
}

function parseCloudEvent(event: JsonObject, context: EventContext): Parsed {
  const read = CloudEvent.safeParse(event);
  if (!read.success) return malformed('cloud-event', read.error);
  if (read.data.type === schedulerEventType) return parseSchedulerEvent(read.data, context);
  if (read.data.type !== 'google.cloud.pubsub.topic.v1.messagePublished') return unsupported(event);
  return parsePublished(decodeJson(read.data.data), context);
}

function parseLegacy(legacy: JsonObject, data: JsonObject, context: EventContext): Parsed {
  const type = typeof legacy.eventType === 'string' ? legacy.eventType : '';
  if (!/pubsub/.test(type)) return unsupported({ context: legacy, data });
  return parsePublished({ message: { messageId: legacy.eventId, publishTime: legacy.timestamp, ...data } }, context);
}

/** What is left when no envelope says what it is. */
function parseBody(body: JsonObject, context: EventContext): Parsed {
  if (isObject(body.message)) return parsePublished(body, context);
  if (isPubsubMessage(body)) return parsePublished({ message: body }, context);
  return parseContent(body, { id: null, at: null }, context);
}

function isPubsubMessage(body: JsonObject): boolean {
  return (
    body['@type'] === 'type.googleapis.com/google.pubsub.v1.PubsubMessage' || ('messageId' in body && 'data' in body)
  );
}

function parsePublished(published: unknown, context: EventContext): Parsed {
  const read = MessagePublished.safeParse(published);
  if (!read.success) return malformed('pubsub', read.error);
  return parsePubsubMessage(read.data.message, context);
}

function parsePubsubMessage(message: PubsubMessage, context: EventContext): Parsed {
  const bucket = message.attributes?.bucketId;
  if (bucket !== undefined) return unsupported({ bucketId: bucket, eventType: message.attributes?.eventType });
  const text = textOf(message);
  if (text === null) return rejected('unsupported', 'pubsub', `the message holds ${noText(message)}; ${accepted}`);
  return parseContent(decodeJson(text), { id: messageIdOf(message), at: publishTimeOf(message) }, context);
}

function noText(message: PubsubMessage): string {
  return message.data ? 'bytes that are not UTF-8 text' : 'no data';
}

function parseContent(
  content: unknown,
  delivery: { id: string | null; at: string | null },
  context: EventContext,
): Parsed {
  if (isObject(content) && 'incident' in content) return parseMonitoringIncident(content, context);
  if (isObject(content) && 'causeway' in content) return parseScheduleInput(content, delivery, context);
  return unsupported(content);
}

const accepted =
  'accepted are Cloud Monitoring incidents through Pub/Sub, Cloud Scheduler over HTTP, ' +
  'and {"causeway": "tick"} as the data of a scheduled message';

function unsupported(event: unknown): Parsed {
  return rejected('unsupported', 'gcp', `this looks like ${likeness(event)}; ${accepted}`);
}
