// The register's history is one chain, no committed version is lost, and epochs never fall: every value that was ever decided is known here.
import { type Cell, compareBallots } from '../../../shared/authority/ballot.ts';
import { registerKey } from '../../../shared/engine/situation-register.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import type { World } from '../world.ts';

export type History = {
  look(): void;
  /** The site that a decided value gave the epoch to. */
  writerOf(epoch: number): string | null;
  /** Told of every decided value that gives the role to another site, at the instant at which it is decided. */
  onTaken(told: (from: Situation, to: Situation) => void): void;
  /** The value that was decided last. */
  latest(): Situation;
};

/** As the register's own schemas have it, and not parsed by them again: this is looked at after every write. */
type Written = Cell & { value: { value: Situation; changes: string[] } };

/** The head of a cell as the acceptors spell it: what it has accepted, and where its value begins. */
const head = /^\{"schema":1,"promised":\{[^{}]*\},"accepted":(null|\{[^{}]*\}),"value":/;

type Decided = { counter: number; proposer: string; changes: string[]; situation: Situation };

/**
 * A value is decided when a majority of the stores has accepted it under one ballot, whether or not at the same time. The change ids that
 * travel in the value say what it was made from.
 */
export function watchRegister(world: Omit<World, 'history'>): History {
  const buckets = [...world.estate.storage.buckets.values()];
  const majority = Math.floor(buckets.length / 2) + 1;
  const seen: unknown[] = buckets.map(() => null);
  const accepted = new Map<string, { stores: Set<number>; change: string | undefined; value: string }>();
  const writers = new Map<number, string>();
  const told: ((from: Situation, to: Situation) => void)[] = [];
  let last: Decided | null = null;

  function decide(next: Decided): void {
    const { situation } = next;
    // A store that was left out may accept an earlier ballot late: it is decided then, and must be what the later one was made from.
    const isLate = last !== null && compareBallots(next, last) < 0;
    const wrong = last && (isLate ? judge(next, last) : judge(last, next));
    if (wrong) world.fail(wrong.invariant, wrong.because);
    if (isLate) return;
    const known = writers.get(situation.epoch);
    if (known !== undefined && known !== situation.writer) {
      world.fail(
        'an epoch has one writer',
        `epoch ${situation.epoch} was given to ${known}, and to ${situation.writer}`,
      );
    }
    writers.set(situation.epoch, situation.writer);
    if (last) tell(last.situation, situation);
    last = next;
  }

  function tell(before: Situation, after: Situation): void {
    const { coverage, trace } = world;
    if (after.epoch > before.epoch && after.writer !== before.writer) {
      for (const one of told) one(before, after);
      if (before.run?.handOver) coverage.switchovers += 1;
      coverage.takeovers += 1;
      if (after.writer === world.sites[0]) coverage.returns += 1;
      trace.say(`${after.writer} is the writer at epoch ${after.epoch}, ${before.writer} was at ${before.epoch}`);
    } else if (after.epoch > before.epoch) {
      coverage.takeBacks += 1;
      trace.say(`${after.writer} has taken its role back at epoch ${after.epoch}`);
    }
    if (after.run && after.run.id !== before.run?.id) coverage.runs += 1;
  }

  function note(
    index: number,
    ballot: string,
    value: string,
    { accepted: by, value: { value: situation, changes } }: Written,
  ): void {
    const change = changes.at(-1);
    const known = accepted.get(ballot) ?? { stores: new Set(), change, value };
    accepted.set(ballot, known);
    if (known.change !== change) {
      world.fail('a ballot serves one value', `${ballot} was accepted with ${known.change}, and with ${change}`);
    }
    if (!by || known.stores.has(index) || known.stores.add(index).size !== majority) return;
    decide({ ...by, changes, situation });
  }

  return {
    look() {
      for (const [index, bucket] of buckets.entries()) {
        const object = bucket.objects.get(registerKey);
        if (object === seen[index] || !object) continue;
        seen[index] = object;
        const [prefix = '', ballot = 'null'] = head.exec(object.body) ?? [];
        if (!prefix) throw new Error(`the register's cell is spelled otherwise: ${object.body.slice(0, 200)}`);
        if (ballot === 'null') continue;
        const value = object.body.slice(prefix.length, object.body.lastIndexOf(',"nonce":'));
        const known = accepted.get(ballot);
        // The same once more, or with a promise: most writes of the register are that, and are not read any further.
        if (known?.value === value && (known.stores.has(index) || known.stores.size + 1 !== majority)) {
          known.stores.add(index);
          continue;
        }
        const cell: Written = JSON.parse(object.body);
        note(index, ballot, value, cell);
      }
    },
    onTaken: (one) => {
      told.push(one);
    },
    writerOf: (epoch) => writers.get(epoch) ?? null,
    latest: () => {
      if (!last) throw new Error('nothing was ever decided');
      return last.situation;
    },
  };
}

function judge(before: Decided, after: Decided): { invariant: string; because: string } | null {
  const about = `version ${before.situation.version} (${before.counter}/${before.proposer}), then ${after.situation.version} (${after.counter}/${after.proposer})`;
  const link = after.changes.indexOf(before.changes.at(-1) ?? '');
  const inherited = after.changes.slice(0, link + 1);
  const isChain = link >= 0 && inherited.every((id, index) => before.changes.at(index - inherited.length) === id);
  if (!isChain)
    return { invariant: 'the register is one chain, and no version is lost', because: `not made from it: ${about}` };
  if (after.situation.epoch < before.situation.epoch) return { invariant: 'epochs never fall', because: about };
  if (after.situation.version < before.situation.version) return { invariant: 'versions never fall', because: about };
  return null;
}
