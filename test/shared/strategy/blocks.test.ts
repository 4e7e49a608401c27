// The blocks of the platform's strategy document are valid as they stand, below their natural keys.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXAMPLE, strategyOf } from './example.ts';

const BLOCKS = [
  `# Route 53 + Cloud DNS configuration
routing_policies:
  - geolocation:
      north_america: aws
      europe: gcp
      asia: gcp
      default: aws
  
  - latency_based:
      enabled: true
      health_checks: true
  
  - weighted:
      aws: 70
      gcp: 30
  
  - failover:
      primary: aws
      secondary: gcp
      health_check_interval: 30s
`,
  `replication:
  primary:
    provider: aws
    instance: gopro-prod-db
    region: us-east-1
  
  replicas:
    - provider: gcp
      instance: gopro-prod-db-replica
      region: us-central1
      lag_threshold: 5s
      read_only: true
  
  sync_mode: asynchronous
  conflict_resolution: last_write_wins
`,
  `trigger: aws_health_check_failed
actions:
  - update_dns: route_to_gcp
  - scale_gcp_cluster: min_replicas=10
  - promote_gcp_db: read_write_mode
  - notify: ops_team
  - create_incident: severity=high
`,
  `trigger: gcp_health_check_failed
actions:
  - update_dns: route_to_aws
  - verify_aws_capacity: true
  - notify: ops_team
  - create_incident: severity=medium
`,
  `trigger: service_degradation
actions:
  - gradual_traffic_shift: 10_percent_increments
  - monitor_metrics: error_rate, latency
  - rollback_if_needed: true
`,
  `prometheus:
  federation:
    - aws_prometheus: https://prometheus-aws.gopro.com
    - gcp_prometheus: https://prometheus-gcp.gopro.com
  
  global_queries:
    - total_requests: sum(rate(http_requests_total[5m]))
    - error_rate: sum(rate(http_errors_total[5m])) / sum(rate(http_requests_total[5m]))
    - p99_latency: histogram_quantile(0.99, http_request_duration_seconds)
`,
  `alerts:
  - name: high_error_rate
    condition: error_rate > 0.05
    duration: 5m
    actions:
      - notify: pagerduty
      - trigger: auto_failover
  
  - name: cross_cloud_latency
    condition: p99_latency > 1000ms
    duration: 10m
    actions:
      - notify: slack
      - investigate: true
  
  - name: replication_lag
    condition: db_replication_lag > 10s
    duration: 2m
    actions:
      - notify: ops_team
      - escalate: dba_team
`,
];

const SCENARIOS = ['aws_region_lost', 'gcp_region_lost', 'partial_failure'];

/** What the document does not speak of: the example's own sections, up to the first of the blocks. */
const ESTATE = EXAMPLE.slice(0, EXAMPLE.indexOf('# Route 53 + Cloud DNS'));
const REST = EXAMPLE.slice(EXAMPLE.indexOf('# What an alarm of the clouds'));

function assembled(blocks: string[]): string {
  const scenarios = blocks.filter((block) => block.startsWith('trigger:'));
  const below = scenarios.map((block, index) => `  ${SCENARIOS[index]}:\n${block.replace(/^/gm, '    ').trimEnd()}\n`);
  const others = blocks.filter((block) => !block.startsWith('trigger:'));
  return [ESTATE, ...others, `scenarios:\n${below.join('')}`, REST].join('\n');
}

