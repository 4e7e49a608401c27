// Metrics of AWS as lines of the log: CloudWatch makes metrics of the embedded metric format by itself, without a request.
import type { MetricPoint, Metrics } from '../../shared/ports/metrics.ts';

export type EmfOptions = {
  namespace: string;
  /** Writes one line to the function's standard output, which is its log. */
  write: (line: string) => void;
};

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const MOST_METRICS = 100;

/** Never throws `MetricsUnavailable`: a line of the log is all that there is to do. */
export function createEmfMetrics({ namespace, write }: EmfOptions): Metrics {
  return {
    async put(points) {
      for (const group of groups(points)) write(JSON.stringify(document(namespace, group)));
    },
  };
}

/** One document for points of the same time and dimensions; a name stands in it once. */
function groups(points: readonly MetricPoint[]): MetricPoint[][] {
  const made = new Map<string, MetricPoint[]>();
  for (const point of points) {
    const like = JSON.stringify([point.at.getTime(), Object.entries(point.dimensions).sort()]);
    let nth = 0;
    const full = (group: MetricPoint[] | undefined) =>
      group && (group.length >= MOST_METRICS || group.some(({ name }) => name === point.name));
    while (full(made.get(`${like} ${nth}`))) nth += 1;
    made.set(`${like} ${nth}`, [...(made.get(`${like} ${nth}`) ?? []), point]);
  }
  return [...made.values()];
}

function document(namespace: string, group: readonly MetricPoint[]): Record<string, unknown> {
  const [first] = group;
  return {
    _aws: {
      Timestamp: first?.at.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Object.keys(first?.dimensions ?? {})],
          Metrics: group.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    ...first?.dimensions,
    ...Object.fromEntries(group.map(({ name, value }) => [name, value])),
  };
}
