// What costs more than usual, as something to tell: only rises, only lately begun. Falls stand in the report. Pure.
import { createHash } from 'node:crypto';
import type { CostDate } from '../../model/cost.ts';
import { moneyText } from '../amount-text.ts';
import { daysBetween } from '../calendar.ts';
import { subtractAmount } from '../money.ts';
import type { FoundAnomaly } from './find-anomalies.ts';
import type { WatchFinding } from './finding.ts';
import { anomalyText } from './notification-text.ts';

/** What began earlier was told then, or was there before anybody watched. */
const NEWS_DAYS = 10;
/** A restatement may move the first day of an episode by some; two episodes are at least this far apart. */
const NEAR_DAYS = 7;

export function anomalyFindings(
  found: readonly FoundAnomaly[],
  { application, channels, today }: { application: string; channels: readonly string[]; today: CostDate },
): WatchFinding[] {
  return found
    .filter(({ direction, date }) => direction === 'up' && daysBetween(date, today) <= NEWS_DAYS)
    .map((one) => {
      const { provider, service, environment, currency, date, first, again } = one;
      const series = createHash('sha256')
        .update(JSON.stringify([provider, service, environment, currency]))
        .digest('hex');
      const prefix = `anomaly/${provider}-${series.slice(0, 16)}/`;
      const more = moneyText(subtractAmount(first.amount, first.usual), currency);
      return {
        id: `${prefix}${date}`,
        covers: [],
        near: again ? null : { prefix, date, days: NEAR_DAYS },
        channels,
        notification: {
          dedupKey: `cost/${prefix}${date}`,
          kind: 'message',
          severity: 'medium',
          title: `${application}: ${service} at ${provider} costs ${more} a day more than usual`,
          text: [
            anomalyText(one),
            again
              ? 'It was told before, and has at least doubled since.'
              : 'It is told once for as long as it lasts, and again if it doubles.',
            '`causeway cost report` shows it among the rest.',
          ].join('\n'),
          source: provider,
        },
      };
    });
}
