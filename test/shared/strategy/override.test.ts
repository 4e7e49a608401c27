// A strategy derived from another: other values, and everything else as it was.
import { expect, test } from 'vitest';
import { overrideStrategy } from '../../../shared/strategy/override.ts';
import { EXAMPLE, strategyOf } from './example.ts';

test('addresses, ports, endpoints and timings are exchanged, and the result is valid', () => {
  const text = overrideStrategy(EXAMPLE, [
    { path: ['sites', 'aws', 'addresses'], value: ['127.0.0.11'] },
    { path: ['sites', 'aws', 'database', 'port'], value: 15_432 },
    { path: ['authority', 'stores', 's3-us-east-1', 'endpoint'], value: 'http://127.0.0.1:9000' },
    { path: ['authority', 'beat'], value: '1s' },
    { path: ['scenarios', 'aws_region_lost', 'actions', 1], value: { scale_gcp_cluster: 'min_replicas=3' } },
    { path: ['alarms'], value: [] },
  ]);
  const before = strategyOf(EXAMPLE);
  const after = strategyOf(text);
  expect(after.sites[0]).toMatchObject({ addresses: ['127.0.0.11'], database: { port: 15_432, name: 'gopro' } });
  expect(after.authority.stores[0]).toMatchObject({
    endpoint: 'http://127.0.0.1:9000',
    failureDomain: 'aws/us-east-1',
  });
  expect(after.authority.beatSeconds).toBe(1);
  expect(after.scenarios[0]?.actions[1]?.action).toMatchObject({ minReplicas: 3 });
  expect(after.alarms).toEqual([]);
  expect([after.sites[1], after.routing, after.replication]).toEqual([
    before.sites[1],
    before.routing,
    before.replication,
  ]);
});

test('comments and spellings stay', () => {
  const text = overrideStrategy(EXAMPLE, [{ path: ['objectives', 'rto'], value: '90s' }]);
  expect(text).toContain('# Measured in every drill and every real run.');
  expect(text.replace('rto: 90s', 'rto: 5m')).toBe(overrideStrategy(EXAMPLE, []));
});

test('undefined takes a value away', () => {
  const text = overrideStrategy(EXAMPLE, [{ path: ['authority', 'stores', 'witness', 'endpoint'], value: undefined }]);
  expect(strategyOf(text).authority.stores[2]?.endpoint).toBeNull();
});

test('a text that is no YAML, and a path through a plain value, are refused', () => {
  expect(() => overrideStrategy('a: ]', [])).toThrow('no YAML');
  expect(() => overrideStrategy(EXAMPLE, [{ path: ['application', 'name'], value: 'x' }])).toThrow();
});
