// Fold: many sightings into one assessment per site. Unknown is not down, and silence is not health.
import type { Evidence } from '../model/run.ts';
import type { SiteName } from '../model/site.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Sighting } from './sighting.ts';

export type SiteAssessment = {
  site: SiteName;
  /** down: proved. suspected: somebody sees it unhealthy, and not enough is proved. up: a fresh lookout sees it healthy. */
  verdict: 'up' | 'suspected' | 'down' | 'unknown';
  /** A fresh lookout that stands outside both clouds is among those who confirm. */
  confirmedFromElsewhere: boolean;
  evidence: Evidence[];
  because: string;
};

/**
 * How long a lease must stand still for its writer to count as down, however well its site looks: it is void after its TTL and margin, and
 * its own keepers get the window to come back. A guard that only observes refuses nothing, so that its lease proves nothing.
 */
function silenceLimitSeconds({ authority }: Strategy): number {
  const { guard, ttlSeconds, marginSeconds, confirmWindowSeconds } = authority;
  return guard === 'enforce' ? ttlSeconds + marginSeconds + confirmWindowSeconds : Number.POSITIVE_INFINITY;
}

/**
 * A site is down when at least `confirmations` different vantages, one of them outside its provider, have seen it unhealthy for the
 * window, and no other fresh lookout sees it healthy. And a writer is down when nobody renews its lease: a majority of the stores, which
 * stand in several failure domains, says so, and its database refuses every write.
 */
export function fold(strategy: Strategy, sightings: Sighting[]): Map<SiteName, SiteAssessment> {
  return new Map(strategy.sites.map((site) => [site.name, assess(strategy, site.name, site.provider, sightings)]));
}

function assess(strategy: Strategy, site: SiteName, provider: string, all: Sighting[]): SiteAssessment {
  const { confirmations, confirmWindowSeconds } = strategy.authority;
  const fresh = all.filter((one) => one.site === site && one.fresh);
  const silent = fresh.find((one) => one.kind === 'lease' && one.forSeconds >= silenceLimitSeconds(strategy));
  const about = fresh.filter((one) => one === silent || one.kind !== 'lease');
  const unhealthy = about.filter((one) => one.health === 'unhealthy');
  const long = unhealthy.filter((one) => one.kind === 'managed-check' || one.forSeconds >= confirmWindowSeconds);
  const confirming = firstOfEachVantage(long);
  const dissenting = about.filter((one) => one.kind === 'lookout' && one.health === 'healthy');
  const outside = long.some((one) => one.ground !== provider);
  const base = {
    site,
    confirmedFromElsewhere: long.some((one) => one.kind === 'lookout' && one.ground === 'elsewhere'),
    evidence: about.map((one) => ({ vantage: one.vantage, ground: one.ground, says: `${one.health}: ${one.because}` })),
  };
  if (silent) {
    const because = `its lease is not renewed (${silent.because}), so that its database refuses every write`;
    // Who reads the register and who sees the sites may be one process: somebody outside both clouds must be there to be heard as well.
    const confirmedFromElsewhere = about.some((one) => one.kind === 'lookout' && one.ground === 'elsewhere');
    return { ...base, confirmedFromElsewhere, verdict: 'down', because };
  }
  if (confirming.length >= confirmations && outside && dissenting.length === 0) {
    return {
      ...base,
      verdict: 'down',
      because: `${names(confirming)} have seen ${site} unhealthy for ${confirmWindowSeconds} s or more`,
    };
  }
  if (unhealthy.length > 0) {
    return {
      ...base,
      verdict: 'suspected',
      because: missing(site, unhealthy, confirming, dissenting, outside, strategy),
    };
  }
  if (dissenting.length > 0) return { ...base, verdict: 'up', because: `${see(dissenting)} ${site} healthy` };
  return { ...base, verdict: 'unknown', because: `no fresh lookout says anything about ${site}` };
}

/** What is still missing before the site counts as down, in a sentence. */
function missing(
  site: SiteName,
  unhealthy: Sighting[],
  confirming: Sighting[],
  dissenting: Sighting[],
  outside: boolean,
  strategy: Strategy,
): string {
  const { confirmations, confirmWindowSeconds } = strategy.authority;
  const start = `${see(unhealthy)} ${site} unhealthy`;
  if (dissenting.length > 0) return `${start}, but ${see(dissenting)} it healthy`;
  if (confirming.length < confirmations) {
    return `${start}; ${confirming.length} of ${confirmations} vantages have seen it so for ${confirmWindowSeconds} s`;
  }
  if (!outside) return `${start}, but nobody outside its own provider does`;
  return start;
}

/** One vantage is one witness, however often and about however many components it speaks. */
function firstOfEachVantage(sightings: Sighting[]): Sighting[] {
  return [...new Map(sightings.map((one) => [one.vantage, one])).values()];
}

function names(sightings: Sighting[]): string {
  return [...new Set(sightings.map((one) => one.vantage))].join(' and ');
}

function see(sightings: Sighting[]): string {
  return `${names(sightings)} ${new Set(sightings.map((one) => one.vantage)).size > 1 ? 'see' : 'sees'}`;
}
