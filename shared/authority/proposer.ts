// One proposer of the register: prepare at all stores, apply the change, accept at all stores, a majority decides.

import type { Chance } from '../ports/clock.ts';
import type { Acceptor, Seen, WriteResult } from './acceptor.ts';
import { type Ballot, type Cell, compareBallots } from './ballot.ts';
import type { Change, ChangeResult } from './change.ts';
import { gatherMajority } from './gather.ts';
import { RegisterValue, withChange } from './register-value.ts';

export type Proposer<T> = {
  /** It won last, and may skip prepare. */
  leads(): boolean;
  propose(
    id: string,
    apply: (current: T | null) => Change<T>,
  ): Promise<ChangeResult<T> | { kind: 'again'; because: string }>;
};

/** Where a majority has promised `ballot` to this proposer, and the value that it must start from. */
type Lead = { ballot: Ballot; value: RegisterValue | null; promised: Map<Acceptor, Seen> };

export type ProposerOptions<T> = {
  acceptors: Acceptor[];
  /** Unique to this process: no two live proposers may share it. */
  proposer: string;
  /** Throws on a value that is not a T. */
  parse: (value: unknown) => T;
  chance: Chance;
};

export function createProposer<T>(options: ProposerOptions<T>): Proposer<T> {
  const { acceptors, chance, parse } = options;
  const majority = Math.floor(acceptors.length / 2) + 1;
  let highest = 0;
  let lead: Lead | null = null;
  // A store that has not answered the last call is left out, not called a second time over it.
  const busy = new Set<Acceptor>();

  /** Runs one call per free store and answers once a majority said yes, or all have spoken. */
  function ask<R>(call: (acceptor: Acceptor) => Promise<R>, yes: (answer: R) => boolean) {
    const free = acceptors.filter((acceptor) => !busy.has(acceptor));
    return gatherMajority(
      free,
      majority,
      async (acceptor) => {
        busy.add(acceptor);
        try {
          return await call(acceptor);
        } finally {
          busy.delete(acceptor);
        }
      },
      yes,
    );
  }

  function cell(promised: Ballot, accepted: Ballot | null, value: unknown): Cell {
    return { schema: 1, promised, accepted, value, nonce: chance.id() };
  }

  function noteCounter(seen: Seen) {
    highest = Math.max(highest, seen.cell?.promised.counter ?? 0);
  }

  async function promise(acceptor: Acceptor, ballot: Ballot): Promise<Seen | null> {
    const seen = await acceptor.read();
    noteCounter(seen);
    if (seen.cell && compareBallots(seen.cell.promised, ballot) >= 0) return null;
    const next = cell(ballot, seen.cell?.accepted ?? null, seen.cell?.value ?? null);
    const result = await acceptor.write(next, seen);
    if (result.kind === 'lost') noteCounter(result.seen);
    return result.kind === 'written' ? { cell: next, version: result.version } : null;
  }

  async function prepare(): Promise<Lead | { kind: 'again'; because: string }> {
    const ballot: Ballot = { counter: highest + 1, proposer: options.proposer };
    highest = ballot.counter;
    const { answers, failures } = await ask(
      (acceptor) => promise(acceptor, ballot),
      (seen) => seen !== null,
    );
    const promised = new Map<Acceptor, Seen>();
    for (const [acceptor, seen] of answers) if (seen) promised.set(acceptor, seen);
    if (promised.size < majority) {
      const why = failures.length > 0 ? failures.join('; ') : 'another proposer was faster';
      return { kind: 'again', because: `${promised.size} of ${acceptors.length} stores promised: ${why}` };
    }
    return { ballot, value: highestAccepted([...promised.values()]), promised };
  }

  async function acceptAt(acceptor: Acceptor, from: Lead, next: RegisterValue): Promise<WriteResult & { cell: Cell }> {
    const promisedNext: Ballot = { counter: from.ballot.counter + 1, proposer: options.proposer };
    const accepted = cell(promisedNext, from.ballot, next);
    let over = from.promised.get(acceptor);
    if (!over) {
      over = await acceptor.read();
      if (over.cell && compareBallots(over.cell.promised, from.ballot) > 0) {
        return { kind: 'lost', seen: over, cell: accepted };
      }
    }
    return { ...(await acceptor.write(accepted, over)), cell: accepted };
  }

  async function accept(from: Lead, next: RegisterValue): Promise<Lead | { kind: 'again'; because: string }> {
    highest = Math.max(highest, from.ballot.counter + 1);
    const { answers, failures } = await ask(
      (acceptor) => acceptAt(acceptor, from, next),
      (result) => result.kind === 'written',
    );
    const promised = new Map<Acceptor, Seen>();
    for (const [acceptor, result] of answers) {
      if (result.kind === 'written') promised.set(acceptor, { cell: result.cell, version: result.version });
      if (result.kind === 'lost') noteCounter(result.seen);
    }
    if (promised.size < majority) {
      return {
        kind: 'again',
        because: `${promised.size} of ${acceptors.length} stores accepted; ${failures.join('; ')}`,
      };
    }
    return { ballot: { counter: from.ballot.counter + 1, proposer: options.proposer }, value: next, promised };
  }

  return {
    leads: () => lead !== null,
    async propose(id, apply) {
      const cached = lead;
      lead = null;
      const from = cached ?? (await prepare());
      if ('kind' in from) return from;
      const current = from.value === null ? null : parse(from.value.value);
      const mine = from.value?.changes.includes(id) ?? false;
      const change: Change<T> = mine && current !== null ? { kind: 'to', value: current } : apply(current);
      if (change.kind === 'refuse') {
        // What a cached lead shows may be old: refuse only what a majority has just shown.
        return cached ? { kind: 'again', because: change.because } : { kind: 'refused', because: change.because };
      }
      const next = mine && from.value ? from.value : withChange(change.value, id, from.value);
      const outcome = await accept(from, next);
      if ('kind' in outcome) return outcome;
      lead = outcome;
      return { kind: 'committed', value: change.value };
    },
  };
}

function highestAccepted(seen: Seen[]): RegisterValue | null {
  let best: Cell | null = null;
  for (const { cell } of seen) {
    if (cell?.accepted && (!best?.accepted || compareBallots(cell.accepted, best.accepted) > 0)) best = cell;
  }
  return best ? RegisterValue.parse(best.value) : null;
}
