// `authority:` and `lookouts:` who may write, where the register stands, and who watches.
import type { Authority, Lookout, RegisterStoreDeclaration } from '../../model/strategy.ts';
import { Duration, PositiveDuration } from '../duration.ts';
import type { Known } from '../known.ts';
import { siteReference, storeReference } from '../references.ts';
import { named, oneOf, section, text, url, wholeNumber } from '../vocabulary.ts';

type NamelessStore = Omit<RegisterStoreDeclaration, 'name'>;

function store(known: Known) {
  return section({
    api: oneOf(['s3', 'gcs']),
    bucket: text('the name of a bucket'),
    region: text('the region of the bucket'),
    endpoint: url("the http(s) URL of an S3-compatible service; leave the key out for the provider's own").optional(),
    failure_domain: text('a word for what it is lost together with, such as aws/us-east-1').optional(),
    site: siteReference(known).optional(),
  }).transform((written): NamelessStore => {
    const { failure_domain: failureDomain, endpoint = null, site = null, ...rest } = written;
    return { ...rest, endpoint, site, failureDomain: failureDomain ?? usualDomain(rest.api, rest.region, endpoint) };
  });
}

/** A region of a provider is one failure domain; an endpoint of somebody else is another. */
function usualDomain(api: 's3' | 'gcs', region: string, endpoint: string | null): string {
  const owner = endpoint === null ? { s3: 'aws', gcs: 'gcp' }[api] : new URL(endpoint).host;
  return `${owner}/${region}`;
}

export function authoritySection(known: Known) {
  return section({
    stores: named(store(known), 'store').refine((stores) => Object.keys(stores).length > 0, {
      error: 'a mapping of stores by name, three for a register that outlives any one of them',
    }),
    ttl: PositiveDuration.prefault('15s'),
    beat: PositiveDuration.prefault('3s'),
    margin: PositiveDuration.prefault('3s'),
    confirmations: wholeNumber(1, 20).default(2),
    confirm_window: Duration.prefault('10s'),
    cool_down: Duration.prefault('5m'),
    guard: oneOf(['enforce', 'observe']).default('enforce'),
  }).transform(
    (written): Authority => ({
      stores: Object.entries(written.stores).map(([name, declared]) => ({ name, ...declared })),
      ttlSeconds: written.ttl,
      beatSeconds: written.beat,
      marginSeconds: written.margin,
      confirmations: written.confirmations,
      confirmWindowSeconds: written.confirm_window,
      coolDownSeconds: written.cool_down,
      guard: written.guard,
    }),
  );
}

export function lookoutsSection(known: Known) {
  const lookout = section({
    ground: oneOf(['aws', 'gcp', 'elsewhere']),
    region: text('the region that it watches from'),
    store: storeReference(known),
  });
  return named(lookout, 'lookout')
    .prefault({})
    .transform((written): Lookout[] => Object.entries(written).map(([name, declared]) => ({ name, ...declared })));
}

export function healthChecksSection() {
  return section({
    interval: PositiveDuration.prefault('10s'),
    timeout: PositiveDuration.prefault('2s'),
  })
    .prefault({})
    .transform((written) => ({ intervalSeconds: written.interval, timeoutSeconds: written.timeout }));
}
