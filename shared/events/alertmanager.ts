// Alertmanager: a webhook of grouped alerts becomes one fact for each alert name.
import type { Parsed } from '../model/signal.ts';
import type { Ground } from '../model/site.ts';
import { AlertmanagerAlert, AlertmanagerWebhook } from './alertmanager-webhook.ts';
import type { EventContext } from './context.ts';
import { toInstant } from './instant.ts';
import { malformed, rejected, together, unreadableTime } from './parsed.ts';
import { decodeJson, isObject } from './payload.ts';
import { type Showing, speak } from './speak.ts';
import { carriesSecret, type WebhookRequest } from './webhook.ts';

/** One Alertmanager that we listen to: the secret it presents, and where it stands. Nothing in its webhook tells where that is. */
export type AlertmanagerSender = { secret: string; ground: Ground };

/**
 * Parses one webhook. An alert name is one vantage and speaks once: unhealthy while any of its alerts fires. Its value is not in the
 * webhook, so a lag alert tells whether it is breached and no seconds. Never throws.
 */
export function parseAlertmanager(request: WebhookRequest, context: EventContext, sender: AlertmanagerSender): Parsed {
  if (!carriesSecret(request, sender.secret)) return badSecret(request, sender);
  const body = decodeJson(request.body);
  if (isObject(body) && body.version !== '4') return otherVersion(body.version, body.groupKey);
  const webhook = AlertmanagerWebhook.safeParse(body);
  if (!webhook.success) return malformed('alertmanager', webhook.error);
  const truncated = (webhook.data.truncatedAlerts ?? 0) > 0;
  const alerts = webhook.data.alerts.map((alert) => AlertmanagerAlert.safeParse(alert));
  const bad = alerts.flatMap((alert) => (alert.success ? [] : [malformed('alertmanager', alert.error)]));
  const read = alerts.flatMap((alert) => (alert.success ? [alert.data] : []));
  const names = [...new Set(read.map((alert) => alert.labels.alertname))];
  const good = names.map((name) => {
    const named = read.filter((alert) => alert.labels.alertname === name);
    return parseNamed(name, named, truncated, context, sender.ground);
  });
  return together([...good, ...bad]);
}

function badSecret(request: WebhookRequest, sender: AlertmanagerSender): Parsed {
  const found = request.authorization === null ? 'no Authorization header' : 'another Authorization header';
  const wanted = 'Authorization: Bearer <shared secret> (http_config.authorization of the receiver) is accepted';
  const cause =
    sender.secret === '' ? 'this endpoint has no secret configured and opens to nobody' : `it came with ${found}`;
  return rejected('bad-secret', 'alertmanager', `the webhook was not read: ${cause}; ${wanted}`);
}

function otherVersion(version: unknown, groupKey: unknown): Parsed {
  const key = typeof groupKey === 'number' ? ' with a numeric groupKey, which JSON cannot carry exactly' : '';
  const found = `webhook version ${JSON.stringify(version) ?? 'missing'}${key}`;
  return rejected('unsupported', 'alertmanager', `${found}; accepted is version "4" (Alertmanager 0.7 and later)`);
}

/** A resolved alert leaves its group, so what the group does not show any more is not firing; what was cut off may be. */
function parseNamed(
  name: string,
  alerts: AlertmanagerAlert[],
  truncated: boolean,
  context: EventContext,
  ground: Ground,
): Parsed {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  const times = firing.length > 0 ? firing.map((alert) => alert.startsAt) : alerts.map((alert) => alert.endsAt ?? '');
  const field = firing.length > 0 ? 'startsAt' : 'endsAt';
  const instants = times.flatMap((time) => toInstant(time) ?? []);
  const observedAt = instants.sort().at(-1);
  if (observedAt === undefined) return unreadableTime('alertmanager', `alerts[].${field} of "${name}"`, times[0]);
  const state = firing.length > 0 ? 'unhealthy' : truncated ? 'unknown' : 'healthy';
  return speak(showing(name, state, observedAt, firing[0] ?? alerts[0], ground), context);
}

function showing(
  name: string,
  state: Showing['state'],
  observedAt: string,
  first: AlertmanagerAlert | undefined,
  ground: Ground,
): Showing {
  const summary = first?.annotations?.summary ?? first?.annotations?.description;
  const said = typeof summary === 'string' ? ` It says: ${summary}` : '';
  const words = {
    unhealthy: `The alert ${name} is firing since ${observedAt}.`,
    healthy: `The alert ${name} was resolved at ${observedAt}.`,
    unknown: `The alert ${name} shows as resolved at ${observedAt}, but its group was cut short, so others of it may be firing.`,
  };
  return {
    source: 'alertmanager',
    names: [name],
    id: `alertmanager|${name}|${state}|${observedAt}`,
    vantage: { kind: 'alertmanager', name: `alertmanager/${name}`, ground },
    observedAt,
    state,
    lagSeconds: null,
    because: words[state] + said,
    unfitForHealth: null,
  };
}
