// A tier's summary as metric points, the same at both clouds. Pure.
import type { MetricPoint } from '../../ports/metrics.ts';
import type { TierSummary } from './summarise-status.ts';

/** Put once a minute for the minute that is over. What is not known is left out: a gap is honest, a zero is not. */
export function metricPoints(summary: TierSummary, at: Date): MetricPoint[] {
  const { site, pair, tier, lag, failures } = summary;
  const dimensions = { site, pair, tier };
  const point = (name: string, unit: MetricPoint['unit'], value: number | null, more = {}): MetricPoint[] =>
    value === null ? [] : [{ name, unit, value, dimensions: { ...dimensions, ...more }, at }];
  return [
    ...point('ReplicatedObjects', 'Count', summary.replicated),
    ...point('ReplicatedBytes', 'Bytes', summary.bytes),
    ...point('LagP50', 'Seconds', lag.p50),
    ...point('LagP99', 'Seconds', lag.p99),
    ...point('OldestUnreplicated', 'Seconds', summary.oldestSeconds ?? (summary.waiting === 0 ? 0 : null)),
    ...point('WaitingKeys', 'Count', summary.waiting),
    ...point('Retries', 'Count', summary.retries),
    ...point('Conflicts', 'Count', summary.conflicts),
    ...point('DeadLetters', 'Count', summary.deadLetters),
    ...Object.entries(failures).flatMap(([reason, count]) => point('Failures', 'Count', count, { reason })),
    ...(summary.progress.kind === 'unknown'
      ? []
      : point('NoProgress', 'Count', summary.progress.kind === 'stuck' ? 1 : 0)),
  ];
}
