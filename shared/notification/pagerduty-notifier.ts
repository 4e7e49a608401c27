// PagerDuty, through Events API v2: messages and incidents are alerts with a deduplication key, and a resolved one closes them.
import type { Notification, Severity } from '../model/notification.ts';
import type { Notifier } from '../ports/notifier.ts';
import { postJson, readSecret } from './post-json.ts';

export type PagerDutyNotifierOptions = {
  /** `https://events.pagerduty.com/v2/enqueue`, or the one of the European service region. */
  eventsUrl: string;
  /** Reads the integration's routing key: asked for at every event, so that a changed one is taken up. */
  routingKey(): Promise<string>;
  timeoutSeconds: number;
};

const severities: Record<Severity, 'critical' | 'error' | 'warning' | 'info'> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'warning',
  info: 'info',
};

/** The API refuses a longer summary. */
const maxSummaryCharacters = 1024;

/**
 * The notification's deduplication key is PagerDuty's, so sending one twice is one alert, and resolving uses the key that opened it.
 * Source: developer.pagerduty.com, "Send an event" (202 accepted; 400 a bad event, final; 429 and 5xx again later).
 */
export function createPagerDutyNotifier(options: PagerDutyNotifierOptions): Notifier {
  return {
    send: async (notification) => {
      const routingKey = await readSecret('PagerDuty', options.routingKey);
      const { status, text } = await postJson({
        service: 'PagerDuty',
        url: options.eventsUrl,
        body: eventOf(notification, routingKey),
        timeoutSeconds: options.timeoutSeconds,
        secrets: [routingKey],
      });
      if (status === 202) return { kind: 'sent', reference: `pagerduty/${notification.dedupKey}` };
      const because = `PagerDuty answered ${status} ${text}: correct the routing key or the event`;
      return { kind: 'rejected', because };
    },
  };
}

function eventOf(notification: Notification, routingKey: string): Record<string, unknown> {
  const head = { routing_key: routingKey, dedup_key: notification.dedupKey };
  if (notification.kind === 'incident-resolved') return { ...head, event_action: 'resolve' };
  return {
    ...head,
    event_action: 'trigger',
    payload: {
      summary: notification.title.slice(0, maxSummaryCharacters),
      source: notification.source || 'causeway',
      severity: severities[notification.severity],
      custom_details: { text: notification.text, kind: notification.kind },
    },
  };
}
