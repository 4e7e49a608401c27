// The register: one small value that a majority of stores agrees on, changed only by compare-and-swap.
// Scheme: CASPaxos (Denis Rystsov, "CASPaxos: Replicated State Machines without logs", 2018, arXiv:1802.07000), single decree, each
// acceptor being one object with conditional writes. The accept also promises the proposer's next ballot, so that who won last
// may skip prepare: a lease renewal is then one write per store.
import type { Chance, Clock } from '../ports/clock.ts';
import type { Change, ChangeResult } from './change.ts';
import { type MajorityRead, readMajority } from './majority-read.ts';
import { type Again, createProposer, type Proposer, type ProposerOptions } from './proposer.ts';

export type ReadResult<T> =
  | { kind: 'value'; value: T }
  /** A majority says that the register was never written. */
  | { kind: 'empty' }
  /** `split`: the stores answer, and no ballot is held by a majority: a change is under way, or its proposer has died. */
  | { kind: 'unknown'; because: string; split: boolean };

export type Register<T> = {
  /** The value that a majority holds. Never throws for stores that do not answer: that is `unknown`. */
  read(): Promise<ReadResult<T>>;
  /**
   * Decides what a proposer that died between its accepts has left, by an identity change. It gets in the way of a proposer that is
   * merely slow, so that only who acts for a site calls it, after a read that said `split`.
   */
  finish(): Promise<ReadResult<T>>;
  /**
   * Applies a pure function to the current value (null: never written) and commits what it answers.
   * The function may run several times, on newer values; `id` names this change, so that it is applied once.
   */
  change(id: string, apply: (current: T | null) => Change<T>): Promise<ChangeResult<T>>;
};

export type RegisterOptions<T> = ProposerOptions<T> & {
  clock: Clock;
  /** How long one read or change may go on before its outcome is unknown. */
  deadlineSeconds: number;
};

/** How long a read waits for a change that is under way: it takes seconds where a store takes one write a second. */
const underWaySeconds = 4;
/** About how long a change waits for another's that is under way: accept follows prepare after a second where a store throttles. */
const courtesySeconds = 2;

/** Creates a client of the register. At least three acceptors in three failure domains make it survive the loss of one. */
export function createRegister<T>(options: RegisterOptions<T>): Register<T> {
  const { acceptors, clock, chance, deadlineSeconds } = options;
  if (acceptors.length === 0) throw new Error('a register needs at least one store');
  const parse = parseOnce(options.parse);
  const proposer: Proposer<T> = createProposer({ ...options, parse });
  // One change at a time in one process: two loops of a keeper would only fight each other for ballots.
  let tail: Promise<unknown> = Promise.resolve();
  let underWay = 0;

  function inTurn<R>(work: () => Promise<R>): Promise<R> {
    underWay += 1;
    const turn = tail.then(work, work).finally(() => {
      underWay -= 1;
    });
    tail = turn.catch(() => undefined);
    return turn;
  }

  async function change(id: string, apply: (current: T | null) => Change<T>): Promise<ChangeResult<T>> {
    const until = clock.elapsedSeconds() + deadlineSeconds;
    for (let attempt = 0; ; attempt++) {
      const hopeless = proposer.leads() ? null : await lookFirst(id, apply);
      if (hopeless) return hopeless;
      const result = await propose(id, apply);
      if (result.kind !== 'again') return result;
      const wait = backOffSeconds(attempt, chance);
      if (clock.elapsedSeconds() + wait > until) {
        return {
          kind: 'unknown',
          because: `gave up after ${deadlineSeconds} s and ${attempt + 1} tries: ${result.because}`,
        };
      }
      await clock.sleep(wait);
    }
  }

  /** What the lead's memory refuses is read again first: it may be old, and a lead that still stands is not worth losing over it. */
  async function propose(id: string, apply: (current: T | null) => Change<T>): Promise<ChangeResult<T> | Again> {
    const result = await proposer.propose(id, apply);
    if (result.kind !== 'doubtful') return result;
    const refused = refusalOf(await readMajority(acceptors), id, apply);
    if (refused) return refused;
    proposer.forget();
    return { kind: 'again', because: result.because };
  }

  /**
   * Looks before it proposes: a refusal of what a majority holds needs no proposal and disturbs nobody, and another's change that is under
   * way is given time to end, for a promise in between would cost both of them another round.
   */
  async function lookFirst(id: string, apply: (current: T | null) => Change<T>): Promise<ChangeResult<T> | null> {
    const until = clock.elapsedSeconds() + courtesySeconds * (0.5 + chance.fraction());
    for (let attempt = 0; ; attempt++) {
      const seen = await readMajority(acceptors);
      const refused = refusalOf(seen, id, apply);
      if (refused) return refused;
      const underWay =
        seen.kind === 'split' || (seen.kind === 'agreed' && seen.preparing.some((one) => one !== options.proposer));
      const wait = backOffSeconds(Math.min(attempt, 2), chance);
      if (!underWay || clock.elapsedSeconds() + wait > until) return null;
      await clock.sleep(wait);
    }
  }

  function refusalOf(seen: MajorityRead, id: string, apply: (current: T | null) => Change<T>): ChangeResult<T> | null {
    if (seen.kind !== 'agreed' || seen.held.changes.includes(id)) return null;
    const answer = apply(parse(seen.held.value));
    return answer.kind === 'refuse' ? { kind: 'refused', because: answer.because } : null;
  }

  async function read(): Promise<ReadResult<T>> {
    const until = clock.elapsedSeconds() + underWaySeconds;
    for (let attempt = 0; ; attempt++) {
      const seen = await readMajority(acceptors);
      if (seen.kind === 'agreed') return { kind: 'value', value: parse(seen.held.value) };
      if (seen.kind === 'empty') return { kind: 'empty' };
      if (seen.kind === 'unreachable') return { kind: 'unknown', because: seen.because, split: false };
      const wait = backOffSeconds(attempt, chance);
      if (clock.elapsedSeconds() + wait > until) return { kind: 'unknown', because: seen.because, split: true };
      // A split that our own change makes ends with that change.
      await Promise.race([clock.sleep(wait), ...(underWay > 0 ? [tail.then(() => undefined)] : [])]);
    }
  }

  async function finish(): Promise<ReadResult<T>> {
    const result = await inTurn(async () => {
      // What looked like a dead proposer may have been our own change, which has ended since.
      const seen = await readMajority(acceptors);
      if (seen.kind === 'agreed') return { kind: 'committed' as const, value: parse(seen.held.value) };
      return change(`identity-${chance.id()}`, (current) =>
        current === null ? { kind: 'refuse', because: 'empty' } : { kind: 'to', value: current },
      );
    });
    if (result.kind === 'committed') return { kind: 'value', value: result.value };
    if (result.kind === 'refused') return { kind: 'empty' };
    return { ...result, split: true };
  }

  return { read, finish, change: (id, apply) => inTurn(() => change(id, apply)) };
}

/** Full jitter, up to four seconds: two proposers that keep outbidding each other part, also where a write takes a second. */
function backOffSeconds(attempt: number, chance: Chance): number {
  return 0.02 + chance.fraction() * Math.min(0.1 * 2 ** attempt, 4);
}

/** Values are never changed in place, so that one that was found good stays so: what is read stands still most of the time. */
function parseOnce<T>(parse: (value: unknown) => T): (value: unknown) => T {
  const parsed = new WeakMap<object, { value: T }>();
  return (raw) => {
    if (typeof raw !== 'object' || raw === null) return parse(raw);
    const known = parsed.get(raw) ?? { value: parse(raw) };
    parsed.set(raw, known);
    return known.value;
  };
}
