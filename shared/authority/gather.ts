// Asking several stores at once and going on as soon as a majority has said yes.
import { describe } from './acceptor.ts';

/**
 * Calls every member; resolves when `enough` answers satisfy `yes`, or as soon as they cannot any more: who has lost a majority must
 * not wait for a store that is dead before it tries again.
 * Answers that come later are dropped: a slow store must not slow a majority.
 */
export function gatherMajority<M extends { name: string }, R>(
  members: M[],
  enough: number,
  call: (member: M) => Promise<R>,
  yes: (answer: R) => boolean,
): Promise<{ answers: Map<M, R>; failures: string[] }> {
  return new Promise((resolve) => {
    const answers = new Map<M, R>();
    const failures: string[] = [];
    let satisfied = 0;
    let settled = false;
    const settle = () => {
      const open = members.length - answers.size - failures.length;
      if (settled || (satisfied < enough && satisfied + open >= enough && open > 0)) return;
      settled = true;
      resolve({ answers: new Map(answers), failures: [...failures] });
    };
    settle();
    for (const member of members) {
      call(member).then(
        (answer) => {
          answers.set(member, answer);
          if (yes(answer)) satisfied += 1;
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
