// Group commit: changes that one process asks for while another is under way go to the register together, as one write per store.
// Cloud Storage takes about one write a second of one object; a keeper that renews, claims and records asks for more.
import type { Chance } from '../ports/clock.ts';
import type { Change, ChangeResult } from './change.ts';
import type { Register } from './register.ts';

type Waiting<T> = {
  id: string;
  apply: (current: T | null) => Change<T>;
  resolve: (result: ChangeResult<T>) => void;
  reject: (error: unknown) => void;
};

/**
 * The same register, batched. Each change sees what those before it in the batch have made of the value, and is committed or refused for
 * itself. A change that throws fails alone. A change that goes alone keeps its id, by which a command that is given again is known: an
 * operator's command has a process of its own. The ids of a batch serve only its own retries, and one for all of them will do.
 */
export function createGroupCommit<T>(register: Register<T>, chance: Chance): Register<T> {
  let waiting: Waiting<T>[] = [];
  let busy = false;

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await commit(batch);
    }
    busy = false;
  }

  async function commit(batch: Waiting<T>[]): Promise<void> {
    const tried: Applied<T>[] = [];
    try {
      const [only, ...more] = batch;
      const id = only && more.length === 0 ? only.id : chance.id();
      const result = await register.change(id, (current) => {
        const applied = applyAll(batch, current);
        tried.push(applied);
        return applied.change;
      });
      for (const [index, one] of batch.entries()) settle(one, outcomeOf(tried, index, result), result);
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }

  return {
    read: register.read,
    finish: register.finish,
    change: (id, apply) =>
      new Promise((resolve, reject) => {
        waiting.push({ id, apply, resolve, reject });
        void work();
      }),
  };
}

type Outcome =
  | { kind: 'applied' }
  | { kind: 'refused'; because: string }
  | { kind: 'threw'; error: unknown }
  /** Several tries disagree, and which of them was committed cannot be told. */
  | { kind: 'unclear' };

type Applied<T> = { change: Change<T>; outcomes: Outcome[] };

/**
 * What became of one change of the batch in the try that was committed. A commit whose answer was lost is found again by its id, after
 * other tries have been made on other values: then only what all tries say is said.
 */
function outcomeOf<T>(tried: Applied<T>[], index: number, result: ChangeResult<T>): Outcome | undefined {
  const last = tried.at(-1);
  const known =
    result.kind === 'committed'
      ? tried.findLast(({ change }) => change.kind === 'to' && change.value === result.value)
      : last;
  if (known) return known.outcomes[index];
  const kind = last?.outcomes[index]?.kind;
  return tried.every(({ outcomes }) => outcomes[index]?.kind === kind) ? last?.outcomes[index] : { kind: 'unclear' };
}

function applyAll<T>(batch: Waiting<T>[], current: T | null): Applied<T> {
  let value = current;
  let changed = false;
  const outcomes = batch.map(({ apply }): Outcome => {
    try {
      const answer = apply(value);
      if (answer.kind === 'refuse') return { kind: 'refused', because: answer.because };
      value = answer.value;
      changed = true;
      return { kind: 'applied' };
    } catch (error) {
      return { kind: 'threw', error };
    }
  });
  return {
    outcomes,
    change:
      changed && value !== null
        ? { kind: 'to', value }
        : { kind: 'refuse', because: 'every change of the batch was refused' },
  };
}

function settle<T>(one: Waiting<T>, outcome: Outcome | undefined, result: ChangeResult<T>): void {
  if (outcome?.kind === 'threw') one.reject(outcome.error);
  else if (outcome?.kind === 'unclear')
    one.resolve({ kind: 'unknown', because: 'the changes that it went with were committed, perhaps without it' });
  else if (outcome?.kind === 'refused' && result.kind !== 'unknown')
    one.resolve({ kind: 'refused', because: outcome.because });
  else one.resolve(result);
}
