// Actions that a strategy may name and that Causeway does not carry out yet: a clear refusal, recorded, and never a silent success.
import type { Action } from '../../model/scenario.ts';
import type { Executor } from '../executor.ts';

export function createNotCarriedOut<K extends Action['kind']>(what: string): Executor<K> {
  return {
    attemptSeconds: 1,
    patienceSeconds: 1,
    claims: true,
    async observe() {
      return {
        kind: 'refused',
        because: `${what} is not carried out by this version. Nothing was changed; do it by hand`,
      };
    },
    async apply() {
      throw new Error(`${what} is not carried out by this version`);
    },
  };
}
