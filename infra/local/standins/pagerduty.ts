// A stand-in for PagerDuty's Events API v2: alerts by deduplication key, opened and resolved.
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  jsonAnswer,
  startHttp,
  withFaults,
} from './http.ts';

export type PagerDutyAlert = {
  dedupKey: string;
  status: 'triggered' | 'resolved';
  summary: string;
  severity: string;
  source: string;
  details: unknown;
  /** How often it was triggered: repeats add to the alert, they do not open another. */
  triggers: number;
};

export type PagerDutyStandinOptions = {
  host: string;
  port: number;
  routingKey: string;
  /** Called after every event that changed an alert. */
  onAlert(alert: PagerDutyAlert): void;
  faults: Faults;
};

export type PagerDutyStandin = HttpServer & { alerts(): PagerDutyAlert[] };

type Event = {
  routing_key?: string;
  event_action?: string;
  dedup_key?: string;
  payload?: { summary?: string; source?: string; severity?: string; custom_details?: unknown };
};

/** Speaks `POST /v2/enqueue`: 202 when taken, 400 with `errors` when the event is bad. */
export async function startPagerDutyStandin(options: PagerDutyStandinOptions): Promise<PagerDutyStandin> {
  const alerts = new Map<string, PagerDutyAlert>();
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    if (request.path !== '/v2/enqueue' || request.method !== 'POST') return jsonAnswer(404, { status: 'not found' });
    const event: Event = JSON.parse(request.body.toString());
    const errors = errorsIn(event, options.routingKey);
    if (errors.length > 0) return failure(400, errors);
    const dedupKey = event.dedup_key || `generated-${alerts.size + 1}`;
    const alert = applied(event, dedupKey, alerts.get(dedupKey));
    if (alert) {
      alerts.set(dedupKey, alert);
      options.onAlert(alert);
    }
    return jsonAnswer(202, { status: 'success', message: 'Event processed', dedup_key: dedupKey });
  };
  const refuse = (status: number, code: string) => failure(status, [`injected: ${code}`]);
  const server = await startHttp(withFaults(handle, options.faults, refuse), options);
  return { ...server, alerts: () => [...alerts.values()] };
}

/** The alert after the event; null when resolving one that is not open, which PagerDuty takes and forgets. */
function applied(event: Event, dedupKey: string, before: PagerDutyAlert | undefined): PagerDutyAlert | null {
  const open = before?.status === 'triggered' ? before : null;
  if (event.event_action === 'resolve') return open && { ...open, status: 'resolved' };
  return {
    dedupKey,
    status: 'triggered',
    summary: event.payload?.summary ?? '',
    severity: event.payload?.severity ?? '',
    source: event.payload?.source ?? '',
    details: event.payload?.custom_details,
    triggers: (open?.triggers ?? 0) + 1,
  };
}

function errorsIn({ routing_key, event_action, dedup_key, payload }: Event, routingKey: string): string[] {
  const errors: string[] = [];
  if (routing_key !== routingKey) errors.push('Invalid routing key');
  if (!['trigger', 'acknowledge', 'resolve'].includes(event_action ?? '')) errors.push("'event_action' is invalid");
  if ((dedup_key ?? '').length > 255) errors.push("'dedup_key' is too long (maximum is 255 characters)");
  if (event_action !== 'trigger') return dedup_key ? errors : [...errors, "'dedup_key' is missing or blank"];
  const { summary = '', source = '', severity = '' } = payload ?? {};
  if (summary === '' || summary.length > 1024) errors.push("'payload.summary' is missing, blank or too long");
  if (source === '') errors.push("'payload.source' is missing or blank");
  if (!['critical', 'error', 'warning', 'info'].includes(severity)) errors.push("'payload.severity' is invalid");
  return errors;
}

function failure(status: number, errors: string[]): HttpAnswer {
  return jsonAnswer(status, { status: 'invalid event', message: 'Event object is invalid', errors });
}
