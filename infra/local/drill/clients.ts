// The clients of a drill: some follow DNS, as the application's users do; one writes straight at both databases all the time.
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import { createStubResolver } from '../dns/client.ts';
import { type DirectWriters, startDirectWriters } from '../load/direct-writers.ts';
import { type DnsLoad, startDnsLoad } from '../load/dns-load.ts';
import { apiHost, ports } from '../world/plan.ts';
import type { World } from '../world/world.ts';
import { appDatabase } from './recorded.ts';

export const load = { clients: 12, ratePerSecond: 24 };

/** Both begin at once. */
export function startClients({ plan, strategy }: World): { dnsLoad: DnsLoad; direct: DirectWriters } {
  const resolver = createStubResolver({
    servers: [`${apiHost(plan.net, 'witness')}:${ports.route53}`],
    subnetOf: () => null,
    timeoutSeconds: 1,
    clock: systemClock,
    chance: systemChance,
  });
  const dnsLoad = startDnsLoad({
    ...load,
    name: strategy.dns.name,
    resolve: resolver.resolve,
    port: ports.app,
    timeoutSeconds: 3,
    clock: systemClock,
    chance: systemChance,
  });
  const direct = startDirectWriters({
    targets: (['aws', 'gcp'] as const).map((site) => ({ site, database: appDatabase(plan, site) })),
    everySeconds: 0.2,
    hold: { fraction: 0.1, seconds: 3 },
    timeoutSeconds: 2,
    answerSeconds: 20,
    clock: systemClock,
    chance: systemChance,
  });
  return { dnsLoad, direct };
}
