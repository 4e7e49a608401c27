// No acknowledged write is lost beyond the RPO, unless a person has allowed it: judged when a database is opened that another has written before.
import type { SiteName } from '../../../shared/model/site.ts';
import { rpoSeconds } from '../strategy.ts';
import type { World } from '../world.ts';
import type { History } from './register-history.ts';

/** What is written after the last recorded heartbeat cannot be seen by who takes over: a beat, and the rest of the lease. */
export function boundedLoss(world: World, history: History): () => void {
  const { databases, strategy, clients } = world.estate;
  const { ttlSeconds, beatSeconds } = strategy.authority;
  const limitSeconds = (rpoSeconds + ttlSeconds + 2 * beatSeconds) / (1 - world.plan.rateSpread);
  const epochs = new Map<SiteName, number>(Object.values(databases).map(({ name, look }) => [name, look().epoch]));
  const all = Object.values(databases);
  const allowed = new Set<string>();

  function judge(site: SiteName): void {
    const followed = databases[site]?.upstream();
    if (!followed) return;
    const missing = firstMissing(followed);
    if (missing === null) return;
    const last = clients.acknowledged.findLast((one) => one.site === followed.source.name);
    const lostSeconds = (last?.atSeconds ?? missing) - missing;
    world.coverage.lostWrites += 1;
    world.trace.say(`${site} was opened without the last ${lostSeconds.toFixed(1)} s of ${followed.source.name}`);
    if (lostSeconds > limitSeconds && allowed.size === 0) {
      const because = `${lostSeconds.toFixed(1)} s of acknowledged writes of ${followed.source.name} are not at ${site}, the limit is ${limitSeconds.toFixed(1)} s`;
      world.fail('no acknowledged write is lost beyond the RPO', because);
    }
  }

  return () => {
    for (const { name, look } of all) {
      const { epoch } = look();
      if (epoch === epochs.get(name)) continue;
      epochs.set(name, epoch);
      const { previous } = history.latest();
      if (previous && previous.writer !== name) judge(name);
    }
    for (const { what, id } of history.latest().overrides) if (what === 'rpo') allowed.add(id);
  };
}

type Followed = NonNullable<ReturnType<World['estate']['databases'][string]['upstream']>>;

/** When the first write was committed that has not arrived; null when all have. */
function firstMissing({ source, position }: Followed): number | null {
  for (let at = position; ; at += 1) {
    const change = source.written(at);
    if (!change) return null;
    if (change.kind === 'row') return change.row.at;
  }
}
