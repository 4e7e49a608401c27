// Warnings about names, routing and replication: what clients would be answered, and how much would be lost.
import { durationText } from './duration.ts';
import type { LintRule } from './lint-rule.ts';

const ROUTE53_INTERVALS = [10, 30];

export const TRAFFIC_RULES: readonly LintRule[] = [
  {
    rule: 'dns-ttl-above-60s',
    look: ({ dns: { ttlSeconds } }) => {
      if (ttlSeconds <= 60) return [];
      const found = durationText(ttlSeconds);
      const message = `clients may keep an answer for ${found}, and go on asking a site that is gone. Keep it at 60s or below.`;
      return [{ path: ['dns', 'ttl'], found, allowed: 'at most 60s', message }];
    },
  },
  {
    rule: 'geolocation-and-weighted',
    look: ({ routing: { geolocation, weighted } }) => {
      if (!geolocation?.default || !weighted) return [];
      const found = `geolocation.default: ${geolocation.default} beside weighted`;
      const message = `geolocation.default (${geolocation.default}) and weighted both answer everyone else: weighted applies to the default location, and geolocation.default is not used there.`;
      return [{ path: ['routing_policies', 'weighted'], found, allowed: 'one of the two', message }];
    },
  },
  {
    rule: 'latency-and-weighted',
    look: ({ routing: { latency, weighted } }) => {
      if (!latency || !weighted) return [];
      const message =
        'latency_based and weighted cannot both choose for one name: weighted applies, and latency_based is not used.';
      return [
        {
          path: ['routing_policies', 'latency_based'],
          found: 'latency_based beside weighted',
          allowed: 'one of the two',
          message,
        },
      ];
    },
  },
  {
    rule: 'geolocation-without-default',
    look: ({ routing: { geolocation, latency, weighted } }) => {
      if (!geolocation || geolocation.default || latency || weighted) return [];
      const message = 'geolocation has no default: clients from any other continent get no answer at all.';
      return [
        { path: ['routing_policies', 'geolocation'], found: 'no default', allowed: 'geolocation.default', message },
      ];
    },
  },
  {
    rule: 'health-check-interval',
    look: ({ healthChecks: { intervalSeconds }, routing: { failover } }) =>
      [
        { path: ['health_checks', 'interval'], seconds: intervalSeconds },
        {
          path: ['routing_policies', 'failover', 'health_check_interval'],
          seconds: failover?.healthCheckIntervalSeconds ?? 30,
        },
      ]
        .filter(({ seconds }) => !ROUTE53_INTERVALS.includes(seconds))
        .map(({ path, seconds }) => {
          const found = durationText(seconds);
          const message = `a health check interval of ${found}: Route 53 knows 10s and 30s alone, and would refuse the check.`;
          return { path, found, allowed: '10s or 30s', message };
        }),
  },
  {
    rule: 'failover-differs-from-replication',
    look: ({ routing: { failover }, replication: { primary } }) => {
      if (!failover || failover.primary === primary) return [];
      const message = `failover.primary is "${failover.primary}", and the database's primary is at "${primary}": where a database stands behind the application, traffic follows authority, so "${primary}" is used.`;
      return [
        { path: ['routing_policies', 'failover', 'primary'], found: failover.primary, allowed: primary, message },
      ];
    },
  },
  {
    rule: 'lag-threshold-above-rpo',
    look: ({ replication: { replicas }, objectives: { rpoSeconds } }) =>
      replicas.flatMap(({ lagThresholdSeconds }, index) => {
        if (lagThresholdSeconds <= rpoSeconds) return [];
        const path = ['replication', 'replicas', index, 'lag_threshold'];
        const found = durationText(lagThresholdSeconds);
        const message = `the replica is called ready up to ${found} of lag, and the RPO is ${durationText(rpoSeconds)}: a ready replica would be refused for promotion.`;
        return [{ path, found, allowed: `at most the RPO, ${durationText(rpoSeconds)}`, message }];
      }),
  },
  {
    rule: 'synchronous-not-arranged',
    look: ({ replication: { syncMode } }) => {
      if (syncMode === 'asynchronous') return [];
      const message =
        'synchronous replication is not arranged by Causeway: a commit would wait for the other cloud, and losing that cloud would stop the writer. The RPO is measured either way.';
      return [{ path: ['replication', 'sync_mode'], found: syncMode, allowed: 'asynchronous', message }];
    },
  },
];