function expectTheWhole(blocks: string[]): void {
  const strategy = strategyOf(assembled(blocks));
  expect(strategy.routing).toEqual({
    geolocation: { north_america: 'aws', europe: 'gcp', asia: 'gcp', default: 'aws' },
    latency: { healthChecks: true },
    weighted: { aws: 70, gcp: 30 },
    failover: { primary: 'aws', secondary: 'gcp', healthCheckIntervalSeconds: 30 },
  });
  expect(strategy.replication).toEqual({
    method: 'logical',
    primary: 'aws',
    replicas: [{ site: 'gcp', lagThresholdSeconds: 5, readOnly: true }],
    syncMode: 'asynchronous',
    conflictResolution: 'last_write_wins',
    failbackWindowSeconds: 600,
  });
  expect(strategy.scenarios.map(({ trigger }) => trigger)).toEqual([
    { kind: 'site_down', site: 'aws' },
    { kind: 'site_down', site: 'gcp' },
    { kind: 'service_degradation' },
  ]);
  expect(strategy.scenarios[0]?.actions).toEqual([
    { written: 'update_dns: route_to_gcp', action: { kind: 'update_dns', site: 'gcp' } },
    { written: 'scale_gcp_cluster: min_replicas=10', action: { kind: 'scale_cluster', site: 'gcp', minReplicas: 10 } },
    { written: 'promote_gcp_db: read_write_mode', action: { kind: 'promote_db', site: 'gcp' } },
    { written: 'notify: ops_team', action: { kind: 'notify', channel: 'ops_team' } },
    { written: 'create_incident: severity=high', action: { kind: 'create_incident', severity: 'high' } },
  ]);
  expect(strategy.scenarios[1]?.actions.map(({ action }) => action)).toEqual([
    { kind: 'update_dns', site: 'aws' },
    { kind: 'verify_capacity', site: 'aws' },
    { kind: 'notify', channel: 'ops_team' },
    { kind: 'create_incident', severity: 'medium' },
  ]);
  expect(strategy.scenarios[2]?.actions.map(({ action }) => action)).toEqual([
    { kind: 'gradual_traffic_shift', incrementPercent: 10 },
    { kind: 'monitor_metrics', metrics: ['error_rate', 'latency'] },
    { kind: 'rollback_if_needed', enabled: true },
  ]);
  expect(
    strategy.alerts.map(({ metric, comparison, threshold, durationSeconds }) => [
      metric,
      comparison,
      threshold,
      durationSeconds,
    ]),
  ).toEqual([
    ['error_rate', '>', 0.05, 300],
    ['p99_latency', '>', 1, 600],
    ['db_replication_lag', '>', 10, 120],
  ]);
  expect(strategy.alerts.flatMap(({ actions }) => actions.map(({ action }) => action))).toEqual([
    { kind: 'notify', channel: 'pagerduty' },
    { kind: 'trigger', scenario: 'auto_failover' },
    { kind: 'notify', channel: 'slack' },
    { kind: 'investigate', enabled: true },
    { kind: 'notify', channel: 'ops_team' },
    { kind: 'escalate', channel: 'dba_team' },
  ]);
  expect(strategy.prometheus.federation.map(({ name }) => name)).toEqual(['aws_prometheus', 'gcp_prometheus']);
  expect(strategy.prometheus.queries.map(({ name }) => name)).toEqual(['total_requests', 'error_rate', 'p99_latency']);
}

test('every block, as it is spelled, means what it says', () => {
  expectTheWhole(BLOCKS);
});

test('the example says the same as the blocks', () => {
  expect(strategyOf(EXAMPLE)).toEqual(strategyOf(assembled(BLOCKS)));
});

test.each(BLOCKS.filter((block) => /^(prometheus|alerts):/m.test(block)))(
  'a block that may be left out may be: %#',
  (block) => {
    const alarms = block.startsWith('alerts') ? EXAMPLE.slice(EXAMPLE.indexOf('# Where people are told')) : REST;
    const others = BLOCKS.filter((other) => other !== block);
    expect(() => strategyOf(assembled(others).replace(REST, alarms))).not.toThrow();
  },
);

const DOCUMENT = new URL('../../../../shared/strategy-document.md', import.meta.url);

describe.skipIf(!existsSync(DOCUMENT))('the strategy document itself (skipped where it is not there)', () => {
  test('its YAML blocks are these, and valid as they stand', () => {
    const found = [...readFileSync(DOCUMENT, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      (match) => match[1] ?? '',
    );
    expect(found.toSorted()).toEqual(BLOCKS.toSorted());
    expectTheWhole(found);
  });
});
