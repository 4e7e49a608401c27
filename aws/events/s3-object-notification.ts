// S3's own notifications: one record of an object.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
import * as z from 'zod';
import { toInstant } from '../../shared/events/instant.ts';
import { ignored, malformedRecord, refused } from '../../shared/events/object-heard.ts';
import type { HeardObject } from '../../shared/model/object-hint.ts';

const S3Record = z.object({
  /** The major must be equal; minors only add: 2.0 to 2.6 have been seen. */
  eventVersion: z.string().regex(/^2\.\d+$/, 'a version 2.x'),
  eventTime: z.string(),
  /** `ObjectCreated:Put`; some senders keep the `s3:` before it. */
  eventName: z.string(),
  s3: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({
      /** As in an HTML form: a blank is `+`, a plus is `%2B`. */
      key: z.string().min(1),
      /** Of a delete marker: its own. */
      versionId: z.string().nullish(),
      sequencer: z.string().nullish(),
    }),
  }),
});

export function hearNotification(record: unknown): HeardObject {
  const read = S3Record.safeParse(record);
  /** One record is no notification by itself. */
  const whole = { Records: [record] };
  if (!read.success) return malformedRecord('S3', read.error, whole);
  const { eventName, eventTime, s3 } = read.data;
  const key = fromForm(s3.object.key);
  if (key === null) return refused(`the key ${JSON.stringify(s3.object.key)} is not encoded as S3 encodes keys`, whole);
  const instant = toInstant(eventTime);
  if (instant === null) return refused(`eventTime is ${JSON.stringify(eventTime)}, which is no time`, whole);
  const meaning = meaningOf(eventName.replace(/^s3:/, ''));
  if (meaning.kind === 'ignored') return ignored(`${eventName} of ${key}: ${meaning.because}`);
  if (meaning.kind === 'unknown') return refused(`${eventName} is no event of S3 that is known here`, whole);
  return {
    kind: 'hint',
    hint: {
      bucket: s3.bucket.name,
      key,
      kind: meaning.kind,
      version: s3.object.versionId ?? null,
      sequencer: s3.object.sequencer ?? null,
      timeMillis: Date.parse(instant),
      of: null,
    },
  };
}

function fromForm(key: string): string | null {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

type Meaning = { kind: 'written' | 'deleted' | 'attributes' | 'unknown' } | { kind: 'ignored'; because: string };

/** Lifecycle expirations are no `ObjectRemoved`: the notification must ask for them by their own name. */
function meaningOf(eventName: string): Meaning {
  const [family = '', detail = ''] = eventName.split(':');
  switch (family) {
    case 'ObjectCreated':
      return { kind: 'written' };
    case 'ObjectRemoved':
    case 'LifecycleExpiration':
      return { kind: 'deleted' };
    case 'ObjectTagging':
      return { kind: 'attributes' };
    case 'ObjectRestore':
      // Now it can be read, and copied.
      return detail === 'Completed' ? { kind: 'written' } : { kind: 'ignored', because: 'a restoration is under way' };
    case 'ObjectAcl':
      return { kind: 'ignored', because: 'access lists do not travel' };
    case 'LifecycleTransition':
    case 'IntelligentTiering':
      return { kind: 'ignored', because: "each side's lifecycle moves its own copies" };
    case 'Replication':
    case 'ReducedRedundancyLostObject':
      return { kind: 'ignored', because: 'it tells nothing new of the object' };
    default:
      return { kind: 'unknown' };
  }
}
