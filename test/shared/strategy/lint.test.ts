// Each warning is told when its cause is there, in the right place, and is silent otherwise.
import { describe, expect, test } from 'vitest';
import { sumText, worstCase } from '../../../shared/strategy/budget.ts';
import { LINT_RULES } from '../../../shared/strategy/lint.ts';
import type { Edit } from '../../../shared/strategy/override.ts';
import { EXAMPLE, issuesOf, strategyOf, warningsAfter } from './example.ts';

const NO_ALARMS: Edit = { path: ['alarms'], value: [] };
const NO_LOOKOUTS: Edit = { path: ['lookouts'], value: {} };

/** Another site where the first one stands. */
const SECOND_SITE = {
  provider: 'aws',
  region: 'us-east-1',
  addresses: ['203.0.113.11'],
  health_url: 'https://second.learn.gopro.example/healthz',
  service_url: 'https://second.learn.gopro.example/orders',
  zone: 'Z0123456789ABCDEFGHIJ',
  beacon: { bucket: 'gopro-beacon-second', public_url: 'https://gopro-beacon-second.s3.us-east-1.amazonaws.com' },
};

const CASES: [rule: string, edits: Edit[], path: string, says: string][] = [
  [
    'stores-share-failure-domain',
    [{ path: ['authority', 'stores', 'witness', 'failure_domain'], value: 'aws/us-east-1' }],
    'authority.stores.witness',
    '"s3-us-east-1" and "witness" stand in one failure domain, aws/us-east-1',
  ],
  [
    'stores-share-failure-domain',
    [
      { path: ['authority', 'stores', 's3-us-east-1', 'failure_domain'], value: undefined },
      { path: ['authority', 'stores', 'witness'], value: { api: 's3', bucket: 'b', region: 'us-east-1' } },
    ],
    'authority.stores.witness',
    'aws/us-east-1',
  ],
  [
    'fewer-than-three-stores',
    [{ path: ['authority', 'stores', 'gcs-us-central1'], value: undefined }],
    'authority.stores',
    '2 of 3 stores',
  ],
  ['no-outside-lookout', [NO_LOOKOUTS], 'lookouts', 'AUTOMATIC FAILOVER WILL NEVER HAPPEN'],
  [
    'no-outside-lookout',
    [{ path: ['lookouts', 'watchtower', 'ground'], value: 'aws' }],
    'lookouts',
    'outside both clouds',
  ],
  [
    'confirmations-unreachable',
    [NO_LOOKOUTS, NO_ALARMS],
    'authority.confirmations',
    'observers that are left when site "aws" is lost: 1 (the keeper of gcp)',
  ],
  [
    'confirmations-unreachable',
    [{ path: ['authority', 'confirmations'], value: 4 }],
    'authority.confirmations',
    '4 confirmations',
  ],
  ['lease-ttl-above-60s', [{ path: ['authority', 'ttl'], value: '61s' }], 'authority.ttl', '61s'],
  ['lease-too-short', [{ path: ['authority', 'ttl'], value: '9s' }], 'authority.ttl', '2 x 3s + 3s = 9s'],
  [
    'rto-out-of-reach',
    [{ path: ['objectives', 'rto'], value: '99s' }],
    'objectives.rto',
    'detection 18s + lease 21s + health check 30s + DNS TTL 30s = 99s',
  ],
  ['probe-slower-than-beat', [{ path: ['health_checks', 'timeout'], value: '4s' }], 'health_checks.timeout', '4s'],
  ['guard-only-observes', [{ path: ['authority', 'guard'], value: 'observe' }], 'authority.guard', 'needs a person'],
  ['dns-ttl-above-60s', [{ path: ['dns', 'ttl'], value: '5m' }], 'dns.ttl', '5m'],
  [
    'geolocation-without-default',
    [{ path: ['routing_policies'], value: [{ geolocation: { europe: 'gcp' } }] }],
    'routing_policies.geolocation',
    'no default',
  ],
  [
    'health-check-interval',
    [{ path: ['health_checks', 'interval'], value: '5s' }],
    'health_checks.interval',
    '10s and 30s',
  ],
  [
    'health-check-interval',
    [{ path: ['routing_policies', 3, 'failover', 'health_check_interval'], value: '1m' }],
    'routing_policies.failover.health_check_interval',
    '1m',
  ],
  [
    'failover-differs-from-replication',
    [
      { path: ['routing_policies', 3, 'failover', 'primary'], value: 'gcp' },
      { path: ['routing_policies', 3, 'failover', 'secondary'], value: 'aws' },
    ],
    'routing_policies.failover.primary',
    'traffic follows authority',
  ],
  [
    'lag-threshold-above-rpo',
    [{ path: ['replication', 'replicas', 0, 'lag_threshold'], value: '61s' }],
    'replication.replicas[0].lag_threshold',
    '1m',
  ],
  [
    'synchronous-not-arranged',
    [{ path: ['replication', 'sync_mode'], value: 'synchronous' }],
    'replication.sync_mode',
    'stop the writer',
  ],
  [
    'no-scenario-for-writer',
    [{ path: ['scenarios', 'aws_region_lost'], value: undefined }],
    'scenarios',
    'aws_health_check_failed',
  ],
  [
    'traffic-without-authority',
    [{ path: ['scenarios', 'aws_region_lost', 'actions', 2], value: undefined }],
    'scenarios.aws_region_lost',
    'promotes no database',
  ],
  [
    'channel-dies-with-site',
    [{ path: ['scenarios', 'aws_region_lost', 'actions', 3, 'notify'], value: 'aws_events' }],
    'scenarios.aws_region_lost',
    'the cloud that it has just lost',
  ],
  [
    'incident-without-pagerduty',
    [
      { path: ['notifications', 'dba_team'], value: { kind: 'slack', url_secret: 's' } },
      { path: ['notifications', 'pagerduty'], value: { kind: 'slack', url_secret: 's' } },
    ],
    'notifications',
    'kind pagerduty',
  ],
  [
    'tier-prefixes-overlap',
    [{ path: ['objects', 'pairs', 'assets', 'tiers', 'logs', 'prefix'], value: 'uploads/logs/' }],
    'objects.pairs.assets.tiers.logs.prefix',
    'the longest prefix decides',
  ],
  [
    'tier-prefix-without-slash',
    [{ path: ['objects', 'pairs', 'assets', 'tiers', 'logs', 'prefix'], value: 'logs' }],
    'objects.pairs.assets.tiers.logs.prefix',
    '"logs-old/..."',
  ],
  [
    'tier-prefix-without-slash',
    [{ path: ['objects', 'pairs', 'assets', 'tiers', 'logs', 'prefix'], value: '/logs/' }],
    'objects.pairs.assets.tiers.logs.prefix',
    'leave the first slash out',
  ],
  [
    'realtime-is-dear',
    [{ path: ['objects', 'pairs', 'assets', 'tiers', 'backups'], value: { prefix: 'backups/', sync: 'realtime' } }],
    'objects.pairs.assets.tiers.backups.sync',
    'dollars a GB',
  ],
  [
    'pair-in-one-region',
    [
      { path: ['sites', 'second'], value: SECOND_SITE },
      { path: ['objects', 'pairs', 'assets', 'buckets'], value: { aws: 'gopro-assets', second: 'gopro-assets-2' } },
    ],
    'objects.pairs.assets.buckets',
    'lost together',
  ],
  [
    'objects-without-queues',
    [{ path: ['objects', 'queues', 'gcp'], value: undefined }],
    'objects.queues',
    'Add objects.queues.gcp',
  ],
  [
    'reconcile-rarely',
    [{ path: ['objects', 'reconcile', 'every'], value: '30d' }],
    'objects.reconcile.every',
    'only every 30d',
  ],
  [
    'no-progress-untold',
    [{ path: ['objects', 'no_progress', 'notify'], value: undefined }],
    'objects',
    'only a metric says so',
  ],
  [
    'cost-bucket-missing',
    [{ path: ['cost', 'buckets', 'gcp'], value: undefined }],
    'cost.buckets',
    'Add cost.buckets.gcp',
  ],
  [
    'cost-source-missing',
    [{ path: ['cost', 'sources', 'aws'], value: undefined }],
    'cost.sources',
    'add cost.sources.aws with its account',
  ],
  ['cost-restated-later', [{ path: ['cost', 'restate_window'], value: '1d' }], 'cost.restate_window', 'a window of 1d'],
  [
    'cost-untold',
    [{ path: ['cost', 'budgets', 'whole_estate', 'notify'], value: [] }],
    'cost.budgets.whole_estate',
    'nobody is told of the budget "whole_estate"',
  ],
  [
    'cost-untold',
    [{ path: ['cost', 'anomalies', 'notify'], value: undefined }],
    'cost.anomalies',
    'nobody is told of an anomaly',
  ],
];

