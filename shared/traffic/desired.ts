// Desired traffic: the provider-neutral tree of answers that both zones are compiled from.
import type { SiteName } from '../model/site.ts';
import type { PublishedNames } from './names.ts';

/**
 * A failover pair: `first` is answered, and `second` while the beacon of the preferred site is lit. Both are sites that
 * traffic may lead to, so that no state of a health check leads to a site that is away.
 */
export type Pair = { kind: 'pair'; preferred: SiteName; first: SiteName; second: SiteName };

export type Spread =
  | { kind: 'weighted'; branches: { weight: number; to: Pair }[] }
  | { kind: 'latency'; branches: { provider: 'aws' | 'gcp'; region: string; to: Pair }[] };

export type Geolocation = {
  kind: 'geolocation';
  /** Continents by the strategy's names; every other location is answered by `otherwise`. */
  branches: { location: Continent; to: Pair }[];
  otherwise: Spread | Pair;
};

export type Policy = Geolocation | Spread | Pair;

export type Continent = 'africa' | 'antarctica' | 'asia' | 'europe' | 'oceania' | 'north_america' | 'south_america';

export type DesiredTraffic = PublishedNames & {
  application: string;
  epoch: number;
  ttlSeconds: number;
  writer: SiteName;
  away: SiteName[];
  root: Policy;
  /** One for each site, whether the root leads there or not: the writer name and the fast path need them all. */
  pairs: Pair[];
  /** IPv4 addresses of every site of the strategy, also of those that are away. */
  addresses: Record<SiteName, string[]>;
  /** What the user wrote and these answers cannot show, in full sentences. */
  notes: string[];
};

/** Addresses that an answer may hold now: those of the sites that are not away. */
export function liveAddresses(traffic: DesiredTraffic): Set<string> {
  const live = Object.entries(traffic.addresses).filter(([site]) => !traffic.away.includes(site));
  return new Set(live.flatMap(([, addresses]) => addresses));
}
