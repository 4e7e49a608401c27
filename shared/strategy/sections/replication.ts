// `replication:` which database is copied to which. Provider, region and instance together name a site.
import * as z from 'zod';
import type { SiteName } from '../../model/site.ts';
import type { Replication } from '../../model/strategy.ts';
import { Duration, PositiveDuration } from '../duration.ts';
import type { Known, KnownSite } from '../known.ts';
import { didYouMean } from '../nearest.ts';
import { oneOf, refuse, section, text } from '../vocabulary.ts';

const where = {
  provider: oneOf(['aws', 'gcp']),
  instance: text("the database's instance, as in the site's database.instance").optional(),
  region: text("the site's region").optional(),
};
type Where = { provider: 'aws' | 'gcp'; instance?: string | undefined; region?: string | undefined };

export function replicationSection(known: Known) {
  const replica = section({
    ...where,
    lag_threshold: PositiveDuration.prefault('5s'),
    read_only: z
      .literal(true, { error: 'true: one site writes at a time, and a replica becomes writable by promotion' })
      .default(true),
  }).transform((written, context) => ({
    site: siteAt(known, written, context),
    lagThresholdSeconds: written.lag_threshold,
    readOnly: written.read_only,
  }));
  const allowed = 'a list of at least one replica';
  return section({
    method: oneOf(['logical', 'managed']).optional(),
    primary: section(where).transform((written, context) => siteAt(known, written, context)),
    replicas: z.array(replica, { error: allowed }).min(1, { error: allowed }),
    sync_mode: oneOf(['asynchronous', 'synchronous']).default('asynchronous'),
    conflict_resolution: oneOf(['last_write_wins']).default('last_write_wins'),
    failback_window: Duration.prefault('10m'),
  }).transform(
    (written): Replication => ({
      method: written.method ?? usualMethod(known, [written.primary, ...written.replicas.map(({ site }) => site)]),
      primary: written.primary,
      replicas: written.replicas,
      syncMode: written.sync_mode,
      conflictResolution: written.conflict_resolution,
      failbackWindowSeconds: written.failback_window,
    }),
  );
}

/** A provider replicates to itself; between two of them only logical replication goes. */
function usualMethod(known: Known, sites: SiteName[]): Replication['method'] {
  const providers = sites.map((name) => known.sites?.find((site) => site.name === name)?.provider);
  return new Set(providers).size > 1 ? 'logical' : 'managed';
}

type Context = Parameters<typeof refuse>[0];

/** The one site with a database at that provider, in that region, with that instance. */
function siteAt(known: Known, written: Where, context: Context): SiteName {
  if (known.sites === null) return written.provider;
  const there = known.sites.filter((site) => site.provider === written.provider);
  const narrowed = there.filter((site) => there.length === 1 || matches(site, written));
  const [site, other] = narrowed;
  if (!site || other) return refuseSite(known, there, written, context);
  const wrong = firstMismatch(site, written);
  if (!wrong) return site.name;
  const { key, found, expected } = wrong;
  return refuse(context, [key], {
    found: `"${found}"`,
    allowed: `"${expected}", as in sites.${site.name}`,
    message: `${key} "${found}" is not that of site "${site.name}", which says "${expected}".${didYouMean(found, [expected])} Make the two equal.`,
    rule: 'replication-differs-from-site',
  });
}

function matches(site: KnownSite, written: Where): boolean {
  return (written.region ?? site.region) === site.region && (written.instance ?? site.instance) === site.instance;
}

function firstMismatch(site: KnownSite, written: Where): { key: string; found: string; expected: string } | null {
  if (written.region !== undefined && site.region !== null && written.region !== site.region) {
    return { key: 'region', found: written.region, expected: site.region };
  }
  const expected = site.instance ?? 'no database at all';
  const found = written.instance?.split('/').at(-1) ?? expected;
  return site.hasDatabase && found === expected ? null : { key: 'instance', found: found, expected };
}

function refuseSite(known: Known, there: KnownSite[], written: Where, context: Context): never {
  const all = known.sites?.map((site) => `${site.name} (${site.provider} ${site.region})`).join(', ');
  const names = there.map((site) => `${site.name} (${site.region}, ${site.instance})`).join(', ');
  const found = [written.provider, written.region, written.instance].filter((part) => part !== undefined).join(' ');
  return refuse(context, ['provider'], {
    found: `"${found}"`,
    allowed: `the provider, region and instance of one site: ${all}`,
    message:
      there.length === 0
        ? `no site is at provider "${written.provider}"; the sites are ${all}.`
        : `"${found}" does not name exactly one of the sites at ${written.provider}: ${names}. Give region and instance of one of them.`,
    rule: 'undeclared-site',
  });
}
