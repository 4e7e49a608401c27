// What every sink of metrics must keep to: run on the adapters and the fake.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MetricPoint, type Metrics, MetricsUnavailable } from '../../shared/ports/metrics.ts';

/** A point as it arrived, whatever the service calls it. */
export type ArrivedPoint = { name: string; value: number; dimensions: Record<string, string>; atMillis: number };

export type MetricsUnderTest = {
  metrics: Metrics;
  arrived(): ArrivedPoint[];
  /** Null: there is nothing that could fail. */
  fail: ((on: boolean) => void) | null;
  close(): Promise<void>;
};

const at = new Date('2026-11-25T02:00:00.000Z');
const point = (name: string, value: number, dimensions: Record<string, string>): MetricPoint => ({
  name,
  unit: 'Count',
  value,
  dimensions,
  at,
});

/** `nameOf`: how the service spells a name. */
export function metricsContract(
  title: string,
  start: () => Promise<MetricsUnderTest>,
  nameOf = (name: string) => name,
): void {
  describe(`${title} keeps the metrics contract`, () => {
    let subject: MetricsUnderTest;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.close());

    const added = async (points: MetricPoint[]): Promise<ArrivedPoint[]> => {
      const before = subject.arrived().length;
      await subject.metrics.put(points);
      return subject.arrived().slice(before);
    };
    const sorted = (points: ArrivedPoint[]) =>
      points.toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
    const expected = (points: MetricPoint[]) =>
      sorted(
        points.map(({ name, value, dimensions }) => ({
          name: nameOf(name),
          value,
          dimensions: { ...dimensions },
          atMillis: at.getTime(),
        })),
      );

    it('takes a point whole: name, value, dimensions and time', async () => {
      const points = [point('LagP99', 1.25, { site: 'aws', tier: 'logs' })];
      expect(await added(points)).toEqual(expected(points));
    });

    it('keeps points of one name apart by their dimensions', async () => {
      const points = ['a', 'b'].map((reason, index) => point('Failures', index, { site: 'aws', reason }));
      expect(sorted(await added(points))).toEqual(expected(points));
    });

    it('takes nothing, and more than a request of the service holds', async () => {
      expect(await added([])).toEqual([]);
      const points = Array.from({ length: 450 }, (_, index) => point(`Number${index}`, index, { site: 'gcp' }));
      expect(sorted(await added(points))).toEqual(expected(points));
    });

    it('says so when they are not taken', async () => {
      if (subject.fail === null) return;
      subject.fail(true);
      await expect(subject.metrics.put([point('X', 1, {})])).rejects.toThrow(MetricsUnavailable);
      subject.fail(false);
    });
  });
}
