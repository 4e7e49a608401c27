// RDS events through EventBridge and through RDS's own SNS subscriptions. Context only: they explain, and never decide.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloudwatch-events.html and USER_Events.html
import * as z from 'zod';
import type { EventContext } from '../../shared/events/context.ts';
import { toInstant } from '../../shared/events/instant.ts';
import { malformed, rejected, unreadableTime } from '../../shared/events/parsed.ts';
import { explain } from '../../shared/events/speak.ts';
import type { Parsed } from '../../shared/model/signal.ts';
import { EventBridgeEvent } from './eventbridge.ts';

const RdsEvent = EventBridgeEvent.extend({
  detail: z.object({
    /** Absent in some; then the source type in detail-type is all that tells a backup. */
    EventCategories: z.array(z.string()).nullish(),
    SourceType: z.string().nullish(),
    /** `my-db` or, as documented, `rds:my-db`. */
    SourceIdentifier: z.string().min(1),
    Date: z.string(),
    Message: z.string(),
    EventID: z.string().nullish(),
  }),
});

/** The keys of the SNS form have blanks. */
const RdsNotification = z.object({
  'Event Source': z.string(),
  /** `2018-04-04 09:40:10.307`, which is UTC. */
  'Event Time': z.string(),
  'Source ID': z.string().min(1),
  /** A link into the manual that ends in `#RDS-EVENT-0049`, sometimes with a blank after it. */
  'Event ID': z.string().nullish(),
  'Event Message': z.string(),
});

type Told = { about: string; instance: string; eventId: string; at: string; message: string; backup: boolean };

export function parseRdsEvent(event: unknown, context: EventContext): Parsed {
  const read = RdsEvent.safeParse(event);
  if (!read.success) return malformed('rds', read.error);
  const { detail } = read.data;
  const about = `${read.data['detail-type']} ${detail.SourceType ?? ''}`;
  return tell(
    {
      about,
      instance: detail.SourceIdentifier.replace(/^rds:/, ''),
      eventId: detail.EventID ?? '',
      at: detail.Date,
      message: detail.Message,
      backup: (detail.EventCategories ?? []).includes('backup') || /snapshot/i.test(about),
    },
    context,
  );
}

/** The SNS form has no categories: the ids of the backup category stand in for it. */
const backupEventIds = ['RDS-EVENT-0001', 'RDS-EVENT-0002', 'RDS-EVENT-0086'];

export function parseRdsNotification(message: unknown, context: EventContext): Parsed {
  const read = RdsNotification.safeParse(message);
  if (!read.success) return malformed('rds', read.error);
  const about = read.data['Event Source'];
  const eventId = (read.data['Event ID'] ?? '').split('#').at(-1)?.trim() ?? '';
  return tell(
    {
      about,
      instance: read.data['Source ID'].replace(/^rds:/, ''),
      eventId,
      at: read.data['Event Time'],
      message: read.data['Event Message'],
      backup: backupEventIds.includes(eventId) || /snapshot/i.test(about),
    },
    context,
  );
}

function tell(told: Told, context: EventContext): Parsed {
  if (told.backup) {
    return rejected(
      'not-a-state-change',
      'rds',
      `"${told.message}" (${told.eventId || told.about.trim()}) of ${told.instance} is about backups, which say nothing about health`,
    );
  }
  const observedAt = toInstant(told.at);
  if (observedAt === null) return unreadableTime('rds', `the date of the event of ${told.instance}`, told.at);
  return explain(
    {
      source: 'rds',
      names: [told.instance],
      id: `rds|${told.instance}|${told.eventId}|${observedAt}`,
      vantage: { kind: 'managed-check', name: `rds/${told.instance}`, ground: 'aws' },
      observedAt,
      because: `RDS says of ${told.instance}: ${told.message}`,
      topic: `rds: ${told.eventId || 'event'}`,
    },
    context,
  );
}
