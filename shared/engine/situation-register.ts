// The register as it holds the situation: where it lies in each store, and how long one change may take.
import { createAcceptor } from '../authority/acceptor.ts';
import { createRegister, type Register } from '../authority/register.ts';
import { Situation } from '../model/situation.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';

export const registerKey = 'register/situation.json';

export function createSituationRegister(
  stores: ObjectStore[],
  proposer: string,
  clock: Clock,
  chance: Chance,
): Register<Situation> {
  return createRegister({
    acceptors: stores.map((store) => createAcceptor(store, registerKey, { clock, chance })),
    proposer,
    parse: (value) => Situation.parse(value),
    clock,
    chance,
    deadlineSeconds: 10,
  });
}
