// Alarms on Route 53 health checks: which statistics of HealthCheckStatus can say anything about health.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html
import type { WatchedMetric } from './cloudwatch-datapoints.ts';

export type StatisticTrouble = { kind: 'unfit' | 'poor'; because: string };

/**
 * HealthCheckStatus is 1 for healthy and 0 for not. Minimum follows it. Average and Maximum follow it later and weaker: taken, with
 * the advice in the sentence. SampleCount and the others count reports and not what they say, and can never reflect health.
 */
export function statisticTrouble(metrics: WatchedMetric[]): StatisticTrouble | null {
  const watched = metrics.filter((metric) => metric.namespace === 'AWS/Route53' && metric.name === 'HealthCheckStatus');
  const statistics = watched.flatMap((metric) => metric.statistic ?? []);
  const unfit = statistics.find((statistic) => !['minimum', 'average', 'maximum'].includes(plain(statistic)));
  if (unfit !== undefined) {
    return {
      kind: 'unfit',
      because:
        `it watches HealthCheckStatus by ${unfit}, which can never reflect health: ` +
        'it is the same whether the reports say 1 or 0; change its statistic to Minimum',
    };
  }
  const poor = statistics.find((statistic) => plain(statistic) !== 'minimum');
  if (poor === undefined) return null;
  return {
    kind: 'poor',
    because: `It watches HealthCheckStatus by ${poor}, which shows a failure later than Minimum would.`,
  };
}

/** SNS writes SAMPLE_COUNT where EventBridge writes SampleCount. */
function plain(statistic: string): string {
  return statistic.replaceAll('_', '').toLowerCase();
}
