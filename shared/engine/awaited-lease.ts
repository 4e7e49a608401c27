// The wait for a lease that an open run asks for: when it ends, and keeping the register free for the swap that takes the role.
import type { Takeable } from '../authority/lease-watch.ts';
import type { Register } from '../authority/register.ts';
import type { SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';
import type { Clock } from '../ports/clock.ts';
import { isOver } from './run-changes.ts';

export type AwaitedLease = {
  /** Seconds until this site may take the role that its open run asks for; null: it waits for none, or may take it already. */
  untilTakeable(situation: Situation): number | null;
  /**
   * The register for whatever can wait. A store that takes one write a second makes the next write wait out the one before: in the last moments
   * of a lease nothing is written but the swap that takes the role.
   */
  patient(register: Register<Situation>): Register<Situation>;
};

type Deps = {
  site: SiteName;
  clock: Clock;
  latest: () => Situation | null;
  mayTake: (situation: Situation) => Takeable;
};

/** A write that is begun earlier than this has ended, and the store has rested, when the lease is void. */
const quietSeconds = 2;
/** How long what can wait lets the swap go first once the lease is void: it may wait for leave, and must not hold up the rest. */
const goesFirstSeconds = 2;
const pollSeconds = 0.05;

export function createAwaitedLease({ site, clock, latest, mayTake }: Deps): AwaitedLease {
  /** Since when this process has known that the role can be taken. */
  let free: { epoch: number; sinceSeconds: number } | null = null;

  function asksFor({ run, epoch, paused }: Situation): boolean {
    return (
      run !== null &&
      run.handOver === null &&
      paused === null &&
      run.epochBefore === epoch &&
      run.steps.some((step) => step.action.kind === 'take_authority' && step.onlyAt === site && !isOver(step))
    );
  }

  function untilTakeable(situation: Situation): number | null {
    if (!asksFor(situation)) return null;
    const may = mayTake(situation);
    return may.kind === 'not-yet' ? may.waitSeconds : null;
  }

  /** Until when what can wait lets the swap go first, on this process's clock; null: it need not. */
  function heldUntil(situation: Situation): number | null {
    if (!asksFor(situation)) return null;
    const now = clock.elapsedSeconds();
    const may = mayTake(situation);
    if (may.kind === 'not-yet') return may.waitSeconds > quietSeconds ? null : now + may.waitSeconds + goesFirstSeconds;
    if (free?.epoch !== situation.epoch) free = { epoch: situation.epoch, sinceSeconds: now };
    return free.sinceSeconds + goesFirstSeconds;
  }

  async function untilTaken(): Promise<void> {
    for (;;) {
      const situation = latest();
      const until = situation && heldUntil(situation);
      if (until === null || clock.elapsedSeconds() >= until) return;
      await clock.sleep(pollSeconds);
    }
  }

  return {
    untilTakeable,
    patient: (register) => ({
      ...register,
      change: async (id, apply) => {
        await untilTaken();
        return register.change(id, apply);
      },
    }),
  };
}
