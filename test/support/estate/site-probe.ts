// Looking at the estate's sites as a client would: silence where there is no way, and an answer by the application where there is.
import type { Ground } from '../../../shared/model/site.ts';
import type { Site } from '../../../shared/model/strategy.ts';
import type { HealthProbe } from '../../../shared/ports/probe.ts';
import type { Parts } from './parts.ts';

export function createSiteProbe(parts: Parts, from: Ground): HealthProbe {
  const { strategy, network, serving } = parts;
  const { clock } = parts.time;
  return {
    async check(url, timeoutSeconds) {
      const site = strategy.sites.find(
        (one) => one.healthUrl === url || one.serviceUrl === url || url.startsWith(`${one.beacon.publicUrl}/`),
      );
      if (!site) throw new Error(`the estate has no site at ${url}`);
      if (!network.reaches(from, site.provider)) {
        await clock.sleep(timeoutSeconds);
        return { health: 'unknown', because: `no answer within ${timeoutSeconds} s`, latencySeconds: timeoutSeconds };
      }
      await clock.sleep(0.01);
      // Its public bucket, which lives with the region and not with the application.
      if (url.startsWith(site.beacon.publicUrl))
        return { health: 'healthy', because: 'answered 200', latencySeconds: 0.01 };
      const trouble = serving.get(site.name)
        ? url === site.serviceUrl
          ? await writesThrough(parts, site)
          : null
        : 'answered 503';
      return { health: trouble ? 'unhealthy' : 'healthy', because: trouble ?? 'answered 200', latencySeconds: 0.01 };
    },
  };
}

/** The application writes where the writer's name leads; null when that works. */
async function writesThrough(
  { strategy, network, answers: names, databases }: Parts,
  site: Site,
): Promise<string | null> {
  const [server = ''] = strategy.dns.nameServers.route53;
  const answers = await names.resolver.ask(server, strategy.dns.writerName, 'A');
  const writer = strategy.sites.find((one) =>
    one.addresses.some((address) => answers.some(({ data }) => data === address)),
  );
  if (!writer) return 'the name of the writer leads nowhere';
  if (!network.reaches(site.provider, writer.provider)) return `the database of ${writer.name} does not answer`;
  try {
    const transaction = databases[writer.name]?.begin();
    transaction?.write('service check');
    transaction?.commit();
    return transaction ? null : `${writer.name} has no database`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
