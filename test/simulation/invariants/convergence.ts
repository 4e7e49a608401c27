// When faults stop, the system converges: a healthy writer that takes writes, clients led to it, a replica that follows, and no run left open.
import type { World } from '../world.ts';

/** The lease to be waited out, a claim of a minute and a half to lapse, rests of half a minute, and a promotion begun again after the cool-down. */
export const convergesWithinSeconds = 400;

/** Null when all is well; else what is not, in a sentence. */
export async function whatIsMissing(world: World): Promise<string | null> {
  const { estate } = world;
  const { run, paused, writer, epoch } = world.history.latest();
  if (paused) return `automation is paused by ${paused.by}`;
  if (run) {
    const open = run.steps.filter(({ status }) => status !== 'done');
    return `the run ${run.id} is open: ${open.map(({ id, status, blocker, detail }) => `${id} ${status} (${blocker ?? detail ?? 'waits'})`).join('; ')}`;
  }
  const database = estate.databases[writer];
  const look = database?.look();
  if (!look?.accepting || look.epoch !== epoch) {
    return `the database of the writer ${writer} takes no writes at epoch ${epoch} (it is at ${look?.epoch})`;
  }
  for (const site of world.sites) {
    if (site === writer) continue;
    const followed = estate.databases[site]?.upstream();
    if (!followed?.enabled || followed.source !== database) return `${site} does not follow ${writer}`;
  }
  const addresses = estate.strategy.sites.find(({ name }) => name === writer)?.addresses ?? [];
  const { route53, clouddns } = estate.strategy.dns.nameServers;
  for (const server of [route53[0], clouddns[0]]) {
    const found = await estate.answers.resolver.ask(server ?? '', estate.strategy.dns.writerName, 'A');
    if (!found.some(({ data }) => addresses.includes(data))) {
      return `${server} does not lead the writer's name to ${writer}: ${found.map(({ data }) => data).join()}`;
    }
  }
  return null;
}
