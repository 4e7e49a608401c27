// Storage events on Google Cloud, by every way that they come: Eventarc's CloudEvents, and Pub/Sub notifications in their wrappings.
// https://cloud.google.com/eventarc/docs/cloudevents and https://cloud.google.com/storage/docs/pubsub-notifications
import * as z from 'zod';
import { toInstant } from '../../shared/events/instant.ts';
import { ignored, malformedRecord, refused } from '../../shared/events/object-heard.ts';
import { decodeJson, headerOf, isObject, type JsonObject } from '../../shared/events/payload.ts';
import type { HeardObject } from '../../shared/model/object-hint.ts';
import type { ObjectHint } from '../../shared/model/replica.ts';
import { GcsObject, versionOf } from '../adapters/gcs-object-bucket-resource.ts';
import { likeness } from './likeness.ts';
import { MessagePublished, publishTimeOf, textOf } from './pubsub.ts';

/** An HTTP request is `{headers, body}`, as the other parsers take it. Never throws. */
export function hearStorageEvent(event: unknown): HeardObject {
  const heard = hearEvent(event);
  // Whatever was wrong within, the event is what can be sent again; the headers of a request are no part of it.
  const sent = isObject(event) && isObject(event.headers) && 'body' in event ? event.body : event;
  return heard.kind === 'rejected' ? refused(heard.because, sent) : heard;
}

function hearEvent(event: unknown): HeardObject {
  if (!isObject(event)) return unsupported(event);
  if (isObject(event.headers) && 'body' in event) return hearRequest(event.headers, decodeJson(event.body));
  if ('specversion' in event) return hearCloudEvent(event);
  // The event of a function of the first generation.
  if (isObject(event.context) && isObject(event.data)) {
    const { eventType, timestamp } = event.context;
    return hear({ type: eventType, time: timestamp, resource: event.data, overwrittenBy: null });
  }
  return isObject(event.message) ? hearPublished(event) : hearPublished({ message: event });
}

/** A CloudEvent in binary form has its attributes in headers. */
function hearRequest(headers: JsonObject, body: unknown): HeardObject {
  const type = headerOf(headers, 'ce-type');
  if (type === null) return hearEvent(body);
  return hearCloudEvent({ type, time: headerOf(headers, 'ce-time'), data: body });
}

function hearCloudEvent(event: JsonObject): HeardObject {
  const data = decodeJson(event.data);
  if (event.type === 'google.cloud.pubsub.topic.v1.messagePublished') return hearPublished(data);
  return hear({ type: event.type, time: event.time, resource: data, overwrittenBy: null });
}

/** A notification's attributes tell what happened; the resource is the message's data, unless the payload format is NONE. */
function hearPublished(published: unknown): HeardObject {
  const read = MessagePublished.safeParse(published);
  if (!read.success) return unsupported(published);
  const { message } = read.data;
  const { eventType, eventTime, bucketId, objectId, objectGeneration, overwrittenByGeneration } =
    message.attributes ?? {};
  if (eventType === undefined) return unsupported(published);
  const told = decodeJson(textOf(message));
  const resource = isObject(told) ? told : { bucket: bucketId, name: objectId, generation: objectGeneration };
  return hear({
    type: eventType,
    time: eventTime ?? publishTimeOf(message),
    resource,
    overwrittenBy: overwrittenByGeneration ?? null,
  });
}

const meanings: Record<string, ObjectHint['kind']> = {
  finalized: 'written',
  deleted: 'deleted',
  archived: 'deleted',
  metadataUpdated: 'attributes',
  OBJECT_FINALIZE: 'written',
  OBJECT_DELETE: 'deleted',
  OBJECT_ARCHIVE: 'deleted',
  OBJECT_METADATA_UPDATE: 'attributes',
  finalize: 'written',
  delete: 'deleted',
  archive: 'deleted',
  metadataUpdate: 'attributes',
};

const families = /^(google\.cloud\.storage\.object\.v1\.|google\.storage\.object\.)?(\w+)$/;

/** The least that a resource tells; the payload may be left out, or be of another version. */
const Told = z.object({
  bucket: z.string().min(1),
  name: z.string().min(1),
  generation: z.union([z.string(), z.number()]).transform(String).nullish(),
  updated: z.string().nullish(),
});

type Event = { type: unknown; time: unknown; resource: unknown; overwrittenBy: string | null };

function hear({ type, time, resource, overwrittenBy }: Event): HeardObject {
  const name = typeof type === 'string' ? (families.exec(type)?.[2] ?? '') : '';
  const kind = meanings[name];
  if (kind === undefined) return unsupported({ specversion: '1.0', type });
  const read = Told.safeParse(resource);
  if (!read.success) return malformedRecord('Cloud Storage', read.error, resource);
  const { bucket, name: key, generation = null, updated } = read.data;
  // Eventarc does not say so: there, looking tells.
  if (kind === 'deleted' && overwrittenBy !== null) {
    return ignored(`${key} was overwritten by generation ${overwrittenBy}, whose own event tells of it`);
  }
  const instant = toInstant(typeof time === 'string' ? time : (updated ?? ''));
  if (instant === null)
    return refused(`the event of ${key} has no time that can be read: ${JSON.stringify(time)}`, resource);
  const whole = GcsObject.safeParse(resource);
  return {
    kind: 'hint',
    hint: {
      bucket,
      key,
      kind,
      version: generation,
      sequencer: null,
      timeMillis: Date.parse(instant),
      of: whole.success ? versionOf(whole.data) : null,
    },
  };
}

function unsupported(event: unknown): HeardObject {
  return refused(
    `this looks like ${likeness(event)}; accepted are Cloud Storage's events finalized, deleted, archived and metadataUpdated, through Eventarc or Pub/Sub`,
    event,
  );
}
