// The renewer: keeps the writer's lease alive, beat by beat, and shuts its own database when the role has gone elsewhere.
import type { Register } from '../authority/register.ts';
import { asksForRole, renewLease, returnRole, takeBack, wasGivenUp } from '../authority/situation-changes.ts';
import { mayHandOver } from '../decision/switchover.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { SiteName } from '../model/site.ts';
import { handedOverInVain, type Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Fencing, LeaseGuard } from '../ports/database.ts';
import type { SituationView } from './situation-view.ts';
import { fenceDeadlineSeconds, type YieldRole } from './yield-role.ts';

export type Beat =
  | { kind: 'renewed'; renewal: number; remainingSeconds: number }
  | { kind: 'left-to-another'; because: string }
  | { kind: 'fenced'; because: string }
  | { kind: 'standing-by' }
  /** The lease was not renewed, or nobody knows: what that means for the database is the guard's to say. */
  | { kind: 'not-renewed'; because: string };

export type Renewer = { beat(): Promise<Beat> };

type Deps = {
  strategy: Strategy;
  site: SiteName;
  by: string;
  register: Register<Situation>;
  view: SituationView;
  guard: LeaseGuard;
  fencing: Fencing;
  yieldRole: YieldRole;
  clock: Clock;
  chance: Chance;
  /** Whether this process acts for the site; the others renew only when the lease is in danger. */
  isOurTurn: () => boolean;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
};

