// At the instant at which the register gives the role to another site, the old writer's guard is shut, whatever the clocks say. Promotion takes
// seconds, and would hide a wait that was too short.
import type { World } from '../world.ts';
import type { History } from './register-history.ts';

export const guardShutFirst = "the old writer's guard is shut when its role is given away";

export function roleGiven(world: World, history: History): void {
  history.onTaken((from, to) => {
    const old = world.estate.databases[from.writer]?.look();
    if (!old?.guardOpen) return;
    world.fail(
      guardShutFirst,
      `${to.writer} has epoch ${to.epoch}, and the guard of ${from.writer} is open at epoch ${old.epoch} for another ${old.remainingSeconds.toFixed(2)} s of its clock`,
    );
  });
}
