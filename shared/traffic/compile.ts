// compileTraffic: what the user wrote and where the situation stands, as one tree of desired answers.
import type { SiteName } from '../model/site.ts';
import { type Strategy, siteOf } from '../model/strategy.ts';
import type { Continent, DesiredTraffic, Geolocation, Pair, Policy, Spread } from './desired.ts';

/** What of the situation the answers depend on. */
export type TrafficView = {
  writer: SiteName;
  /** Sites that traffic must leave. */
  away: SiteName[];
  epoch: number;
};

const CONTINENTS: readonly Continent[] = [
  'africa',
  'antarctica',
  'asia',
  'europe',
  'oceania',
  'north_america',
  'south_america',
];

/**
 * Policies are nested in one order: geolocation, then weighted or latency, then failover. A named location is answered by
 * its site's pair; every other location by the weighted (or latency) set when there is one, else by the default's site.
 * Throws when no site is left to answer, when the writer is away, or when the strategy cannot be answered by DNS.
 */
export function compileTraffic(strategy: Strategy, view: TrafficView): DesiredTraffic {
  const notes: string[] = [];
  const pairs = pairsOf(strategy, view);
  const pairOf = (site: SiteName) => pairFor(strategy, pairs, site);
  const spread = spreadOf(strategy, pairOf, notes);
  return {
    application: strategy.application,
    name: strategy.dns.name,
    writerName: strategy.dns.writerName,
    epoch: view.epoch,
    ttlSeconds: strategy.dns.ttlSeconds,
    writer: view.writer,
    away: view.away,
    root: rootOf(strategy, pairOf, spread, notes),
    pairs,
    addresses: Object.fromEntries(strategy.sites.map((site) => [site.name, site.addresses])),
    notes,
  };
}

function pairsOf(strategy: Strategy, view: TrafficView): Pair[] {
  const live = strategy.sites.map((site) => site.name).filter((site) => !view.away.includes(site));
  const [fallback] = live;
  if (fallback === undefined) {
    throw new Error(
      `traffic must leave every site (${view.away.join(', ')}); an empty answer is never published, so one must stay`,
    );
  }
  if (!live.includes(view.writer)) {
    throw new Error(
      `the writer "${view.writer}" is among the sites that traffic must leave; the epoch has to change first`,
    );
  }
  const unanswerable = strategy.sites.find((site) => site.addresses.length === 0);
  if (unanswerable) throw new Error(`site "${unanswerable.name}" has no addresses that DNS could answer with`);
  return strategy.sites.map(({ name: preferred }) => {
    const first = live.includes(preferred) ? preferred : (liveOther(strategy, preferred, live) ?? fallback);
    return { kind: 'pair', preferred, first, second: liveOther(strategy, preferred, live) ?? first };
  });
}

function liveOther(strategy: Strategy, preferred: SiteName, live: SiteName[]): SiteName | undefined {
  const declared = partnerOf(strategy, preferred);
  return declared !== null && live.includes(declared) ? declared : live.find((site) => site !== preferred);
}

/** The site that takes over from another: the other half of `failover`, else the first other site; null when it stands alone. */
export function partnerOf(strategy: Strategy, preferred: SiteName): SiteName | null {
  const { failover } = strategy.routing;
  if (failover && failover.primary !== preferred) return failover.primary;
  if (failover) return failover.secondary;
  return strategy.sites.find((site) => site.name !== preferred)?.name ?? null;
}

function spreadOf(strategy: Strategy, pairOf: (site: SiteName) => Pair, notes: string[]): Spread | null {
  const { weighted, latency } = strategy.routing;
  if (weighted) {
    if (latency) {
      notes.push('Both weights and latency are written; a client gets one answer, so the weights are in force.');
    }
    const branches = Object.entries(weighted).map(([site, weight]) => ({ weight, to: pairOf(site) }));
    if (branches.every((branch) => branch.weight === 0)) {
      throw new Error('every weight is 0, which Route 53 reads as equal shares; give at least one site a weight');
    }
    return { kind: 'weighted', branches };
  }
  if (!latency) return null;
  const branches = strategy.sites.map(({ name, provider, region }) => ({ provider, region, to: pairOf(name) }));
  return { kind: 'latency', branches };
}

function rootOf(strategy: Strategy, pairOf: (site: SiteName) => Pair, spread: Spread | null, notes: string[]): Policy {
  const { geolocation } = strategy.routing;
  const home = strategy.routing.failover?.primary ?? strategy.replication.primary;
  if (!geolocation) return spread ?? pairOf(home);
  const branches: Geolocation['branches'] = [];
  for (const [written, site] of Object.entries(geolocation)) {
    if (written === 'default') continue;
    const location = CONTINENTS.find((continent) => continent === written);
    if (!location) {
      throw new Error(`geolocation "${written}" is not one of ${CONTINENTS.join(', ')}, default`);
    }
    branches.push({ location, to: pairOf(site) });
  }
  if (spread) {
    if (geolocation.default) {
      notes.push(
        `The ${spread.kind} set answers the default location, so "default: ${geolocation.default}" waits for it to go.`,
      );
    }
    return { kind: 'geolocation', branches, otherwise: spread };
  }
  if (!geolocation.default) {
    notes.push(`No default location is written; clients elsewhere are answered with ${home}, never with nothing.`);
  }
  return { kind: 'geolocation', branches, otherwise: pairOf(geolocation.default ?? home) };
}

function pairFor(strategy: Strategy, pairs: Pair[], site: SiteName): Pair {
  const found = pairs.find((pair) => pair.preferred === siteOf(strategy, site).name);
  if (!found) throw new Error(`site "${site}" has no failover pair`);
  return found;
}
