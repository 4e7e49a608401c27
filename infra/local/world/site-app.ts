// The sample application of a site, as a region runs it: its own database beside it, the writer found by name.
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import { startApp } from '../app/app.ts';
import { shopProbeSql } from '../app/shop-schema.ts';
import { createStubResolver } from '../dns/client.ts';
import { database, roles } from './database-setup.ts';
import { apiHost, ports, secrets, seenFrom, siteHost, type WorldPlan } from './plan.ts';

/** The name that the application's writes follow. */
const writerName = 'writer.learn.gopro.example';

export async function startSiteApp(plan: WorldPlan, site: 'aws' | 'gcp'): Promise<void> {
  const { net } = plan;
  const other = site === 'aws' ? 'gcp' : 'aws';
  const resolver = createStubResolver({
    servers: [`${apiHost(net, 'witness')}:${ports.route53}`],
    subnetOf: () => null,
    timeoutSeconds: 1,
    clock: systemClock,
    chance: systemChance,
  });
  await startApp({
    site,
    host: siteHost(net, site),
    port: ports.app,
    database: {
      host: siteHost(net, site),
      port: ports.postgres,
      user: roles.app,
      password: secrets.appPassword,
      database,
    },
    writer: async () => {
      const [address = ''] = await resolver.resolve(writerName, 'app');
      // Across regions the way leads through a wire, so that it can be cut.
      const host = address === siteHost(net, other) ? seenFrom(net, site, other, 'site') : address;
      return { host, port: ports.postgres };
    },
    timeoutSeconds: 2,
    probeStatement: shopProbeSql,
  });
}
