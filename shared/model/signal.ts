// Signals: one normalised fact from outside each, and what becomes of an event that holds none.
import * as z from 'zod';
import { Ground, SiteName } from './site.ts';

/** Who saw it. Two signals of one vantage are one witness, however often they arrive. */
export const Vantage = z.object({
  kind: z.enum(['lookout', 'managed-check', 'alertmanager', 'operator', 'schedule']),
  /** Unique among vantages: a lookout's name, an alarm's ARN, a policy's name. */
  name: z.string().min(1),
  ground: Ground,
});
export type Vantage = z.infer<typeof Vantage>;

/** What a vantage can say. `unknown` is about the observer (missing data, time-out), never about the site. */
export const Health = z.enum(['healthy', 'unhealthy', 'unknown']);
export type Health = z.infer<typeof Health>;

/** A time in UTC, ISO 8601 with milliseconds. */
export const Instant = z.iso.datetime();
export type Instant = z.infer<typeof Instant>;

const heard = {
  /** Equal for redeliveries of the same fact, and for nothing else. */
  id: z.string().min(1),
  vantage: Vantage,
  /** When the source says that it was so. */
  observedAt: Instant,
  /** The sentence that a person reads in the journal. */
  because: z.string(),
};

export const HealthSignal = z.object({
  kind: z.literal('health'),
  ...heard,
  site: SiteName,
  component: z.string(),
  health: Health,
});
export type HealthSignal = z.infer<typeof HealthSignal>;

/** Replication lag as an outside metric tells it; null seconds is "no data", which is unknown and not zero. */
export const LagSignal = z.object({
  kind: z.literal('lag'),
  ...heard,
  site: SiteName,
  lagSeconds: z.number().nonnegative().nullable(),
  breached: z.boolean().nullable(),
});
export type LagSignal = z.infer<typeof LagSignal>;

/** An alert of the strategy's `alerts` list that fired or resolved elsewhere (error rate, latency). */
export const AlertSignal = z.object({
  kind: z.literal('alert'),
  ...heard,
  alert: z.string(),
  firing: z.boolean(),
});
export type AlertSignal = z.infer<typeof AlertSignal>;

/** A fact that explains but never decides: AWS Health, RDS events. */
export const ContextSignal = z.object({
  kind: z.literal('context'),
  ...heard,
  site: SiteName.nullable(),
  topic: z.string(),
});
export type ContextSignal = z.infer<typeof ContextSignal>;

/** A schedule that fired: time for a beat. */
export const TickSignal = z.object({ kind: z.literal('tick'), ...heard });
export type TickSignal = z.infer<typeof TickSignal>;

export const Signal = z.discriminatedUnion('kind', [HealthSignal, LagSignal, AlertSignal, ContextSignal, TickSignal]);
export type Signal = z.infer<typeof Signal>;

/** Why an event became no signal. Recorded in the journal as it is. */
export const Rejection = z.object({
  reason: z.enum([
    'malformed', // not what the source sends
    'channel-test', // a test of the notification channel; never triggers anything
    'not-a-state-change', // configuration change, contributor change, backup
    'undeclared', // the strategy declares no meaning for this alarm
    'unsupported', // a source that Causeway does not take
    'bad-secret', // a webhook without its shared secret
  ]),
  source: z.string(),
  /** What was found, where in the event, and what would have been accepted. */
  explanation: z.string(),
});
export type Rejection = z.infer<typeof Rejection>;

/** What one delivered event holds: a batch may carry good records beside bad ones, and neither blocks the other. */
export type Parsed = { signals: Signal[]; rejections: Rejection[] };

/**
 * What the strategy declares about one alarm, alert or policy: which site and component it speaks of. Never guessed.
 * `name` is matched exactly, against the alarm's name (CloudWatch), the policy's name or display name (Cloud
 * Monitoring), the alertname label (Alertmanager), the DB instance (RDS) or the affected region (AWS Health).
 */
export const AlarmDeclaration = z.object({
  source: z.enum(['cloudwatch', 'cloud-monitoring', 'alertmanager', 'rds', 'aws-health']),
  name: z.string().min(1),
  speaks: z.discriminatedUnion('about', [
    z.object({
      about: z.literal('health'),
      site: SiteName,
      component: z.string(),
    }),
    z.object({ about: z.literal('lag'), site: SiteName }),
    z.object({ about: z.literal('alert'), alert: z.string() }),
    z.object({ about: z.literal('context'), site: SiteName.nullable() }),
  ]),
});
export type AlarmDeclaration = z.infer<typeof AlarmDeclaration>;
