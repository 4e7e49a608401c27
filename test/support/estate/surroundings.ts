// What a site's engine finds around it: the estate's parts, over the network, as one mortal process holds them.
import type { Surroundings } from '../../../shared/engine/surroundings.ts';
import type { Ground, SiteName } from '../../../shared/model/site.ts';
import { siteOf } from '../../../shared/model/strategy.ts';
import { CapacityUnavailable } from '../../../shared/ports/capacity.ts';
import { DatabaseUnavailable } from '../../../shared/ports/database.ts';
import { ManagedDatabaseUnavailable } from '../../../shared/ports/managed-database.ts';
import { NotifierUnavailable } from '../../../shared/ports/notifier.ts';
import type { ObjectStore } from '../../../shared/ports/object-store.ts';
import type { HealthProbe } from '../../../shared/ports/probe.ts';
import { TrafficUnavailable } from '../../../shared/ports/traffic.ts';
import { seededChance } from '../virtual-time.ts';
import type { Mortal } from './mortal.ts';
import type { Parts } from './parts.ts';
import { createSiteProbe } from './site-probe.ts';

export function surroundingsOf(parts: Parts, site: SiteName, incarnation: string, process: Mortal): Surroundings {
  const { strategy, network, storage, answers, seed } = parts;
  const { clock } = parts.time;
  const here = siteOf(strategy, site).provider;
  /** One of the estate's parts as this process reaches it: with a silence of the port's own kind where there is no way. */
  const reached = <P extends object>(name: string, to: Ground, inner: P, silence: (because: string) => Error): P =>
    process.bind(
      name,
      network.over(here, to, name, inner, (method) => silence(`${name} ${method}: no answer`)),
    );
  const at = <T>(all: Record<SiteName, T>, name: SiteName): { part: T; place: Ground } => {
    const part = all[name];
    if (!part) throw new Error(`the estate has no site ${name}`);
    return { part, place: siteOf(strategy, name).provider };
  };
  return {
    strategy,
    site,
    incarnation,
    stores: storesFrom(parts, here, process),
    beaconStore: (name) => process.bind(`beacon of ${name}`, storage.beaconStore(name, here)),
    // Route 53's control plane stands in us-east-1, and is lost with it.
    zones: [parts.zones.route53, parts.zones.clouddns].map((zone) =>
      reached(
        zone.provider,
        zone.provider === 'route53' ? 'aws' : 'gcp',
        zone,
        (because) => new TrafficUnavailable(because),
      ),
    ),
    resolver: process.bind('resolver', answers.resolver),
    capacityOf: async (name) => {
      const { part, place } = at(parts.capacities, name);
      return reached(`capacity of ${name}`, place, part, (because) => new CapacityUnavailable(because));
    },
    managedDatabaseOf: async (name) => {
      const { part, place } = at(parts.instances, name);
      return reached(`instance of ${name}`, place, part, (because) => new ManagedDatabaseUnavailable(because));
    },
    database: databaseOf(parts, site, process),
    notifiers: Object.fromEntries(
      Object.entries(parts.channels).map(([name, notifier]) => [
        name,
        reached(name, 'elsewhere', notifier, (because) => new NotifierUnavailable(because)),
      ]),
    ),
    secrets: process.bind('secrets', { read: async (name) => `the secret ${name}` }),
    probe: probeFrom(parts, here, process),
    clock: process.clock(clock),
    chance: seededChance(seed * 7919 + hash(process.name)),
    log: (severity, message, fields = {}) => {
      if (severity === 'DEBUG') return;
      const at = clock.elapsedSeconds().toFixed(2);
      parts.log.push(`${at} ${process.name} ${severity} ${message} ${JSON.stringify(fields)}`);
    },
  };
}

export function storesFrom({ storage }: Parts, place: Ground, process: Mortal): Map<string, ObjectStore> {
  return new Map([...storage.buckets.keys()].map((name) => [name, process.bind(name, storage.store(name, place))]));
}

export function probeFrom(parts: Parts, place: Ground, process: Mortal): HealthProbe {
  return process.bind('probe', createSiteProbe(parts, place));
}

/** Its own database is reached within the place: nothing befalls those calls but what the weather there does. */
function databaseOf(
  { databases, strategy, network }: Parts,
  site: SiteName,
  process: Mortal,
): Surroundings['database'] {
  const database = databases[site];
  if (!database) return null;
  const here = siteOf(strategy, site).provider;
  const own = <P extends object>(name: string, inner: P): P =>
    process.bind(
      name,
      network.over(here, here, name, inner, (method) => new DatabaseUnavailable(`${name} ${method}: no answer`)),
    );
  return {
    guard: own('guard', database.guard),
    fencing: own('fencing', database.fencing),
    health: own('health', database.health),
    promotion: own('promotion', database.promotion),
    following: own('following', database.following),
    sweep: { sweep: async () => ({ mended: [] }) },
    readiness: own('readiness', database.readiness),
  };
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0)) >>> 0, 7);
}
