// Compiled records as the zone images that name servers answer from, without a control plane between.

import { cloudDnsRules } from '../../infra/local/dns/cloud-dns-rules.ts';
import { CloudDnsSet, Route53Set } from '../../infra/local/dns/image.ts';
import type { ZoneRules } from '../../infra/local/dns/resolution.ts';
import { route53Rules } from '../../infra/local/dns/route53-rules.ts';
import type { ZoneRecord } from '../../shared/ports/traffic.ts';

const common = { apex: 'example.com', serial: 1, checks: [] };

export function route53Zone(records: ZoneRecord[], unhealthy: string[] = []): ZoneRules {
  const sets = records.map((record) => Route53Set.parse(JSON.parse(record.native)));
  return route53Rules({ provider: 'route53', ...common, sets }, (id) => !unhealthy.includes(id));
}

export function cloudDnsZone(records: ZoneRecord[]): ZoneRules {
  const sets = records.map((record) => CloudDnsSet.parse(JSON.parse(record.native)));
  return cloudDnsRules({ provider: 'clouddns', ...common, sets }, () => true);
}
