// Points that Cloud Monitoring takes: over HTTP, to a server that holds them to the published form and its limits.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth2Client } from 'google-auth-library';
import { expect } from 'vitest';
import * as z from 'zod';
import { createCloudMonitoringMetrics } from '../../../gcp/adapters/cloud-monitoring-metrics.ts';
import { type ArrivedPoint, metricsContract } from '../../contract/metrics.ts';

// https://cloud.google.com/monitoring/api/ref_v3/rest/v3/TimeSeries
const Body = z.strictObject({
  timeSeries: z
    .array(
      z.strictObject({
        metric: z.strictObject({
          type: z.string().regex(/^custom\.googleapis\.com\/[a-z0-9_/]+$/),
          labels: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.string()),
        }),
        resource: z.strictObject({
          type: z.literal('generic_task'),
          labels: z.strictObject({
            project_id: z.string(),
            location: z.string(),
            namespace: z.string(),
            job: z.string(),
            task_id: z.string(),
          }),
        }),
        metricKind: z.literal('GAUGE'),
        valueType: z.literal('DOUBLE'),
        unit: z.enum(['1', 's', 'By']),
        points: z.tuple([
          z.strictObject({
            interval: z.strictObject({ endTime: z.iso.datetime() }),
            value: z.strictObject({ doubleValue: z.number() }),
          }),
        ]),
      }),
    )
    .max(200),
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

metricsContract(
  'Cloud Monitoring',
  async () => {
    const arrived: ArrivedPoint[] = [];
    let failing = false;
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (piece) => {
        text += piece;
      });
      request.on('end', () => {
        expect(request.url).toBe('/v3/projects/gopro-prod/timeSeries');
        expect(request.headers.authorization).toBe('Bearer local');
        if (failing) return response.writeHead(503).end('{}');
        const { timeSeries } = Body.parse(JSON.parse(text));
        for (const { metric, points } of timeSeries) {
          arrived.push({
            name: metric.type.slice('custom.googleapis.com/causeway/objects/'.length),
            value: points[0].value.doubleValue,
            dimensions: metric.labels,
            atMillis: Date.parse(points[0].interval.endTime),
          });
        }
        return response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    const baseUrl = await listen(server);
    const client = new OAuth2Client();
    client.setCredentials({ access_token: 'local' });
    return {
      metrics: createCloudMonitoringMetrics({
        project: 'gopro-prod',
        authClient: async () => client,
        baseUrl,
        timeoutSeconds: 5,
        task: { location: 'us-central1', job: 'objects', id: 'tick' },
      }),
      arrived: () => arrived,
      fail: (on) => {
        failing = on;
      },
      close: () => new Promise((resolve) => server.close(() => resolve())),
    };
  },
  (name) => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase(),
);
