// S3 through EventBridge: one event of an object.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
import * as z from 'zod';
import { toInstant } from '../../shared/events/instant.ts';
import { ignored, malformedRecord, refused } from '../../shared/events/object-heard.ts';
import type { HeardObject } from '../../shared/model/object-hint.ts';
import type { ObjectHint } from '../../shared/model/replica.ts';
import { EventBridgeEvent } from './eventbridge.ts';

const S3Event = EventBridgeEvent.extend({
  detail: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({
      /** As it is: EventBridge does not encode keys. */
      key: z.string().min(1),
      'version-id': z.string().nullish(),
      sequencer: z.string().nullish(),
    }),
  }),
});

/** A deletion may be a delete marker's or a version's for good, by a person or by the lifecycle: looking at the key tells. */
const meanings: Record<string, ObjectHint['kind']> = {
  'Object Created': 'written',
  'Object Deleted': 'deleted',
  'Object Restore Completed': 'written',
  'Object Tags Added': 'attributes',
  'Object Tags Deleted': 'attributes',
};

const tellNothing = [
  'Object Restore Initiated',
  'Object Restore Expired',
  'Object ACL Updated',
  'Object Storage Class Changed',
  'Object Access Tier Changed',
];

export function hearEventBridge(event: unknown): HeardObject {
  const read = S3Event.safeParse(event);
  if (!read.success) return malformedRecord('S3 through EventBridge', read.error, event);
  const { detail, time, 'detail-type': type } = read.data;
  const instant = toInstant(time);
  if (instant === null) return refused(`time is ${JSON.stringify(time)}, which is no time`, event);
  if (tellNothing.includes(type)) return ignored(`${type} of ${detail.object.key}: nothing that travels has changed`);
  const kind = meanings[type];
  if (kind === undefined) return refused(`${JSON.stringify(type)} is no event of S3 that is known here`, event);
  return {
    kind: 'hint',
    hint: {
      bucket: detail.bucket.name,
      key: detail.object.key,
      kind,
      version: detail.object['version-id'] ?? null,
      sequencer: detail.object.sequencer ?? null,
      timeMillis: Date.parse(instant),
      of: null,
    },
  };
}
