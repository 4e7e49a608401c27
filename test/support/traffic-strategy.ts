// A strategy with the document's routing policies, for the tests of traffic.
import type { Strategy } from '../../shared/model/strategy.ts';

export const AWS_ADDRESS = '192.0.2.10';
export const GCP_ADDRESS = '198.51.100.10';

const site = { cluster: null, database: null };

/** Overrides replace whole parts: `routing` as given, `dns` merged. */
export function trafficStrategy(
  overrides: { routing?: Partial<Strategy['routing']>; dns?: Partial<Strategy['dns']> } = {},
): Strategy {
  return {
    application: 'gopro',
    objectives: { rtoSeconds: 300, rpoSeconds: 60 },
    sites: [
      {
        ...site,
        name: 'aws',
        provider: 'aws',
        region: 'us-east-1',
        addresses: [AWS_ADDRESS],
        healthUrl: 'http://192.0.2.10/health',
        serviceUrl: 'http://192.0.2.10/',
        zoneId: 'Z3M3LMPEXAMPLE',
        beacon: { bucket: 'gopro-beacon-aws', publicUrl: 'https://gopro-beacon-aws.s3.us-east-1.amazonaws.com' },
      },
      {
        ...site,
        name: 'gcp',
        provider: 'gcp',
        region: 'europe-west1',
        addresses: [GCP_ADDRESS],
        healthUrl: 'http://198.51.100.10/health',
        serviceUrl: 'http://198.51.100.10/',
        zoneId: 'gopro/app-zone',
        beacon: { bucket: 'gopro-beacon-gcp', publicUrl: 'https://storage.googleapis.com/gopro-beacon-gcp/' },
      },
    ],
    lookouts: [],
    healthChecks: { intervalSeconds: 10, timeoutSeconds: 3 },
    authority: {
      stores: [],
      ttlSeconds: 20,
      beatSeconds: 4,
      marginSeconds: 3,
      confirmations: 2,
      confirmWindowSeconds: 12,
      coolDownSeconds: 300,
      guard: 'enforce',
    },
    dns: {
      name: 'app.example.com',
      writerName: 'writer.example.com',
      ttlSeconds: 30,
      delegation: 'route53',
      nameServers: { route53: ['ns-1.example'], clouddns: ['ns-2.example'] },
      changeCapPercent: 30,
      ...overrides.dns,
    },
    routing: {
      geolocation: { north_america: 'aws', europe: 'gcp', asia: 'gcp', default: 'aws' },
      latency: { healthChecks: true },
      weighted: { aws: 70, gcp: 30 },
      failover: { primary: 'aws', secondary: 'gcp', healthCheckIntervalSeconds: 30 },
      ...overrides.routing,
    },
    replication: {
      method: 'logical',
      primary: 'aws',
      replicas: [{ site: 'gcp', lagThresholdSeconds: 5, readOnly: true }],
      syncMode: 'asynchronous',
      conflictResolution: 'last_write_wins',
      failbackWindowSeconds: 600,
    },
    scenarios: [],
    alerts: [],
    alarms: [],
    channels: [],
    prometheus: { federation: [], queries: [] },
    objects: null,
    cost: null,
  };
}
