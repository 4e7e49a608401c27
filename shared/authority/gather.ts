// Asking several stores at once and going on as soon as a majority has said yes.
import { describe } from './acceptor.ts';

/**
 * Calls every member; resolves when `enough` answers satisfy `yes`, or as soon as they cannot any more: who has lost a majority must
 * not wait for a store that is dead before it tries again. Once somebody has said no, nobody waits for those that `isSilent` names: an
 * answer of theirs would be a surprise, and a new try costs less than their time-out.
 * Answers that come later are not waited for: a slow store must not slow a majority.
 */
export function gatherMajority<M extends { name: string; isSilent(): boolean }, R>(
  members: M[],
  enough: number,
  call: (member: M) => Promise<R>,
  yes: (answer: R) => boolean,
): Promise<{ answers: Map<M, R>; failures: string[] }> {
  return new Promise((resolve) => {
    const answers = new Map<M, R>();
    const failures: string[] = [];
    // Before it is asked: a call under way says nothing of the next.
    const open = new Map(members.map((member) => [member, member.isSilent()]));
    let satisfied = 0;
    let settled = false;
    const settle = () => {
      const refused = answers.size > satisfied;
      const awaited = [...open.values()].filter((silent) => !(refused && silent)).length;
      if (settled || (satisfied < enough && satisfied + awaited >= enough && awaited > 0)) return;
      settled = true;
      resolve({ answers: new Map(answers), failures: [...failures] });
    };
    settle();
    for (const member of members) {
      call(member).then(
        (answer) => {
          open.delete(member);
          answers.set(member, answer);
          if (yes(answer)) satisfied += 1;
          settle();
        },
        (error) => {
          open.delete(member);
          failures.push(describe(error));
          settle();
        },
      );
    }
  });
}