/** The causes of these are in the document's own blocks, and so in the example. */
const ALWAYS = [
  'geolocation-and-weighted',
  'latency-and-weighted',
  'scenario-not-carried-out',
  'alert-not-carried-out',
];

test.each(CASES)('%s %#', (rule, edits, path, says) => {
  const warning = warningsAfter(...edits).find((issue) => issue.rule === rule);
  expect(warning).toMatchObject({ severity: 'warning', path });
  expect(warning?.message).toContain(says);
});

test('every rule has a case', () => {
  const tried = new Set([...CASES.map(([rule]) => rule), ...ALWAYS]);
  expect(LINT_RULES.map(({ rule }) => rule).filter((rule) => !tried.has(rule))).toEqual([]);
});

test('the example has the warnings that the document cannot do without, and no others', () => {
  expect(issuesOf(EXAMPLE).map(({ rule, path }) => [rule, path])).toEqual([
    ['latency-and-weighted', 'routing_policies.latency_based'],
    ['geolocation-and-weighted', 'routing_policies.weighted'],
    ['scenario-not-carried-out', 'scenarios.partial_failure'],
    ['alert-not-carried-out', 'alerts[0].name'],
    ['alert-not-carried-out', 'alerts[1].name'],
  ]);
  const [, , scenario, rate] = issuesOf(EXAMPLE);
  expect(scenario?.message).toContain('"gradual_traffic_shift: 10_percent_increments"');
  expect(rate?.message).toContain('its metric error_rate and "trigger: auto_failover"');
  expect(rate?.message).toContain('refused, and the refusal recorded');
});

test('a warning points at its place in the file', () => {
  const [latency] = issuesOf(EXAMPLE);
  expect(EXAMPLE.split('\n')[(latency?.line ?? 0) - 1]).toBe('  - latency_based:');
});

describe('the worst case', () => {
  test('is a sum whose parts are shown', () => {
    const budget = worstCase(strategyOf(EXAMPLE));
    expect(sumText(budget)).toBe('detection 18s + lease 21s + health check 30s + DNS TTL 30s = 99s');
    expect(budget).toMatchObject({ totalSeconds: 99, rtoSeconds: 300, leftSeconds: 201 });
  });
  test("takes the managed checks' interval when there is no failover policy", () => {
    const strategy = strategyOf(EXAMPLE);
    const parts = worstCase({ ...strategy, routing: { ...strategy.routing, failover: null } }).parts;
    expect(parts.find(({ name }) => name === 'health check')?.seconds).toBe(10);
  });
});
