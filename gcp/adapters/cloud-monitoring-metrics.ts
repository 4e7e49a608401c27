// Metrics of Google Cloud: timeSeries.create of Cloud Monitoring over REST, because the generated client would double a cold start.
import type { AuthClient } from 'google-auth-library';
import { type MetricPoint, type Metrics, MetricsUnavailable } from '../../shared/ports/metrics.ts';

export type CloudMonitoringOptions = {
  project: string;
  authClient: () => Promise<AuthClient>;
  /** `https://monitoring.googleapis.com`, or a stand-in. */
  baseUrl: string;
  timeoutSeconds: number;
  /** What the points are about: two processes must not write one series, so that each has a task of its own. */
  task: { location: string; job: string; id: string };
};

// https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/create
const MOST_SERIES = 200;
const PREFIX = 'custom.googleapis.com/causeway/objects';
const UNITS: Record<MetricPoint['unit'], string> = { Count: '1', Seconds: 's', Bytes: 'By' };

export function createCloudMonitoringMetrics(options: CloudMonitoringOptions): Metrics {
  const { project, authClient, baseUrl, timeoutSeconds } = options;
  const url = `${baseUrl}/v3/projects/${encodeURIComponent(project)}/timeSeries`;
  return {
    async put(points) {
      for (let at = 0; at < points.length; at += MOST_SERIES) {
        const timeSeries = points.slice(at, at + MOST_SERIES).map((point) => seriesOf(point, options));
        try {
          const client = await authClient();
          await client.request({
            url,
            method: 'POST',
            data: { timeSeries },
            timeout: timeoutSeconds * 1000,
            retry: false,
          });
        } catch (cause) {
          throw new MetricsUnavailable(
            `Cloud Monitoring of ${project} did not take ${timeSeries.length} points: the service account needs roles/monitoring.metricWriter, and a series takes a point every 5 s`,
            { cause },
          );
        }
      }
    },
  };
}

function seriesOf(
  { name, unit, value, dimensions, at }: MetricPoint,
  { project, task }: CloudMonitoringOptions,
): Record<string, unknown> {
  return {
    metric: { type: `${PREFIX}/${snakeCase(name)}`, labels: dimensions },
    resource: {
      type: 'generic_task',
      labels: { project_id: project, location: task.location, namespace: 'causeway', job: task.job, task_id: task.id },
    },
    metricKind: 'GAUGE',
    valueType: 'DOUBLE',
    unit: UNITS[unit],
    points: [{ interval: { endTime: at.toISOString() }, value: { doubleValue: value } }],
  };
}

/** `LagP50` as `lag_p50`: as Cloud Monitoring writes its own. */
function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
}
