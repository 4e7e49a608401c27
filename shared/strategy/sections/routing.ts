// `routing_policies:` and `dns:` which site answers whom, and how the names are kept.
import * as z from 'zod';
import type { Dns, Routing } from '../../model/strategy.ts';
import { PositiveDuration } from '../duration.ts';
import type { Known } from '../known.ts';
import { siteReference } from '../references.ts';
import { flag, oneOf, refuse, section, text, wholeNumber } from '../vocabulary.ts';

const CONTINENTS = ['africa', 'antarctica', 'asia', 'europe', 'north_america', 'oceania', 'south_america'] as const;

function policy(known: Known) {
  const site = siteReference(known);
  const continents = Object.fromEntries(CONTINENTS.map((continent) => [continent, site.optional()]));
  return section({
    geolocation: section({ ...continents, default: site.optional() }).optional(),
    latency_based: section({ enabled: flag(), health_checks: flag().default(true) }).optional(),
    weighted: weights(known).optional(),
    failover: section({
      primary: site,
      secondary: site,
      health_check_interval: PositiveDuration.prefault('30s'),
    }).optional(),
  });
}
type Policy = z.infer<ReturnType<typeof policy>>;

/** Weights by site as Route 53 takes them, with each site's own name however it was written. */
function weights(known: Known) {
  const allowed = 'a weight for each site, such as "aws: 70"';
  return z.record(z.string(), wholeNumber(0, 255), { error: allowed }).transform((written, context) => {
    const typed: Record<string, number> = {};
    for (const [word, weight] of Object.entries(written)) {
      const site = siteReference(known).safeParse(word);
      if (site.success) typed[site.data] = weight;
      for (const issue of site.error?.issues ?? []) {
        context.addIssue({ code: 'custom', path: [word], message: issue.message, params: paramsOf(issue) });
      }
    }
    if (Object.values(typed).some((weight) => weight > 0)) return typed;
    const message = 'at least one weight must be above 0, or no site is meant to answer.';
    return refuse(context, [], { found: 'no weight above 0', allowed: 'a weight above 0', message, rule: 'no-weight' });
  });
}

function paramsOf(issue: z.core.$ZodIssue): Record<string, unknown> {
  return issue.code === 'custom' ? { ...issue.params, at: 'key' } : {};
}

/** A list of policies, each with one key; no policy twice. */
export function routingSection(known: Known) {
  return z
    .array(policy(known), { error: 'a list of geolocation, latency_based, weighted and failover' })
    .prefault([])
    .transform((policies, context): Routing => {
      const kinds = policies.map((entry) => Object.keys(entry));
      kinds.forEach((keys, index) => {
        const again = keys.find((key) => kinds.slice(0, index).flat().includes(key));
        const found = again === undefined ? `${keys.length} keys` : `a second "${again}"`;
        const allowed = 'one policy for each item, and each policy once';
        const message = `found ${found} in this item of routing_policies; allowed: ${allowed}.`;
        if (again !== undefined || keys.length !== 1) {
          refuse(context, [index], { found, allowed, message, rule: 'one-policy-each' });
        }
      });
      return typedRouting(policies);
    });
}

function typedRouting(policies: Policy[]): Routing {
  const geolocation = policies.find((entry) => entry.geolocation)?.geolocation;
  const latency = policies.find((entry) => entry.latency_based)?.latency_based;
  const weighted = policies.find((entry) => entry.weighted)?.weighted;
  const failover = policies.find((entry) => entry.failover)?.failover;
  return {
    geolocation: geolocation ? withoutGaps(geolocation) : null,
    latency: latency?.enabled ? { healthChecks: latency.health_checks } : null,
    weighted: weighted ?? null,
    failover: failover
      ? {
          primary: failover.primary,
          secondary: failover.secondary,
          healthCheckIntervalSeconds: failover.health_check_interval,
        }
      : null,
  };
}

function withoutGaps(written: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(written).flatMap(([key, site]) => (site === undefined ? [] : [[key, site]])),
  );
}

const HOST_ALLOWED = 'a host name such as learn.example.com, lower case, without a final dot';
const HOST = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const hostName = () => z.string({ error: HOST_ALLOWED }).regex(HOST, { error: HOST_ALLOWED });
const PERCENT_ALLOWED = 'a share from 1% to 100%';

/** The authoritative servers that answer for the zone: written down, because a failover must not depend on finding them out. */
function nameServers() {
  const allowed = "a list of the zone's authoritative name servers: host, or host:port";
  return z.array(text(allowed), { error: allowed }).min(1, { error: allowed });
}

export function dnsSection() {
  return section({
    name: hostName(),
    writer_name: hostName(),
    ttl: PositiveDuration.prefault('30s'),
    delegation: oneOf(['route53', 'clouddns', 'both']).default('route53'),
    name_servers: section({ route53: nameServers(), clouddns: nameServers() }),
    change_cap: z
      .string({ error: PERCENT_ALLOWED })
      .regex(/^([1-9]\d?|100)%$/, { error: PERCENT_ALLOWED })
      .default('50%'),
  }).transform(
    (written): Dns => ({
      name: written.name,
      writerName: written.writer_name,
      ttlSeconds: written.ttl,
      delegation: written.delegation,
      nameServers: written.name_servers,
      changeCapPercent: Number.parseInt(written.change_cap, 10),
    }),
  );
}
