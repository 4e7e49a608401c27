// Metrics that remember what they were given.
import { type MetricPoint, type Metrics, MetricsUnavailable } from '../../shared/ports/metrics.ts';

export type FakeMetrics = Metrics & { readonly points: MetricPoint[] /** Takes nothing while set. */; down: boolean };

export function createFakeMetrics(): FakeMetrics {
  const fake: FakeMetrics = {
    points: [],
    down: false,
    async put(points) {
      if (fake.down) throw new MetricsUnavailable('the metrics are down (a fault of the test)');
      fake.points.push(...points);
    },
  };
  return fake;
}
