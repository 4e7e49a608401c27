// Lines that CloudWatch makes metrics of.
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createEmfMetrics } from '../../../aws/adapters/emf-metrics.ts';
import { type ArrivedPoint, metricsContract } from '../../contract/metrics.ts';

/** The published form, with its limits: what does not fit it is not taken by CloudWatch, in silence. */
const Emf = z.looseObject({
  _aws: z.strictObject({
    Timestamp: z.int().positive(),
    CloudWatchMetrics: z.tuple([
      z.strictObject({
        Namespace: z.string().min(1).max(1024),
        Dimensions: z.tuple([z.array(z.string().min(1).max(250)).max(30)]),
        Metrics: z
          .array(z.strictObject({ Name: z.string().min(1).max(1024), Unit: z.enum(['Count', 'Seconds', 'Bytes']) }))
          .min(1)
          .max(100),
      }),
    ]),
  }),
});

/** As CloudWatch reads a line. */
function read(line: string): ArrivedPoint[] {
  const document = Emf.parse(JSON.parse(line));
  const [{ Dimensions, Metrics }] = document._aws.CloudWatchMetrics;
  const dimensions = Object.fromEntries(Dimensions[0].map((name) => [name, z.string().parse(document[name])]));
  return Metrics.map(({ Name }) => ({
    name: Name,
    value: z.number().parse(document[Name]),
    dimensions,
    atMillis: document._aws.Timestamp,
  }));
}

metricsContract('the embedded metric format', async () => {
  const lines: string[] = [];
  return {
    metrics: createEmfMetrics({ namespace: 'Causeway/Objects', write: (line) => lines.push(line) }),
    arrived: () => lines.flatMap(read),
    fail: null,
    close: async () => undefined,
  };
});

test('is one line for each set of dimensions: the log is read by lines', async () => {
  const lines: string[] = [];
  const at = new Date('2026-11-25T02:00:00.000Z');
  const point = (name: string, tier: string) => ({ name, unit: 'Count' as const, value: 1, dimensions: { tier }, at });
  await createEmfMetrics({ namespace: 'N', write: (line) => lines.push(line) }).put([
    point('A', 'logs'),
    point('B', 'logs'),
    point('A', 'a\nb'),
  ]);
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain('\n');
});
