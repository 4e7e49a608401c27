// One proposer of the register: prepare at all stores, apply the change, accept at all stores, a majority decides.

import type { Chance } from '../ports/clock.ts';
import type { Acceptor } from './acceptor.ts';
import { type Ballot, type Cell, compareBallots } from './ballot.ts';
import type { Change, ChangeResult } from './change.ts';
import { gatherMajority } from './gather.ts';
import { createMember, type Rule } from './member.ts';
import { RegisterValue, withChange } from './register-value.ts';

export type Proposer<T> = {
  /** It won last, and may skip prepare. */
  leads(): boolean;
  /** `doubtful`: the value that the lead remembers refuses the change, and may be old. */
  propose(
    id: string,
    apply: (current: T | null) => Change<T>,
  ): Promise<ChangeResult<T> | Again | { kind: 'doubtful'; because: string }>;
  /** The next change begins with prepare. */
  forget(): void;
};

/** A ballot that a majority has promised to this proposer, and the value that it must start from. */
type Lead = { ballot: Ballot; value: RegisterValue | null };

/** No majority this time: whether it was committed all the same, the next try finds out by its id. */
export type Again = { kind: 'again'; because: string };

export type ProposerOptions<T> = {
  acceptors: Acceptor[];
  /** Unique to this process: no two live proposers may share it. */
  proposer: string;
  /** Throws on a value that is not a T. */
  parse: (value: unknown) => T;
  chance: Chance;
};

export function createProposer<T>(options: ProposerOptions<T>): Proposer<T> {
  const { chance, parse } = options;
  const members = options.acceptors.map(createMember);
  const majority = Math.floor(members.length / 2) + 1;
  let highest = 0;
  let lead: Lead | null = null;

  const ballotAt = (counter: number): Ballot => ({ counter, proposer: options.proposer });

  function cell(promised: Ballot, accepted: Ballot | null, value: unknown): Cell {
    return { schema: 1, promised, accepted, value, nonce: chance.id() };
  }

  function promiseRule(ballot: Ballot): Rule {
    return ({ cell: held }) =>
      held && compareBallots(held.promised, ballot) >= 0
        ? null
        : cell(ballot, held?.accepted ?? null, held?.value ?? null);
  }

  function acceptRule(ballot: Ballot, value: RegisterValue): Rule {
    return ({ cell: held }) =>
      held && compareBallots(held.promised, ballot) > 0 ? null : cell(ballotAt(ballot.counter + 1), ballot, value);
  }

  /** One swap per store: one that is still being asked, and brought no answer the last time, is left out. */
  async function ask(rule: Rule): Promise<{ written: Cell[]; failures: string[] }> {
    const { answers, failures } = await gatherMajority(
      members.filter((member) => !member.isHopeless()),
      majority,
      async (member) => {
        const result = await member.swap(rule);
        if (result.kind === 'unknown') throw new Error(result.because);
        return result;
      },
      (result) => result.kind === 'written',
    );
    const written = [...answers.values()].flatMap((one) => (one.kind === 'written' ? [one.cell] : []));
    return { written, failures };
  }

  async function prepare(): Promise<Lead | Again> {
    for (const member of members) highest = Math.max(highest, member.known()?.cell?.promised.counter ?? 0);
    const ballot = ballotAt(highest + 1);
    highest = ballot.counter;
    const { written, failures } = await ask(promiseRule(ballot));
    if (written.length < majority) return tooFew(written, 'promised', failures);
    return { ballot, value: highestAccepted(written) };
  }

  async function accept({ ballot }: Lead, value: RegisterValue): Promise<Lead | Again> {
    highest = Math.max(highest, ballot.counter + 1);
    const { written, failures } = await ask(acceptRule(ballot, value));
    if (written.length < majority) return tooFew(written, 'accepted', failures);
    return { ballot: ballotAt(ballot.counter + 1), value };
  }

  function tooFew(written: Cell[], what: string, failures: string[]): Again {
    const why = failures.length > 0 ? failures.join('; ') : 'another proposer was faster';
    return { kind: 'again', because: `${written.length} of ${members.length} stores ${what}: ${why}` };
  }

  return {
    leads: () => lead !== null,
    forget: () => {
      lead = null;
    },
    async propose(id, apply) {
      const cached = lead;
      const from = cached ?? (await prepare());
      if ('kind' in from) return from;
      const current = from.value === null ? null : parse(from.value.value);
      const mine = from.value?.changes.includes(id) ?? false;
      const change: Change<T> = mine && current !== null ? { kind: 'to', value: current } : apply(current);
      if (change.kind === 'refuse') {
        // What a cached lead shows may be old: refuse only what a majority has just shown.
        return cached ? { kind: 'doubtful', because: change.because } : { kind: 'refused', because: change.because };
      }
      const next = mine && from.value ? from.value : withChange(change.value, id, from.value);
      // A ballot serves one value only, whatever becomes of it.
      lead = null;
      const outcome = await accept(from, next);
      if ('kind' in outcome) return outcome;
      lead = outcome;
      return { kind: 'committed', value: change.value };
    },
  };
}

function highestAccepted(cells: Cell[]): RegisterValue | null {
  let best: Cell | null = null;
  for (const cell of cells) {
    if (cell.accepted && (!best?.accepted || compareBallots(cell.accepted, best.accepted) > 0)) best = cell;
  }
  return best ? RegisterValue.parse(best.value) : null;
}