export function createRenewer(deps: Deps): Renewer {
  const { strategy, site, guard, fencing, register, chance } = deps;
  let known: { epoch: number; renewal: number; risenSeconds: number } | null = null;

  /**
   * Another renewer of this site is at work: the number has risen since we looked last, and not by us; or it is another's turn, and
   * the number has risen within half a TTL. Two renewers at once would only fight for the register.
   */
  function othersAreAtWork({ epoch, lease }: Situation): boolean {
    const nowSeconds = deps.clock.elapsedSeconds();
    const risen = known !== null && (known.epoch !== epoch || lease.renewal > known.renewal);
    if (risen || known === null) known = { epoch, renewal: lease.renewal, risenSeconds: nowSeconds };
    const lately = nowSeconds - known.risenSeconds < strategy.authority.ttlSeconds / 2;
    return risen || (!deps.isOurTurn() && lately);
  }

  /** A number that rises in the register proves nothing of the guard: who raises it may not reach the database any more. */
  async function leaseIsWell({ epoch }: Situation): Promise<boolean> {
    const state = await guard.state();
    // Until the promotion opens the database, the lease lives in the register alone.
    return state.epoch < epoch || state.remainingSeconds > strategy.authority.ttlSeconds / 2;
  }

  async function renew(situation: Situation): Promise<Beat> {
    const { epoch } = situation;
    const state = await guard.state();
    // Who fenced it died before saying so: until that is said, nobody can renew, take the role at once, or take it back.
    if (state.fencedEpoch >= epoch) return leave(situation, `epoch ${epoch} had been fenced, and nobody had said so`);
    const opensFirst = state.epoch < epoch && hasEverything(situation, site, state.epoch);
    // The role is held, and the promotion has not opened the database yet: the lease lives in the register alone.
    const held = state.epoch < epoch && !opensFirst;
    const pulse = held ? null : await guard.beat(epoch);
    const result = await register.change(chance.id(), renewLease(site, epoch, pulse?.heartbeat ?? null));
    if (result.kind !== 'committed') return { kind: 'not-renewed', because: result.because };
    deps.view.note(result.value);
    const { renewal } = result.value.lease;
    known = { epoch, renewal, risenSeconds: deps.clock.elapsedSeconds() };
    if (!pulse) return { kind: 'renewed', renewal, remainingSeconds: 0 };
    const { ttlSeconds } = strategy.authority;
    const answer = opensFirst
      ? await guard.open(epoch, renewal, pulse.clock, ttlSeconds)
      : await guard.renew(epoch, renewal, pulse.clock, ttlSeconds);
    if (answer.kind === 'refused') return { kind: 'not-renewed', because: `the database refused: ${answer.because}` };
    return { kind: 'renewed', renewal, remainingSeconds: answer.remainingSeconds };
  }

  /** A run takes the role away: fence first and say so, which spares the taker the wait. */
  async function leave({ epoch }: Situation, because: string): Promise<Beat> {
    const yielded = await deps.yieldRole(epoch, because);
    return { kind: yielded.kind === 'said' ? 'fenced' : 'not-renewed', because: yielded.because };
  }

  /** This site handed its role over, and who took it was lost before it opened: nobody else has written since, and nobody else will. */
  async function takeReturn(situation: Situation): Promise<Beat> {
    const { writer, run, paused } = situation;
    const may = deps.view.mayTake(situation, false);
    if (run || paused || may.kind !== 'yes') return standBy(situation);
    const result = await register.change(chance.id(), returnRole(site, may.seen));
    if (result.kind !== 'committed')
      return { kind: 'not-renewed', because: `the role did not come back: ${result.because}` };
    deps.view.note(result.value);
    const { epoch } = result.value;
    const because = `${writer} took the role that was handed over, and was lost before it opened its database: ${may.because}`;
    await deps.journal({ kind: 'authority-taken', writer: site, epoch, because }, epoch);
    return renew(result.value);
  }

  /** Deposed: whatever this database still allows is of an epoch that is over. */
  async function standBy(situation: Situation): Promise<Beat> {
    const state = await guard.state();
    if (state.epoch === 0 || state.fencedEpoch >= state.epoch) return { kind: 'standing-by' };
    await fencing.fence(state.epoch, fenceDeadlineSeconds);
    return fenced(
      state.epoch,
      `epoch ${state.epoch} is over: ${situation.writer} is the writer at epoch ${situation.epoch}`,
    );
  }

  /** Fenced for a run that is over and took nothing: nobody else will write, so that this site does again, at the next epoch. */
  async function takeBackOrStay(situation: Situation, fencedBy: string): Promise<Beat> {
    const { epoch, run, paused } = situation;
    const stays: Beat = { kind: 'fenced', because: `epoch ${epoch} was fenced by ${fencedBy}` };
    if ((paused && !wasGivenUp(situation)) || (run && asksForRole(run, site))) return stays;
    const state = await guard.state();
    const result = await register.change(chance.id(), takeBack(site, epoch, state.epoch));
    if (result.kind !== 'committed') return { ...stays, because: `${stays.because}, and stays so: ${result.because}` };
    deps.view.note(result.value);
    const because = `the run that epoch ${epoch} was fenced for has ended without taking the role`;
    await deps.journal(
      { kind: 'authority-taken', writer: site, epoch: result.value.epoch, because },
      result.value.epoch,
    );
    return renew(result.value);
  }

  async function fenced(epoch: number, because: string): Promise<Beat> {
    await deps.journal({ kind: 'writer-fenced', site, epoch, because }, epoch);
    return { kind: 'fenced', because };
  }

  return {
    async beat() {
      const read = await deps.view.read();
      if (read.kind === 'empty')
        return { kind: 'not-renewed', because: 'the register was never written: `causeway init`' };
      if (read.kind === 'unknown') return { kind: 'not-renewed', because: read.because };
      const situation = read.value;
      if (situation.writer !== site)
        return handedOverInVain(situation, site) ? takeReturn(situation) : standBy(situation);
      if (situation.lease.fenced) return takeBackOrStay(situation, situation.lease.fenced.by);
      if (isLeaving(situation, site)) return leave(situation, `the run ${situation.run?.id} takes the role elsewhere`);
      if (othersAreAtWork(situation) && (await leaseIsWell(situation)))
        return { kind: 'left-to-another', because: `renewal ${situation.lease.renewal} was made by another keeper` };
      return renew(situation);
    },
  };
}

/** Its database may be opened without a promotion: it is the first writer, or it was the writer before and nobody else has written since. */
function hasEverything({ previous }: Situation, site: SiteName, openedEpoch: number): boolean {
  return previous === null || (previous.writer === site && previous.epoch === openedEpoch);
}

/** The open run gives the role to another site and has not done so yet. A planned move has its moment: no sooner than capacity is ready. */
function isLeaving({ run, epoch, paused }: Situation, site: SiteName): boolean {
  return run !== null && paused === null && run.epochBefore === epoch && asksForRole(run, site) && mayHandOver(run);
}
