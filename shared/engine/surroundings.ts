// Surroundings: everything that an engine needs from the outside, as ports. A site's wiring provides it; tests bring fakes.
import type { Sweep } from '../database/sweep.ts';
import type { SiteName } from '../model/site.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Capacity } from '../ports/capacity.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { DatabaseHealth, Fencing, Following, LeaseGuard, Promotion } from '../ports/database.ts';
import type { DatabaseReadiness } from '../ports/database-readiness.ts';
import type { ManagedDatabase } from '../ports/managed-database.ts';
import type { Notifier } from '../ports/notifier.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { HealthProbe } from '../ports/probe.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { DnsZone, Resolver } from '../ports/traffic.ts';
import type { Log } from './log.ts';

/** A site's own database behind its ports. */
export type SiteDatabasePorts = {
  guard: LeaseGuard;
  fencing: Fencing;
  health: DatabaseHealth;
  promotion: Promotion;
  following: Following;
  sweep: Sweep;
  readiness: DatabaseReadiness;
};

export type Surroundings = {
  strategy: Strategy;
  site: SiteName;
  /** Unique to this process. */
  incarnation: string;
  /** The register's stores by name, as the strategy declares them. */
  stores: Map<string, ObjectStore>;
  /** The public bucket of a site. */
  beaconStore: (site: SiteName) => ObjectStore;
  zones: DnsZone[];
  resolver: Resolver;
  capacityOf: (site: SiteName) => Promise<Capacity | null>;
  managedDatabaseOf: (site: SiteName) => Promise<ManagedDatabase | null>;
  database: SiteDatabasePorts | null;
  notifiers: Record<string, Notifier>;
  probe: HealthProbe;
  /** The site's own secret store. */
  secrets: Secrets;
  clock: Clock;
  chance: Chance;
  log: Log;
};
