// Acceptors in memory that lose, delay and doubt, as stores do: a write whose answer is lost may have happened, or may not.
import type { Acceptor, Seen } from '../../shared/authority/acceptor.ts';
import type { Cell } from '../../shared/authority/ballot.ts';
import type { Chance, Clock } from '../../shared/ports/clock.ts';
import { StoreUnavailable } from '../../shared/ports/object-store.ts';

export type MemoryCell = { cell: Cell | null; version: number; history: Cell[] };

export function emptyCell(): MemoryCell {
  return { cell: null, version: 0, history: [] };
}

/** `lossFraction`: how often a call is lost on the way there, and how often its answer on the way back. */
export function createFaultyAcceptor(
  name: string,
  memory: MemoryCell,
  options: { clock: Clock; chance: Chance; lossFraction: number; latencySeconds: number; down?: () => boolean },
): Acceptor {
  const { clock, chance } = options;
  const travel = () => clock.sleep(chance.fraction() * options.latencySeconds);
  const lost = () => options.down?.() === true || chance.fraction() < options.lossFraction;
  const seen = (): Seen => ({ cell: memory.cell, version: memory.version === 0 ? null : String(memory.version) });

  return {
    name,
    async read() {
      await travel();
      if (lost()) throw new StoreUnavailable(name, 'time-out', 'no answer');
      const answer = seen();
      await travel();
      return answer;
    },
    async write(cell, over) {
      await travel();
      if (lost()) return { kind: 'unknown', because: 'lost on the way there' };
      const current = seen();
      const wins = current.version === over.version;
      if (wins) {
        memory.cell = cell;
        memory.version += 1;
        memory.history.push(cell);
      }
      const after = seen();
      await travel();
      if (lost()) return { kind: 'unknown', because: 'lost on the way back' };
      return wins && after.version !== null
        ? { kind: 'written', version: after.version }
        : { kind: 'lost', seen: current };
    },
  };
}
