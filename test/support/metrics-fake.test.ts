// The fake keeps the contract of its port.
import { metricsContract } from '../contract/metrics.ts';
import { createFakeMetrics } from './fake-metrics.ts';

metricsContract('the fake', async () => {
  const metrics = createFakeMetrics();
  return {
    metrics,
    arrived: () =>
      metrics.points.map(({ name, value, dimensions, at }) => ({
        name,
        value,
        dimensions: { ...dimensions },
        atMillis: at.getTime(),
      })),
    fail: (on) => {
      metrics.down = on;
    },
    close: async () => undefined,
  };
});
