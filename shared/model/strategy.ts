// The strategy as typed values: what `strategy.yaml` says once it has been parsed and found sound.
// The user's language (spellings, durations, defaults, errors) is strategy/'s business; everybody else reads this.

import type { CostPlan } from './cost-plan.ts';
import type { BucketPair } from './replica.ts';
import type { Alert, Scenario } from './scenario.ts';
import type { AlarmDeclaration } from './signal.ts';
import type { Ground, Provider, SiteName } from './site.ts';

export type Strategy = {
  application: string;
  objectives: { rtoSeconds: number; rpoSeconds: number };
  sites: Site[];
  lookouts: Lookout[];
  healthChecks: { intervalSeconds: number; timeoutSeconds: number };
  authority: Authority;
  dns: Dns;
  routing: Routing;
  replication: Replication;
  scenarios: Scenario[];
  alerts: Alert[];
  alarms: AlarmDeclaration[];
  channels: Channel[];
  prometheus: {
    federation: { name: string; url: string }[];
    queries: { name: string; query: string }[];
  };
  /** Null: no objects are replicated. */
  objects: ObjectReplication | null;
  /** Null: no costs are looked at. */
  cost: CostPlan | null;
};

/** One provider and region that can serve. */
export type Site = {
  name: SiteName;
  provider: Provider;
  region: string;
  /** What DNS answers with for this site: IPv4 addresses. */
  addresses: string[];
  /** The application's own health endpoint, which also speaks for its declared dependencies. */
  healthUrl: string;
  /** An endpoint that reads and writes through the writer's database: what `verify_service` calls. */
  serviceUrl: string;
  cluster: Cluster | null;
  database: SiteDatabase | null;
  /** The provider's zone for `dns.name`: a Route 53 hosted zone id, or `project/zone` of Cloud DNS. */
  zoneId: string;
  /** The public bucket whose object moves traffic to this site (the data-plane path), and its public base URL. */
  beacon: { bucket: string; publicUrl: string };
};

export type Cluster = {
  name: string;
  /** EKS node group or GKE node pool. */
  nodePool: string;
  namespace: string;
  deployment: string;
  /** Null: no autoscaler, so the deployment's replicas are the floor. */
  autoscaler: string | null;
  /** How many replicas one node carries: raising the floor of replicas raises the floor of nodes with it. */
  replicasPerNode: number;
  /** GKE only: project and location (`projects/p/locations/l`); empty for EKS. */
  parent: string;
};

export type SiteDatabase = {
  /** RDS instance identifier or Cloud SQL `project/instance`. */
  instance: string;
  host: string;
  port: number;
  name: string;
  /** The keeper's role: a member of every owner, never a superuser. */
  user: string;
  /** Where the password is: a name in the site's secret store, never the password. */
  passwordSecret: string;
  /** Where this site's secret store keeps the password with which it reads from the other's database as its replica. */
  peerPasswordSecret: string;
  /** Schemas whose tables are guarded and replicated. */
  schemas: string[];
};

/** A probing function in some region, outside the sites or beside one. Every keeper is one too and need not be listed. */
export type Lookout = {
  name: string;
  ground: Ground;
  region: string;
  store: string;
};

export type RegisterStoreDeclaration = {
  name: string;
  /** Which adapter speaks to it. A witness is `s3` with an endpoint of another provider. */
  api: 's3' | 'gcs';
  bucket: string;
  region: string;
  /** Null: the provider's own endpoint. */
  endpoint: string | null;
  /** Two stores in one failure domain are lost together. */
  failureDomain: string;
  /** The site that it stands beside; null for the witness. */
  site: SiteName | null;
};

export type Authority = {
  stores: RegisterStoreDeclaration[];
  ttlSeconds: number;
  beatSeconds: number;
  marginSeconds: number;
  confirmations: number;
  confirmWindowSeconds: number;
  coolDownSeconds: number;
  guard: 'enforce' | 'observe';
};

export type Dns = {
  /** The name that clients use, fully qualified without the final dot. */
  name: string;
  /** The name that follows the epoch, for the application's writes. */
  writerName: string;
  ttlSeconds: number;
  delegation: 'route53' | 'clouddns' | 'both';
  /** Authoritative servers of each provider's zone, `host` or `host:port`: where answers are verified. */
  nameServers: { route53: string[]; clouddns: string[] };
  /** At most this share of records may change in one plan, unless forced. */
  changeCapPercent: number;
};

/** `routing_policies`, each null where the user left it out. */
export type Routing = {
  /** Continents by name as Route 53 knows them (north_america, europe, asia, ...), and `default`. */
  geolocation: Record<string, SiteName> | null;
  latency: { healthChecks: boolean } | null;
  /** Weights by site, as written: 70 and 30. */
  weighted: Record<SiteName, number> | null;
  failover: {
    primary: SiteName;
    secondary: SiteName;
    healthCheckIntervalSeconds: number;
  } | null;
};

export type Replication = {
  method: 'logical' | 'managed';
  primary: SiteName;
  replicas: {
    site: SiteName;
    lagThresholdSeconds: number;
    readOnly: boolean;
  }[];
  syncMode: 'asynchronous' | 'synchronous';
  conflictResolution: string;
  /** How long a site that came back must be well without a break before it is made the writer again. */
  failbackWindowSeconds: number;
};

/** Buckets that are kept alike, and what may be done about it without a person. */
export type ObjectReplication = {
  pairs: BucketPair[];
  /** How each site's queues begin: an SQS URL, or a Pub/Sub topic; what follows is the convention of `object-queues.ts`. */
  queues: { site: SiteName; base: string }[];
  reconcile: {
    everySeconds: number;
    /** One reconciliation deletes at most this many objects, and at most this share of those it knew before, unless forced. */
    deleteCap: number;
    deleteCapPercent: number;
  };
  /** Something waits and nothing was done for so long: these channels are told. */
  noProgress: { afterSeconds: number; notify: string[] };
};

/** Where people are told. Secrets are names in a secret store. */
export type Channel =
  | { name: string; kind: 'sns'; topicArn: string }
  | { name: string; kind: 'pubsub'; topic: string }
  | { name: string; kind: 'slack'; urlSecret: string }
  | { name: string; kind: 'pagerduty'; routingKeySecret: string };

export function siteOf(strategy: Strategy, name: SiteName): Site {
  const found = strategy.sites.find((site) => site.name === name);
  if (!found) {
    throw new Error(
      `no site "${name}" in the strategy; it names ${strategy.sites.map((site) => site.name).join(', ')}`,
    );
  }
  return found;
}
