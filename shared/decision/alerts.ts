// Metric alerts with a duration: when an episode begins, when it is due to be told, and when it is over.
import type { Alert } from '../model/scenario.ts';
import type { AlertEpisode } from '../model/situation.ts';

export type AlertStep =
  | { kind: 'nothing' }
  | { kind: 'begin' }
  /** The condition has held for the alert's duration: tell people, once. */
  | { kind: 'tell'; episode: AlertEpisode }
  | { kind: 'end'; episode: AlertEpisode };

/**
 * What to do about one alert now. `value` null means that it could not be found out: that neither begins nor ends an episode.
 * Times are wall-clock: an alert may be a second early or late; authority never rests on it.
 */
export function stepAlert(alert: Alert, episode: AlertEpisode | null, value: number | null, now: Date): AlertStep {
  if (value === null) return { kind: 'nothing' };
  const breached = compare(value, alert.comparison, alert.threshold);
  if (!episode) return breached ? { kind: 'begin' } : { kind: 'nothing' };
  if (!breached) return { kind: 'end', episode };
  const heldSeconds = (now.getTime() - Date.parse(episode.since)) / 1000;
  return !episode.told && heldSeconds >= alert.durationSeconds ? { kind: 'tell', episode } : { kind: 'nothing' };
}

function compare(value: number, comparison: Alert['comparison'], threshold: number): boolean {
  switch (comparison) {
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
  }
}
