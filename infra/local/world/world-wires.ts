// The wires between the regions: every service that one region uses of another, forwarded from an address of that pair's own.
import type { Clock } from '../../../shared/ports/clock.ts';
import { openWire, type Wire } from '../wires.ts';
import { apiHost, ports, type Region, seenFrom, siteHost } from './plan.ts';

const apiPorts: Record<Region, number[]> = {
  aws: [
    ports.store,
    ports.dnsApi,
    ports.databaseApi,
    ports.clusterApi,
    ports.kubernetes,
    ports.topics,
    ports.secrets,
    ports.queues,
  ],
  gcp: [ports.store, ports.dnsApi, ports.databaseApi, ports.clusterApi, ports.kubernetes, ports.topics, ports.secrets],
  witness: [ports.store, ports.slack, ports.pagerduty, ports.route53Control, ports.cloudDnsControl],
};
const sitePorts = [ports.app, ports.postgres];
const regions = ['aws', 'gcp', 'witness'] as const;

/** A wire's name is `from>to:port`. */
export async function openWires(net: number, clock: Clock): Promise<Wire[]> {
  const pairs = regions.flatMap((from) => regions.filter((to) => to !== from).map((to) => ({ from, to })));
  const wanted = pairs.flatMap(({ from, to }) => [
    ...apiPorts[to].map((port) => ({ from, to, port, end: 'api' as const })),
    ...(to === 'witness' ? [] : sitePorts.map((port) => ({ from, to, port, end: 'site' as const }))),
  ]);
  return Promise.all(
    wanted.map(({ from, to, port, end }) =>
      openWire({
        name: `${from}>${to}:${port}`,
        host: seenFrom(net, from, to, end),
        port,
        target: { host: end === 'api' ? apiHost(net, to) : siteHost(net, to), port },
        clock,
      }),
    ),
  );
}
