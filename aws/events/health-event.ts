// AWS Health events through EventBridge. Context only: public ones arrive too late to fail over on.
// https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
import * as z from 'zod';
import type { EventContext } from '../../shared/events/context.ts';
import { toInstant } from '../../shared/events/instant.ts';
import { malformed, rejected, unreadableTime } from '../../shared/events/parsed.ts';
import { explain } from '../../shared/events/speak.ts';
import type { Parsed } from '../../shared/model/signal.ts';
import { EventBridgeEvent } from './eventbridge.ts';

/** Everything is optional: the shape of 2016 lacks half of it, and relays send fragments. */
const HealthEvent = EventBridgeEvent.extend({
  detail: z.object({
    eventArn: z.string().nullish(),
    service: z.string().nullish(),
    eventTypeCode: z.string().nullish(),
    communicationId: z.string().nullish(),
    affectedAccount: z.string().nullish(),
    /** The region that is affected. The envelope's is where the event was delivered, us-west-2 for a backup event. */
    eventRegion: z.string().nullish(),
    startTime: z.string().nullish(),
    lastUpdatedTime: z.string().nullish(),
    /** May be "open" although the text says [RESOLVED]. */
    statusCode: z.string().nullish(),
    eventDescription: z.array(z.object({ latestDescription: z.string().nullish() })).nullish(),
  }),
});
type HealthEvent = z.infer<typeof HealthEvent>;

/** The affected region is what the strategy declares: `{source: aws-health, name: us-east-1, speaks: {about: context, site: aws}}`. */
export function parseHealthEvent(event: unknown, context: EventContext): Parsed {
  const read = HealthEvent.safeParse(event);
  if (!read.success) return malformed('aws-health', read.error);
  const { detail, time, account } = read.data;
  const region = detail.eventRegion ?? detail.eventArn?.split(':')[3];
  if (!region) {
    const found = `neither detail.eventRegion nor a region in detail.eventArn (${detail.eventArn ?? 'missing'})`;
    return rejected(
      'malformed',
      'aws-health',
      `${found}; the envelope's region may be a backup region and is not used`,
    );
  }
  const observedAt = toInstant(detail.lastUpdatedTime ?? time) ?? toInstant(time);
  if (observedAt === null) return unreadableTime('aws-health', 'time', time);
  return explain(
    {
      source: 'aws-health',
      names: [region],
      id: communicationOf(read.data, detail.affectedAccount ?? account ?? '', observedAt),
      vantage: { kind: 'managed-check', name: `aws-health/${region}`, ground: 'aws' },
      observedAt,
      because: sentence(detail, region),
      topic: `aws-health: ${detail.eventTypeCode ?? detail.service ?? 'event'}`,
    },
    context,
  );
}

/** Two regions may deliver one communication; its id and the account make them one. Old events have none. */
function communicationOf(event: HealthEvent, account: string, observedAt: string): string {
  const { communicationId, eventArn, eventTypeCode } = event.detail;
  const named = communicationId ?? `${eventArn ?? eventTypeCode ?? event.id ?? 'event'}|${observedAt}`;
  return `aws-health|${named}|${account}`;
}

function sentence(detail: HealthEvent['detail'], region: string): string {
  const what = detail.eventTypeCode ?? detail.eventArn ?? 'an event';
  const text = detail.eventDescription?.[0]?.latestDescription?.trim() ?? '';
  return `AWS Health tells of ${what} in ${region} (${detail.statusCode ?? 'no status'})${text ? `: ${text}` : '.'}`;
}
