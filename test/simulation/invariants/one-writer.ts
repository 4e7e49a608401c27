// At most one database would accept a client's write at this instant; and one opens an epoch only when the register has given it the role.
import type { SiteName } from '../../../shared/model/site.ts';
import type { World } from '../world.ts';
import type { History } from './register-history.ts';

export function oneWriter(world: World, history: History): () => void {
  const { databases } = world.estate;
  const all = Object.values(databases);
  const epochs = new Map<SiteName, number>(all.map(({ name, look }) => [name, look().epoch]));
  const fences = new Map<SiteName, number>(all.map(({ name, look }) => [name, look().fencedEpoch]));
  let writing: SiteName | null = null;

  function opened(site: SiteName, epoch: number): void {
    const writer = history.writerOf(epoch);
    world.trace.say(`the database of ${site} is open at epoch ${epoch}`);
    if (writer !== site) {
      world.fail(
        'no effect is applied with a stale epoch',
        `${site} was opened at epoch ${epoch}, whose writer is ${writer ?? 'not decided'}`,
      );
    }
  }

  return () => {
    let accepting: SiteName | null = null;
    for (const { name, look } of all) {
      const seen = look();
      const before = epochs.get(name) ?? 0;
      if (seen.epoch !== before) {
        epochs.set(name, seen.epoch);
        if (seen.epoch < before) world.fail('epochs never fall', `${name} fell from ${before} to ${seen.epoch}`);
        else opened(name, seen.epoch);
      }
      const fenced = fences.get(name) ?? 0;
      if (seen.fencedEpoch > fenced) {
        fences.set(name, seen.fencedEpoch);
        world.coverage.fences += 1;
        world.trace.say(`epoch ${seen.fencedEpoch} is fenced at ${name}`);
      } else if (seen.fencedEpoch < fenced) {
        world.fail('a fence stands', `${name} was fenced up to ${fenced}, and is up to ${seen.fencedEpoch}`);
      }
      if (!seen.accepting) continue;
      if (accepting) world.fail('at most one database accepts writes', `${accepting} and ${name} both do`);
      accepting = name;
    }
    if (writing && !accepting) {
      world.coverage.lapses += 1;
      world.trace.say(`nobody accepts writes: ${writing} has stopped`);
    } else if (accepting && accepting !== writing) world.trace.say(`${accepting} accepts writes`);
    writing = accepting;
  };
}
