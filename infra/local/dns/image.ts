// Zone images: what a control plane pushes to the name servers, whole, each time that something changed.
import * as z from 'zod';
import { CloudDnsRecordSet, Route53RecordSet } from '../../../shared/model/record-sets.ts';

/** A zone holds more types than Causeway writes: its own NS and SOA, and what a user keeps beside. */
const StoredType = z.enum(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SOA', 'SRV', 'TXT']);

export const Route53Set = Route53RecordSet.extend({ Type: StoredType });
export type Route53Set = z.infer<typeof Route53Set>;

export const CloudDnsSet = CloudDnsRecordSet.extend({ type: StoredType });
export type CloudDnsSet = z.infer<typeof CloudDnsSet>;

/** The part of a health check that a checker needs; one shape for both providers. */
export const CheckTarget = z.object({
  id: z.string(),
  kind: z.enum(['http', 'https', 'tcp']),
  host: z.string(),
  port: z.int(),
  path: z.string(),
  /** Sent as the Host header; null sends the host. */
  hostHeader: z.string().nullable(),
  /** Null: any good status will do. */
  searchFor: z.string().nullable(),
  intervalSeconds: z.number().positive(),
  failureThreshold: z.int().positive(),
  inverted: z.boolean(),
  disabled: z.boolean(),
});
export type CheckTarget = z.infer<typeof CheckTarget>;

const common = {
  /** Without the final dot. */
  apex: z.string(),
  /** Grows with every push; a name server keeps the newest. */
  serial: z.int().nonnegative(),
  checks: z.array(CheckTarget),
};

export const ZoneImage = z.discriminatedUnion('provider', [
  z.object({ provider: z.literal('route53'), ...common, sets: z.array(Route53Set) }),
  z.object({ provider: z.literal('clouddns'), ...common, sets: z.array(CloudDnsSet) }),
]);
export type ZoneImage = z.infer<typeof ZoneImage>;
export type Route53Image = Extract<ZoneImage, { provider: 'route53' }>;
export type CloudDnsImage = Extract<ZoneImage, { provider: 'clouddns' }>;
