// A kind of fault: how it begins in a world, and how it ends.
import type { Chance } from '../../../shared/ports/clock.ts';
import type { World } from '../world.ts';

/** What began, in plain words, and how it is undone. */
export type Begun = { says: string; end: () => void };

/** Draws what exactly it is from the chance that it is given, so that a plan can be told again. */
export type Fault = (world: World, chance: Chance) => Begun;

export function pick<T>(chance: Chance, all: readonly T[]): T {
  const one = all[Math.floor(chance.fraction() * all.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}
