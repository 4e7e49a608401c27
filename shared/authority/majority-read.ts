// Reading without writing: the value is what a majority holds under the same accepted ballot.
import { type Acceptor, describe, type Seen } from './acceptor.ts';
import { sameBallot } from './ballot.ts';
import { RegisterValue } from './register-value.ts';

export type MajorityRead =
  /** `preparing`: who has been promised a ballot at a store that answered, and has not used it yet. */
  | { kind: 'agreed'; held: RegisterValue; preparing: string[] }
  | { kind: 'empty' }
  /** A majority answered, but no ballot has a majority yet: a change is under way, or died half-way. */
  | { kind: 'split'; because: string }
  | { kind: 'unreachable'; because: string };

/** Asks all stores at once and answers as soon as a majority agrees. */
export function readMajority(acceptors: Acceptor[]): Promise<MajorityRead> {
  const majority = Math.floor(acceptors.length / 2) + 1;
  const seen: Seen[] = [];
  const failures: string[] = [];
  return new Promise((resolve) => {
    function settle() {
      const agreed = seen.find((one) => seen.filter((other) => holdsTheSame(one, other)).length >= majority);
      if (agreed) {
        const accepted = agreed.cell?.accepted ?? null;
        resolve(
          accepted === null
            ? { kind: 'empty' }
            : { kind: 'agreed', held: RegisterValue.parse(agreed.cell?.value), preparing: seen.flatMap(preparingAt) },
        );
      } else if (seen.length + failures.length === acceptors.length) {
        resolve(
          seen.length >= majority
            ? { kind: 'split', because: 'no ballot is held by a majority of the stores' }
            : {
                kind: 'unreachable',
                because: `${seen.length} of ${acceptors.length} stores answered: ${failures.join('; ')}`,
              },
        );
      }
    }
    for (const acceptor of acceptors) {
      acceptor.read().then(
        (one) => {
          seen.push(one);
          settle();
        },
        (error) => {
          failures.push(describe(error));
          settle();
        },
      );
    }
  });
}

function holdsTheSame(a: Seen, b: Seen): boolean {
  return sameBallot(a.cell?.accepted ?? null, b.cell?.accepted ?? null);
}

/** An accept promises its own proposer's next ballot: only a promise that is not of that kind is a change under way. */
function preparingAt({ cell }: Seen): string[] {
  if (!cell) return [];
  const { promised, accepted } = cell;
  const leads = accepted?.proposer === promised.proposer && accepted.counter + 1 === promised.counter;
  return leads ? [] : [promised.proposer];
}
