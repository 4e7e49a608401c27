// `sites:` what can serve the application, each with its endpoints, cluster, database, zone and beacon.
import * as z from 'zod';
import { SiteName } from '../../model/site.ts';
import type { Site } from '../../model/strategy.ts';
import { describe } from '../issue.ts';
import { oneOf, type Refusal, refuse, section, text, url, wholeNumber } from '../vocabulary.ts';

const Cluster = section({
  name: text('the name of the EKS or GKE cluster'),
  node_pool: text('the name of the EKS node group or GKE node pool'),
  namespace: text('a Kubernetes namespace').default('default'),
  deployment: text('the name of the Deployment that serves the application'),
  autoscaler: text('the name of its HorizontalPodAutoscaler; leave the key out when there is none').optional(),
  replicas_per_node: wholeNumber(1, 500).default(2),
  parent: text('GKE only: projects/PROJECT/locations/LOCATION')
    .regex(/^projects\/[^/]+\/locations\/[^/]+$/, { error: 'projects/PROJECT/locations/LOCATION' })
    .optional(),
});

const Database = section({
  instance: text('an RDS instance identifier, or PROJECT/INSTANCE of Cloud SQL'),
  host: text('the host name or address of the database'),
  port: wholeNumber(1, 65_535).default(5432),
  name: text('the name of the database'),
  user: text("the keeper's role: a member of every owner, never a superuser"),
  password_secret: text("a name in the site's secret store, never the password itself"),
  peer_password_secret: text(
    "a name in this site's secret store: the password with which it reads from the other's database; leave it out when it is the same",
  ).optional(),
  schemas: z
    .array(text('the name of a schema'), { error: 'a list of schemas whose tables are guarded and replicated' })
    .min(1, { error: 'a list of at least one schema' })
    .prefault(['public']),
});

const SiteSection = section({
  provider: oneOf(['aws', 'gcp']),
  region: text("the provider's name of a region"),
  addresses: z
    .array(z.ipv4({ error: 'an IPv4 address' }), { error: 'a list of IPv4 addresses' })
    .min(1, { error: 'a list of at least one IPv4 address' }),
  health_url: url("the http(s) URL of the application's health endpoint"),
  service_url: url('the http(s) URL of an endpoint that reads and writes through the database of the writer'),
  zone: text('a Route 53 hosted zone id, or PROJECT/ZONE of Cloud DNS'),
  beacon: section({
    bucket: text('the bucket whose object moves traffic to this site'),
    public_url: url("the http(s) URL below which the bucket's objects are public"),
  }),
  cluster: Cluster.optional(),
  database: Database.optional(),
});
type SiteSection = z.infer<typeof SiteSection>;

type NamelessSite = Omit<Site, 'name'>;

/** At least two sites, by name. */
export function sitesSection() {
  const allowed = 'a mapping of at least two sites, by name';
  return z
    .record(SiteName, SiteSection.transform(typedSite), { error: allowed })
    .refine((sites) => Object.keys(sites).length >= 2, { error: allowed });
}

type Context = Parameters<typeof refuse>[0];

function typedSite(site: SiteSection, context: Context): NamelessSite {
  for (const { path, refusal } of misfits(site)) refuse(context, path, refusal);
  return {
    provider: site.provider,
    region: site.region,
    addresses: site.addresses,
    healthUrl: site.health_url,
    serviceUrl: site.service_url,
    zoneId: site.zone,
    beacon: { bucket: site.beacon.bucket, publicUrl: site.beacon.public_url },
    cluster: site.cluster ? typedCluster(site.cluster) : null,
    database: site.database ? typedDatabase(site.database) : null,
  };
}

function typedCluster(cluster: z.infer<typeof Cluster>): Site['cluster'] {
  const { node_pool: nodePool, replicas_per_node: replicasPerNode, autoscaler = null, parent = '', ...rest } = cluster;
  return { ...rest, nodePool, replicasPerNode, autoscaler, parent };
}

function typedDatabase(database: z.infer<typeof Database>): Site['database'] {
  const {
    password_secret: passwordSecret,
    peer_password_secret: peerPasswordSecret = passwordSecret,
    ...rest
  } = database;
  return { ...rest, passwordSecret, peerPasswordSecret };
}

type Misfit = { path: string[]; refusal: Refusal };

/** What is spelled as one provider spells it, at a site of the other. */
function misfits(site: SiteSection): Misfit[] {
  const { provider } = site;
  const spelling =
    provider === 'aws'
      ? { region: /^[a-z]{2}(-[a-z]+)+-\d$/, like: 'us-east-1', qualified: false }
      : { region: /^[a-z]+(-[a-z]+)+\d+$/, like: 'us-central1', qualified: true };
  const found: Misfit[] = [];
  const misfit = (path: string[], value: unknown, allowed: string): void => {
    const message = `${path.join('.')} of a site at ${provider} is ${allowed}; found ${describe(value)}.`;
    found.push({ path, refusal: { found: describe(value), allowed, message, rule: 'not-this-provider' } });
  };
  if (!spelling.region.test(site.region)) misfit(['region'], site.region, `a region spelled like ${spelling.like}`);
  if (site.zone.includes('/') !== spelling.qualified) {
    misfit(
      ['zone'],
      site.zone,
      provider === 'aws' ? 'a Route 53 hosted zone id, such as Z0123456789ABCDEFGHIJ' : 'PROJECT/ZONE',
    );
  }
  if (site.database && site.database.instance.includes('/') !== spelling.qualified) {
    const allowed = provider === 'aws' ? 'an RDS instance identifier' : 'PROJECT/INSTANCE';
    misfit(['database', 'instance'], site.database.instance, allowed);
  }
  if (site.cluster && (site.cluster.parent !== undefined) !== spelling.qualified) {
    const allowed = provider === 'aws' ? 'left out' : 'projects/PROJECT/locations/LOCATION';
    misfit(['cluster', 'parent'], site.cluster.parent, allowed);
  }
  return found;
}
