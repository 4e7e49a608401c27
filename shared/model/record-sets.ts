// The record sets of the two DNS providers, in their own words and in one spelling: what `ZoneRecord.native` holds.
import * as z from 'zod';
import { canonicalJson } from './canonical-json.ts';

/** The provider-neutral summary that a zone lists; its shape is `ZoneRecord` of the traffic port. */
type Summary = {
  name: string;
  type: 'A' | 'CNAME' | 'TXT';
  setIdentifier: string | null;
  ttlSeconds: number | null;
  native: string;
};

const RecordType = z.enum(['A', 'CNAME', 'TXT']);

/** Lower case, without the final dot and the stray blanks that examples carry. */
export function plainName(name: string): string {
  return name.trim().toLowerCase().replace(/\.$/, '');
}

/**
 * One ResourceRecordSet of Route 53. Strict: what Causeway does not know it must not delete, since a deletion has to name
 * the stored record exactly. Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
 */
export const Route53RecordSet = z.strictObject({
  Name: z.string().transform(plainName),
  Type: RecordType,
  SetIdentifier: z.string().optional(),
  Weight: z.int().min(0).max(255).optional(),
  Region: z.string().optional(),
  GeoLocation: z
    .strictObject({
      ContinentCode: z.string().optional(),
      CountryCode: z.string().optional(),
      SubdivisionCode: z.string().optional(),
    })
    .optional(),
  Failover: z.enum(['PRIMARY', 'SECONDARY']).optional(),
  MultiValueAnswer: z.boolean().optional(),
  TTL: z.int().min(0).optional(),
  ResourceRecords: z.array(z.strictObject({ Value: z.string() })).optional(),
  AliasTarget: z
    .strictObject({
      HostedZoneId: z.string(),
      DNSName: z.string().transform(plainName),
      EvaluateTargetHealth: z.boolean(),
    })
    .optional(),
  HealthCheckId: z.string().optional(),
});
export type Route53RecordSet = z.infer<typeof Route53RecordSet>;

const Targets = {
  rrdatas: z.array(z.string()).optional(),
  healthCheckedTargets: z.strictObject({ externalEndpoints: z.array(z.string()).optional() }).optional(),
};

const GeoPolicy = z.strictObject({
  enableFencing: z.boolean().optional(),
  items: z.array(z.strictObject({ location: z.string(), ...Targets })),
});

/** A routing policy of Cloud DNS: one of the three kinds; they cannot be combined. */
export const CloudDnsPolicy = z.strictObject({
  wrr: z.strictObject({ items: z.array(z.strictObject({ weight: z.number().min(0), ...Targets })) }).optional(),
  geo: GeoPolicy.optional(),
  primaryBackup: z
    .strictObject({
      primaryTargets: z.strictObject({ externalEndpoints: z.array(z.string()) }),
      backupGeoTargets: GeoPolicy,
      trickleTraffic: z.number().optional(),
    })
    .optional(),
  healthCheck: z.string().optional(),
});
export type CloudDnsPolicy = z.infer<typeof CloudDnsPolicy>;

/** One ResourceRecordSet of Cloud DNS, without output-only fields. Source: https://cloud.google.com/dns/docs/reference/rest/v1/resourceRecordSets */
export const CloudDnsRecordSet = z.strictObject({
  name: z.string().transform((name) => `${plainName(name)}.`),
  type: RecordType,
  ttl: z.int().min(0),
  rrdatas: z.array(z.string()).optional(),
  routingPolicy: CloudDnsPolicy.optional(),
});
export type CloudDnsRecordSet = z.infer<typeof CloudDnsRecordSet>;

/** A Route 53 record set as a zone record: values sorted, names plain. */
export function route53Record(set: Route53RecordSet): Summary {
  const values = set.ResourceRecords?.toSorted((a, b) => (a.Value < b.Value ? -1 : 1));
  return {
    name: set.Name,
    type: set.Type,
    setIdentifier: set.SetIdentifier ?? null,
    ttlSeconds: set.TTL ?? null,
    native: canonicalJson({ ...set, ResourceRecords: values }),
  };
}

/** A Cloud DNS record set as a zone record: values sorted, geo items in the order of their locations. */
export function cloudDnsRecord(set: CloudDnsRecordSet): Summary {
  const geo = set.routingPolicy?.geo;
  const items = geo?.items.toSorted((a, b) => (a.location < b.location ? -1 : 1));
  // An unset fence and `false` mean the same, and the service does not promise to echo which one was sent.
  const policy = geo && {
    ...set.routingPolicy,
    geo: { items, enableFencing: geo.enableFencing === true ? true : undefined },
  };
  return {
    name: plainName(set.name),
    type: set.type,
    setIdentifier: null,
    ttlSeconds: set.ttl,
    native: canonicalJson({ ...set, rrdatas: set.rrdatas?.toSorted(), routingPolicy: policy ?? set.routingPolicy }),
  };
}

/** Reads `ZoneRecord.native` of a Route 53 zone. Throws for what Causeway does not manage, saying what it is. */
export function readRoute53(native: string): Route53RecordSet {
  return readNative(Route53RecordSet, native);
}

/** Reads `ZoneRecord.native` of a Cloud DNS zone. Throws for what Causeway does not manage, saying what it is. */
export function readCloudDns(native: string): CloudDnsRecordSet {
  return readNative(CloudDnsRecordSet, native);
}

function readNative<T>(schema: z.ZodType<T>, native: string): T {
  const parsed = schema.safeParse(JSON.parse(native));
  if (parsed.success) return parsed.data;
  throw new Error(
    `the record ${native} is made in a way that Causeway does not manage (${z.prettifyError(parsed.error)}); remove it by hand before its name is published`,
    { cause: parsed.error },
  );
}
