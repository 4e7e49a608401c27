// What is handed over is whole, in a planned move and wherever else the register says so: at the instant at which the role is given, every write that the old writer acknowledged is at the new one.
import type { World } from '../world.ts';
import type { History } from './register-history.ts';

export const nothingLost = 'a planned move loses no acknowledged write';

export function nothingLostInMoves(world: World, history: History): void {
  const { clients, databases } = world.estate;
  /** What was acknowledged before the writer that hands over had the role is not its to hand over. */
  let since = 0;
  history.onTaken((from, to) => {
    const handed = clients.acknowledged.slice(since).filter(({ site }) => site === from.writer);
    since = clients.acknowledged.length;
    if (!to.previous?.handedOver) return;
    const there = new Set(databases[to.writer]?.rows().map(({ id, origin }) => `${origin} ${id}`));
    const lost = handed.filter(({ site, id }) => !there.has(`${site} ${id}`));
    world.trace.say(`${from.writer} has handed ${handed.length} writes over to ${to.writer}`);
    if (lost.length === 0) return;
    world.fail(
      nothingLost,
      `${lost.length} of ${handed.length} writes of ${from.writer} are not at ${to.writer}, the first is ${lost[0]?.id} of ${lost[0]?.atSeconds.toFixed(2)} s`,
    );
  });
}
