// publishTraffic: makes everything beforehand that a failover will find made: beacons, health checks, records in both zones.
import type { SiteName } from '../model/site.ts';
import { type Strategy, siteOf } from '../model/strategy.ts';
import type { BeaconCheck, BeaconChecks, DnsZone } from '../ports/traffic.ts';
import { BEACON_SIGNAL, type Beacon, beaconKey } from './beacon.ts';
import { compileTraffic, partnerOf, type TrafficView } from './compile.ts';
import { writeZone, type ZoneOutcome } from './write-zone.ts';

export type Publishing = {
  strategy: Strategy;
  view: TrafficView;
  zones: DnsZone[];
  checks: BeaconChecks;
  /** By the site that traffic leaves when the beacon is lit. */
  beacons: Record<SiteName, Beacon>;
  currentEpoch: () => Promise<number>;
  force: boolean;
};

export type Published =
  | { kind: 'done'; outcomes: { provider: DnsZone['provider']; outcome: ZoneOutcome }[]; notes: string[] }
  /** One zone or both do not say what is desired, and trying again will not change that by itself. */
  | { kind: 'refused'; because: string }
  /** A check has not looked yet, or sees a beacon otherwise than it should be; run again. */
  | { kind: 'waiting'; because: string };

/** The bucket of the site that takes over holds the beacon of the site that traffic leaves. Throws for a site without a partner. */
export function beaconPlace(strategy: Strategy, away: SiteName): { site: SiteName; key: string; url: string } {
  const partner = partnerOf(strategy, away);
  if (partner === null) throw new Error(`site "${away}" stands alone: nobody takes over from it, so it has no beacon`);
  const key = beaconKey(away);
  return { site: partner, key, url: `${siteOf(strategy, partner).beacon.publicUrl.replace(/\/$/, '')}/${key}` };
}

/**
 * Idempotent. Beacons are written dark first, which proves each bucket writable; records that carry a health check are only
 * published once its checkers have looked, because a new inverted check counts as unhealthy and would move the traffic.
 * Throws `TrafficUnavailable` and `StoreUnavailable`.
 */
export async function publishTraffic(publishing: Publishing): Promise<Published> {
  const { strategy, view, zones } = publishing;
  const traffic = compileTraffic(strategy, view);
  for (const { preferred } of traffic.pairs) {
    if (!view.away.includes(preferred)) await publishing.beacons[preferred]?.clear(view.epoch);
  }
  const healthCheckIds = await publishing.checks.ensure(
    traffic.pairs.map((pair) => checkFor(strategy, pair.preferred)),
  );
  const waiting = await unsettled(publishing, healthCheckIds);
  if (waiting !== null) return { kind: 'waiting', because: waiting };
  const { currentEpoch, force } = publishing;
  const outcomes = [];
  for (const zone of zones) {
    const outcome = await writeZone({ zone, strategy, traffic, healthCheckIds, currentEpoch, force });
    outcomes.push({ provider: zone.provider, outcome });
  }
  const refusals = outcomes.flatMap(({ provider, outcome }) =>
    'because' in outcome ? [`${provider}: ${outcome.because}`] : [],
  );
  if (refusals.length > 0) return { kind: 'refused', because: refusals.join('; ') };
  return { kind: 'done', outcomes, notes: traffic.notes };
}

function checkFor(strategy: Strategy, away: SiteName): BeaconCheck {
  const { url } = beaconPlace(strategy, away);
  return { application: strategy.application, away, url, searchFor: BEACON_SIGNAL };
}

async function unsettled(publishing: Publishing, ids: Record<SiteName, string>): Promise<string | null> {
  for (const [site, id] of Object.entries(ids)) {
    const sight = await publishing.checks.observe(id);
    const expected = publishing.view.away.includes(site) ? 'lit' : 'dark';
    if (sight.state !== expected) {
      return `the check on the beacon of "${site}" sees it ${sight.state} and it should be ${expected}: ${sight.because}`;
    }
  }
  return null;
}
