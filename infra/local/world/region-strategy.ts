// The strategy as a region of the local world reads it: the example, with addresses, stores and names of this world in their places.
import { overrideStrategy } from '../../../shared/strategy/override.ts';
import { apiHost, ports, queueBase, type Region, seenFrom, siteHost, type WorldPlan } from './plan.ts';

type Edit = Parameters<typeof overrideStrategy>[1][number];

/** `timings` replace what the example says, for drills that must be short. */
export function regionStrategy(example: string, plan: WorldPlan, from: Region, timings: Edit[]): string {
  const { net } = plan;
  const sites = (['aws', 'gcp'] as const).flatMap((site): Edit[] => {
    const host = seenFrom(net, from, site, 'site');
    const at = (...path: string[]) => ['sites', site, ...path];
    return [
      { path: at('addresses'), value: [siteHost(net, site)] },
      { path: at('health_url'), value: `http://${host}:${ports.app}/healthz` },
      { path: at('service_url'), value: `http://${host}:${ports.app}/orders` },
      { path: at('database', 'host'), value: host },
      { path: at('database', 'port'), value: ports.postgres },
    ];
  });
  return overrideStrategy(example, [
    ...sites,
    // Route 53's checkers are everywhere but here: in this world they stand beside the witness.
    { path: ['sites', 'aws', 'beacon', 'public_url'], value: beaconUrl(net, 'aws', 'gopro-beacon-aws') },
    { path: ['sites', 'gcp', 'beacon', 'public_url'], value: beaconUrl(net, 'gcp', 'gopro-beacon-gcp') },
    {
      path: ['authority', 'stores', 'witness', 'endpoint'],
      value: `http://${seenFrom(net, from, 'witness', 'api')}:${ports.store}`,
    },
    {
      path: ['objects', 'queues', 'aws'],
      value: `http://${seenFrom(net, from, 'aws', 'api')}:${ports.queues}/${queueBase.account}/${queueBase.name}`,
    },
    { path: ['dns', 'name_servers', 'route53'], value: [`${apiHost(net, 'witness')}:${ports.route53}`] },
    { path: ['dns', 'name_servers', 'clouddns'], value: [`${apiHost(net, 'witness')}:${ports.cloudDns}`] },
    // The shortest that there is: a drill does not wait for five minutes.
    ...(plan.objects ? [{ path: ['objects', 'pairs', 'assets', 'tiers', 'user_uploads', 'every'], value: '1m' }] : []),
    ...timings,
  ]);
}

function beaconUrl(net: number, region: Region, bucket: string): string {
  return `http://${seenFrom(net, 'witness', region, 'api')}:${ports.store}/${bucket}`;
}
