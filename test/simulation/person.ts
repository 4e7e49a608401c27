// The person on call: does what Causeway's own words ask for, and makes an old writer a replica of the new one when it is back.
import type { SiteName } from '../../shared/model/site.ts';
import { Override } from '../../shared/model/situation.ts';
import { command } from './faults/operator-faults.ts';
import type { World } from './world.ts';

const looksEverySeconds = 3;
/** How long somebody waits before doing something about what is said. */
const patienceSeconds = 12;

export async function beOnCall(world: World): Promise<void> {
  const blocked = new Map<string, number>();
  for (;;) {
    await world.estate.clock.sleep(looksEverySeconds);
    for (const site of world.sites) rejoin(world, site);
    if (world.isCalm) help(world, blocked);
  }
}

/** Its stranded writes are put aside: it goes on from the slot that promotion made at the new writer. */
function rejoin(world: World, site: SiteName): void {
  const { estate, coverage, trace } = world;
  const { writer, epoch, run } = world.history.latest();
  const own = estate.databases[site];
  if (!own || site === writer || run || own.source() === writer) return;
  const { fencedEpoch, accepting, epoch: at } = own.look();
  const [here, there] = [world.placeOf(site), world.placeOf(writer)];
  if (!own.reachable() || !estate.network.reaches(here, there) || accepting || fencedEpoch < at || at >= epoch) return;
  void own.following.follow({ writer, epoch: estate.databases[writer]?.look().epoch ?? epoch }).then(
    ({ kind }) => {
      if (kind !== 'follows') return;
      coverage.rejoins += 1;
      trace.say(`the person on call makes ${site} a replica of ${writer}`);
    },
    // The writer is not there: the person looks again in a moment.
    () => undefined,
  );
}

/** Every blocker names what would lift it: that is done, once for each blocker. */
function help(world: World, blocked: Map<string, number>): void {
  const { run, paused } = world.history.latest();
  const said = { by: 'grace', reason: 'the machine names it as the way out' };
  const site = world.sites.find((one) => !world.estate.network.isLost(world.placeOf(one))) ?? '';
  if (paused) command(world, site, { command: 'resume', id: world.chance.id(), ...said });
  for (const step of run?.steps ?? []) {
    const what = Override.shape.what.safeParse(/causeway override ([a-z-]+)/.exec(step.blocker ?? '')?.[1]);
    if (!what.success || step.status === 'done') continue;
    const key = `${run?.id}/${step.id}`;
    const since = blocked.get(key) ?? world.now();
    blocked.set(key, since);
    if (world.now() - since < patienceSeconds) continue;
    blocked.set(key, Number.POSITIVE_INFINITY);
    command(world, site, { command: 'override', what: what.data, id: world.chance.id(), ...said });
  }
}
