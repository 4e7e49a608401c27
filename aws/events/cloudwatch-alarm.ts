// A CloudWatch alarm's change of state in neutral words, whichever of the three paths it came by, and what it shows.
import * as z from 'zod';
import type { EventContext } from '../../shared/events/context.ts';
import { toInstant } from '../../shared/events/instant.ts';
import { unreadableTime } from '../../shared/events/parsed.ts';
import { type Showing, speak } from '../../shared/events/speak.ts';
import type { Health, Parsed } from '../../shared/model/signal.ts';
import { isMissingData, lagSecondsOf, type WatchedMetric } from './cloudwatch-datapoints.ts';
import { statisticTrouble } from './cloudwatch-health-check.ts';

export const AlarmState = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);
export type AlarmState = z.infer<typeof AlarmState>;

export type AlarmChange = {
  name: string;
  arn: string;
  state: AlarmState;
  reason: string;
  /** StateReasonData: JSON text or the object itself; null where the path does not carry it (SNS). */
  reasonData: unknown;
  /** When the state changed, as the vendor writes it: never when the action ran. */
  changedAt: string;
  metrics: WatchedMetric[];
  /** Why an operator wants no action taken on this state now: a mute rule or a suppressor alarm; null when nobody does. */
  quietedBy: string | null;
  /** The action ran after a mute window had ended, so it may be long after the change. */
  afterMuteWindow: boolean;
};

/**
 * The signals of one change. ALARM is unhealthy, OK is healthy, INSUFFICIENT_DATA is unknown; so is any state that rests on missing
 * data alone, and an ALARM that an operator has muted or suppressed.
 */
export function alarmSignals(change: AlarmChange, context: EventContext): Parsed {
  const observedAt = toInstant(change.changedAt);
  if (observedAt === null)
    return unreadableTime('cloudwatch', `the state change time of "${change.name}"`, change.changedAt);
  return speak(showing(change, observedAt), context);
}

function showing(change: AlarmChange, observedAt: string): Showing {
  const trouble = statisticTrouble(change.metrics);
  const { state, why } = read(change);
  const quieted = change.quietedBy !== null && change.state === 'ALARM';
  const late = change.afterMuteWindow ? ' Its action was executed after a mute window, so it may come late.' : '';
  const advice = trouble?.kind === 'poor' ? ` ${trouble.because}` : '';
  return {
    source: 'cloudwatch',
    names: [change.name],
    // A muted ALARM and the same ALARM once it is let through are two facts; the three paths of one are one.
    id: `${change.arn}|${change.state}|${observedAt}${quieted ? '|quieted' : ''}`,
    vantage: { kind: 'managed-check', name: change.arn, ground: 'aws' },
    observedAt,
    state,
    lagSeconds: lagSecondsOf(change.reason, change.reasonData, change.metrics),
    because: `CloudWatch alarm ${change.name} is ${change.state}${why}: ${change.reason || 'no reason given'}${late}${advice}`,
    unfitForHealth: trouble?.kind === 'unfit' ? `alarm "${change.name}": ${trouble.because}` : null,
  };
}

function read(change: AlarmChange): { state: Health; why: string } {
  if (change.state === 'INSUFFICIENT_DATA') return { state: 'unknown', why: '' };
  if (isMissingData(change.reason, change.reasonData)) {
    return { state: 'unknown', why: ' for want of data, which is unknown' };
  }
  if (change.state === 'OK') return { state: 'healthy', why: '' };
  if (change.quietedBy !== null) return { state: 'unknown', why: `, but ${change.quietedBy}, so it is no evidence` };
  return { state: 'unhealthy', why: '' };
}
