// One store as this process works with it: what it held when it last answered, whether it is being asked, and whether it answers.
import { type Acceptor, describe, type Seen, type WriteResult } from './acceptor.ts';
import type { Cell } from './ballot.ts';

/** `refused`: what the store holds, as `seen` shows, does not allow it, or others were faster each time. */
export type Swapped =
  | { kind: 'written'; cell: Cell }
  | { kind: 'refused'; seen: Seen }
  | { kind: 'unknown'; because: string };

export type Rule = (seen: Seen) => Cell | null;

export type Member = {
  readonly name: string;
  /**
   * One conditional write of what `rule` makes of the cell; null: the rule does not allow one. Starts from the last answer of the store
   * when there is one: the version that the write names proves that it is still so, and a conflict brings what is there instead.
   * While another call is under way the newest swap waits for its end, so that a store that is late is brought to what was decided last
   * with nobody waiting for it: a value that two stores hold is lost with either of them. Never throws: no answer is `unknown`.
   */
  swap(rule: Rule): Promise<Swapped>;
  /** What the store held when it last answered; null when that is not known. */
  known(): Seen | null;
  /** The last call brought no answer. */
  isSilent(): boolean;
  /** Silent, and still being asked. */
  isHopeless(): boolean;
};

/** How often one swap begins again at what a conflict has shown. */
const conflicts = 3;

export function createMember(acceptor: Acceptor): Member {
  let known: Seen | null = null;
  let busy = false;
  let silent = false;
  let waiting: { rule: Rule; resolve: (result: Swapped) => void } | null = null;

  async function attempt(rule: Rule): Promise<Swapped> {
    let seen = known ?? (await acceptor.read());
    for (let attempt = 0; attempt < conflicts; attempt++) {
      known = seen;
      const cell = rule(seen);
      if (cell === null) break;
      const result = await acceptor.write(cell, seen);
      known = heldAfter(result, cell);
      if (result.kind === 'written') return { kind: 'written', cell };
      if (result.kind === 'unknown') return result;
      seen = result.seen;
    }
    return { kind: 'refused', seen };
  }

  async function call(rule: Rule): Promise<Swapped> {
    try {
      const result = await attempt(rule);
      silent = result.kind === 'unknown';
      return result;
    } catch (error) {
      known = null;
      silent = true;
      return { kind: 'unknown', because: describe(error) };
    }
  }

  /** Calls what came last while the call before was under way. */
  async function workOff(): Promise<void> {
    busy = true;
    while (waiting) {
      const { rule, resolve } = waiting;
      waiting = null;
      resolve(await call(rule));
    }
    busy = false;
  }

  return {
    name: acceptor.name,
    swap: (rule) =>
      new Promise((resolve) => {
        waiting?.resolve({ kind: 'unknown', because: `${acceptor.name}: not asked, for a newer ballot came first` });
        waiting = { rule, resolve };
        if (!busy) void workOff();
      }),
    known: () => known,
    isSilent: () => silent,
    isHopeless: () => busy && silent,
  };
}

function heldAfter(result: WriteResult, cell: Cell): Seen | null {
  switch (result.kind) {
    case 'written':
      return { cell, version: result.version };
    case 'lost':
      return result.seen;
    case 'unknown':
      return null;
  }
}
