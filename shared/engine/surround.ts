// Surroundings: what an engine needs, opened from both clouds for what the strategy declares. Nothing is called while this is put together.
import type { ClientConfig } from 'pg';
import type { Config } from '../config.ts';
import { connectionString } from '../database/connection-string.ts';
import { createLogicalFollowing } from '../database/following.ts';
import { createPostgresDatabase } from '../database/postgres-database.ts';
import { createPgConnect } from '../database/session.ts';
import type { Provider, SiteName } from '../model/site.ts';
import type { Site, SiteDatabase, Strategy } from '../model/strategy.ts';
import { siteOf } from '../model/strategy.ts';
import type { Cloud } from '../ports/cloud.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { DnsZone } from '../ports/traffic.ts';
import { createHttpProbe } from '../probe/http-probe.ts';
import { createResolver } from '../traffic/resolver.ts';
import { lazily } from './lazily.ts';
import type { Log } from './log.ts';
import { openNotifiers } from './notifiers.ts';
import type { SiteDatabasePorts, Surroundings } from './surroundings.ts';
import { systemChance, systemClock } from './system.ts';

/** The publication, the subscription and the slot of an estate have one name each, on every site. */
export const replicationNames = { publication: 'causeway', subscription: 'causeway', slot: 'causeway' } as const;

/** All but the incarnation, which each engine brings: clients live as long as the process, observations do not. */
export function surround(
  config: Config,
  strategy: Strategy,
  clouds: Record<Provider, Cloud>,
  log: Log,
): Omit<Surroundings, 'incarnation'> {
  const here = siteOf(strategy, config.site);
  const cloudOf = (name: SiteName) => clouds[siteOf(strategy, name).provider];
  const openSecrets = lazily(() => clouds[here.provider].secrets(here));
  const secrets: Secrets = { read: async (name) => (await openSecrets()).read(name) };
  return {
    secrets,
    strategy,
    site: config.site,
    stores: new Map(
      strategy.authority.stores.map((store) => [store.name, clouds[store.api === 'gcs' ? 'gcp' : 'aws'].store(store)]),
    ),
    beaconStore: (name) => {
      const { beacon, region } = siteOf(strategy, name);
      return cloudOf(name).bucket(beacon.bucket, region);
    },
    zones: strategy.sites.map((site) => lazyZone(site, clouds[site.provider])),
    resolver: createResolver({ chance: systemChance, timeoutSeconds: 1, tries: 2 }),
    capacityOf: perSite(strategy, async (site) =>
      site.cluster ? clouds[site.provider].capacity(site, site.cluster) : null,
    ),
    managedDatabaseOf: perSite(strategy, async (site) =>
      site.database ? clouds[site.provider].managedDatabase(site, site.database) : null,
    ),
    database: openDatabase(config, strategy, here, secrets),
    notifiers: openNotifiers(config, strategy, clouds, secrets),
    probe: createHttpProbe(fetch, systemClock.elapsedSeconds),
    clock: systemClock,
    chance: systemChance,
    log,
  };
}

/** The site's own database, by the keeper's role. Connects when first used. */
function openDatabase(config: Config, strategy: Strategy, here: Site, secrets: Secrets): SiteDatabasePorts | null {
  const { database } = here;
  if (!database) return null;
  const target = databaseTarget(config, database, secrets);
  const connect = createPgConnect({ config: target, connectSeconds: 2, applicationName: 'causeway keeper' });
  const ports = createPostgresDatabase(connect, systemClock, {
    subscription: replicationNames.subscription,
    publication: replicationNames.publication,
    schemas: database.schemas,
    unseenSeconds: strategy.authority.ttlSeconds + strategy.objectives.rpoSeconds,
    statementSeconds: 2,
  });
  const connectionTo = async (peer: SiteName) => {
    const there = siteOf(strategy, peer).database;
    if (!there) throw new Error(`${peer} has no database that ${here.name} could follow`);
    const password = await secrets.read(database.peerPasswordSecret);
    return connectionString({ ...there, password, sslMode: config.databaseTls === 'verify' ? 'require' : 'prefer' });
  };
  return { ...ports, following: createLogicalFollowing(connect, { ...replicationNames, connectionTo }) };
}

/** How a site's database is reached by the keeper's role; the password is read when it connects. */
export function databaseTarget(config: Config, database: SiteDatabase, secrets: Secrets): ClientConfig {
  const { host, port, user, name, passwordSecret } = database;
  return {
    host,
    port,
    user,
    database: name,
    password: () => secrets.read(passwordSecret),
    ssl: config.databaseTls === 'verify',
  };
}

/** Each provider keeps one zone; its SDK is loaded when the zone is first listed or written. */
function lazyZone(site: Site, cloud: Cloud): DnsZone {
  const zone = lazily(() => cloud.zone(site));
  return {
    provider: site.provider === 'aws' ? 'route53' : 'clouddns',
    list: async (name) => (await zone()).list(name),
    apply: async (change) => (await zone()).apply(change),
  };
}

/** One adapter for each site, kept for the life of the process: a new one at every look would connect and load its client anew. */
function perSite<T>(strategy: Strategy, open: (site: Site) => Promise<T>): (name: SiteName) => Promise<T> {
  const opened = new Map(strategy.sites.map((site) => [site.name, lazily(() => open(site))]));
  return async (name) => (opened.get(name) ?? (() => open(siteOf(strategy, name))))();
}
