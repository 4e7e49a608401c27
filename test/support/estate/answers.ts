// The estate's name servers: they answer from the zones, and Route 53's health checks look at the beacons every ten seconds.

import { cloudDnsRules } from '../../../infra/local/dns/cloud-dns-rules.ts';
import { CloudDnsSet, Route53Set } from '../../../infra/local/dns/image.ts';
import { resolve } from '../../../infra/local/dns/resolution.ts';
import { route53Rules } from '../../../infra/local/dns/route53-rules.ts';
import type { SiteName } from '../../../shared/model/site.ts';
import type { Strategy } from '../../../shared/model/strategy.ts';
import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import type { BeaconChecks, Resolver } from '../../../shared/ports/traffic.ts';
import type { Beacon } from '../../../shared/traffic/beacon.ts';
import type { FakeDnsZone } from '../fake-dns-zone.ts';
import { PLACES } from '../places.ts';

const checkIntervalSeconds = 10;

export type Answers = { resolver: Resolver; checks: BeaconChecks; watchBeacons(): Promise<void> };

type Options = {
  strategy: Strategy;
  zones: { route53: FakeDnsZone; clouddns: FakeDnsZone };
  /** By the site that traffic leaves; reading one throws when its bucket cannot be reached. */
  beacons: Record<SiteName, Beacon>;
  clock: Clock;
  chance: Chance;
};

export function createAnswers({ strategy, zones, beacons, clock, chance }: Options): Answers {
  const lit = new Set<string>();
  const common = { apex: strategy.dns.name, serial: 1, checks: [] };
  const route53Sets = parsedOnce(zones.route53, (native) => Route53Set.parse(JSON.parse(native)));
  const cloudDnsSets = parsedOnce(zones.clouddns, (native) => CloudDnsSet.parse(JSON.parse(native)));
  const route53 = () => route53Rules({ provider: 'route53', ...common, sets: route53Sets() }, (id) => !lit.has(id));
  const cloudDns = () => cloudDnsRules({ provider: 'clouddns', ...common, sets: cloudDnsSets() }, () => true);

  /** A check that cannot read its beacon sees it dark: traffic stays. */
  async function lookOnce(): Promise<void> {
    for (const [site, beacon] of Object.entries(beacons)) {
      const state = await beacon.read().catch(() => null);
      if (state?.lit) lit.add(idOf(site));
      else lit.delete(idOf(site));
    }
  }

  return {
    resolver: {
      ask: async (server, name, type) => {
        const rules = strategy.dns.nameServers.route53.includes(server) ? route53() : cloudDns();
        return resolve(rules, name, type, { place: PLACES.chicago, fraction: chance.fraction }).answers;
      },
    },
    checks: {
      ensure: async (checks) => Object.fromEntries(checks.map(({ away }) => [away, idOf(away)])),
      observe: async (id) => ({ state: lit.has(id) ? 'lit' : 'dark', because: 'the estate looked' }),
    },
    async watchBeacons() {
      for (;;) {
        await lookOnce();
        await clock.sleep(checkIntervalSeconds);
      }
    },
  };
}

/** Zones are asked far more often than they change. */
function parsedOnce<T>(zone: FakeDnsZone, parse: (native: string) => T): () => T[] {
  let known: { of: unknown; sets: T[] } | null = null;
  return () => {
    const records = zone.records();
    if (known?.of !== records) known = { of: records, sets: records.map(({ native }) => parse(native)) };
    return known.sets;
  };
}

const idOf = (site: SiteName) => `check-${site}`;
