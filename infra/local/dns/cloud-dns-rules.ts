// How Cloud DNS answers: weighted, geolocation and primary-backup policies, with health-checked external targets.
import type { CloudDnsPolicy } from '../../../shared/model/record-sets.ts';
import { distanceKm, regionNamed } from '../../../shared/traffic/regions.ts';
import type { CloudDnsImage } from './image.ts';
import { type Asker, byWeight, type Choice, type ZoneRules } from './resolution.ts';

/** True when the address counts as healthy by that health check; true also before the first look. */
export type TargetHealthOf = (healthCheck: string, address: string) => boolean;

type Item = {
  rrdatas?: string[] | undefined;
  healthCheckedTargets?: { externalEndpoints?: string[] | undefined } | undefined;
};
type GeoItems = NonNullable<CloudDnsPolicy['geo']>;

/**
 * Source: "Manage DNS routing policies and health checks" in the Cloud DNS documentation. The nearest region is the one at
 * the smallest distance. When nothing is healthy, everything is answered.
 */
export function cloudDnsRules(image: CloudDnsImage, healthOf: TargetHealthOf): ZoneRules {
  const names = image.sets.map((set) => plain(set.name));
  return {
    apex: image.apex,
    holds: (name) => names.some((held) => held === name || held.endsWith(`.${name}`)),
    choose: (name, type, asker): Choice | null => {
      const set = image.sets.find((candidate) => plain(candidate.name) === name && candidate.type === type);
      if (!set) return null;
      const values = set.routingPolicy ? byPolicy(set.routingPolicy, healthOf, asker) : (set.rrdatas ?? []);
      return values.length > 0 ? { ttlSeconds: set.ttl, values } : null;
    },
  };
}

function byPolicy(policy: CloudDnsPolicy, healthOf: TargetHealthOf, asker: Asker): string[] {
  const alive = (item: Item) => healthyTargets(policy, item, healthOf);
  if (policy.wrr) {
    const healthy = policy.wrr.items.filter((item) => alive(item).length > 0);
    const item = byWeight(healthy, asker.fraction()) ?? byWeight(policy.wrr.items, asker.fraction());
    return item ? targetsOf(item, alive) : [];
  }
  if (policy.geo) return byGeo(policy.geo, alive, asker);
  if (!policy.primaryBackup) return [];
  const { primaryTargets, backupGeoTargets, trickleTraffic } = policy.primaryBackup;
  const primary = { healthCheckedTargets: primaryTargets };
  // A trickle keeps the backup warm: that share goes there also while the primary is well.
  const trickles = trickleTraffic !== undefined && asker.fraction() < trickleTraffic;
  if (alive(primary).length > 0 && !trickles) return alive(primary);
  const backup = byGeo(backupGeoTargets, alive, asker);
  const isBackupAlive = backupGeoTargets.items.some((item) => alive(item).length > 0);
  return isBackupAlive ? backup : primaryTargets.externalEndpoints;
}

/** The nearest item with something healthy; a fence keeps clients at the nearest one whatever its health. */
function byGeo(geo: GeoItems, alive: (item: Item) => string[], asker: Asker): string[] {
  const distance = (item: { location: string }) => distanceKm(asker.place, regionNamed('gcp', item.location));
  const ranked = geo.items.toSorted((a, b) => distance(a) - distance(b));
  const [nearest] = ranked;
  if (!nearest) return [];
  const chosen = geo.enableFencing ? nearest : (ranked.find((item) => alive(item).length > 0) ?? nearest);
  return targetsOf(chosen, alive);
}

/** Data that is not health-checked is always healthy. */
function healthyTargets(policy: CloudDnsPolicy, item: Item, healthOf: TargetHealthOf): string[] {
  const checked = item.healthCheckedTargets?.externalEndpoints ?? [];
  const { healthCheck } = policy;
  const well = checked.filter((address) => healthCheck === undefined || healthOf(healthCheck, address));
  return [...(item.rrdatas ?? []), ...well];
}

function targetsOf(item: Item, alive: (item: Item) => string[]): string[] {
  const well = alive(item);
  return well.length > 0 ? well : [...(item.rrdatas ?? []), ...(item.healthCheckedTargets?.externalEndpoints ?? [])];
}

function plain(name: string): string {
  return name.replace(/\.$/, '');
}
