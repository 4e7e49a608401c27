// The fake zone keeps the port's promises.
import { dnsZoneContract } from '../contract/dns-zone.ts';
import { createFakeDnsZone } from './fake-dns-zone.ts';

for (const provider of ['route53', 'clouddns'] as const) {
  dnsZoneContract(`the fake ${provider} zone`, async () => {
    const zone = createFakeDnsZone(provider);
    return {
      zone,
      zoneId: 'ZFAKE',
      healthCheckIds: { aws: 'check-aws', gcp: 'check-gcp' },
      breakDown: () => zone.setOutage('before'),
      heal: () => zone.setOutage(null),
      close: async () => undefined,
    };
  });
}
