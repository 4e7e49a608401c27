// take_authority: becomes the writer, once the old writer is fenced or its lease has stood still long enough.

import type { Takeable } from '../../authority/lease-watch.ts';
import type { Register } from '../../authority/register.ts';
import { takeAuthority } from '../../authority/situation-changes.ts';
import type { JournalEvent } from '../../model/journal.ts';
import type { Run, Step } from '../../model/run.ts';
import type { Heartbeat, Override, Situation } from '../../model/situation.ts';
import type { Strategy } from '../../model/strategy.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import type { DatabaseHealth, LeaseGuard, Promotion } from '../../ports/database.ts';
import type { Executor, Observed } from '../executor.ts';
import type { OpeningNote } from '../opening-note.ts';

type Deps = {
  strategy: Strategy;
  /** Who this process is, as the steps that it does say it. */
  by: string;
  register: Register<Situation>;
  chance: Chance;
  clock: Clock;
  /** What this process has itself seen of the lease. */
  mayTake: (situation: Situation) => Takeable;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  /** This site's own database; null where it has none. */
  taker: Taker | null;
};

export type Taker = { guard: LeaseGuard; health: DatabaseHealth; promotion: Promotion; opening: OpeningNote };

/** How long one look at a planned move waits for the last heartbeat: to say that it is not there costs the register a write. */
const arrivesSeconds = 2;
const arrivesPollSeconds = 0.05;

export function createTakeAuthority(deps: Deps): Executor<'take_authority'> {
  const { strategy, by, register, chance, clock, mayTake, journal, taker } = deps;
  /** A swap of this process of which nobody knows whether it was committed. */
  let inDoubt: { run: string; epoch: number; because: string } | null = null;

  /** Once: whoever finds its own swap committed after all says so, and the journal misses no change of the role. */
  function tellIfOurs({ run, writer, epoch }: Situation, step: Step): void {
    const doubt = inDoubt;
    if (!doubt || doubt.run !== run?.id || doubt.epoch !== epoch) return;
    inDoubt = null;
    if (run.steps.find(({ id }) => id === step.id)?.by !== by) return;
    void journal({ kind: 'authority-taken', writer, epoch, because: doubt.because }, epoch);
  }

  /** Of the situation after the role was taken: what a person had to allow for it, under a guard that only observes. */
  function overrideUsed({ overrides, previous }: Situation): Override | undefined {
    if (strategy.authority.guard !== 'observe' || previous?.fenced !== null) return undefined;
    return overrides.find((one) => one.what === 'authority');
  }

  /** Null when everything of the fenced epoch is here; else what is missing. */
  async function missing({ lease }: Situation): Promise<string | null> {
    const last = lease.fenced?.heartbeat;
    if (!lease.fenced) return 'the writer has not handed over yet';
    if (!last || !taker) return 'the fence tells no heartbeat, so that nobody can say whether everything has arrived';
    const until = clock.elapsedSeconds() + arrivesSeconds;
    for (;;) {
      const { applied } = await taker.health.standby();
      if (hasArrived(applied, last)) return null;
      if (clock.elapsedSeconds() >= until)
        return `heartbeat ${last.number} of epoch ${last.epoch}, the last, has not arrived; ${applied ? `${applied.number} of epoch ${applied.epoch} has` : 'none has'}`;
      await clock.sleep(arrivesPollSeconds);
    }
  }

  /** Never by waiting a lease out: a planned move takes the role when nothing can be missing, or not at all. */
  async function observePlanned(situation: Situation): Promise<Observed> {
    const because = await missing(situation);
    return because === null ? { kind: 'to-do' } : { kind: 'waiting', blocker: because };
  }

  async function handedOver(situation: Situation): Promise<boolean> {
    const last = situation.lease.fenced?.heartbeat ?? null;
    if (!last || !taker) return false;
    return hasArrived((await taker.health.standby()).applied, last);
  }

  return {
    attemptSeconds: 15,
    patienceSeconds: 1800,
    claims: false,
    async observe({ situation, run, step, action }) {
      if (situation.writer === action.site && situation.epoch > run.epochBefore) {
        tellIfOurs(situation, step);
        const detail = `${action.site} is the writer at epoch ${situation.epoch}`;
        const used = overrideUsed(situation);
        return used ? { kind: 'done', detail, overrideUsed: used } : { kind: 'done', detail };
      }
      if (situation.epoch !== run.epochBefore) {
        return {
          kind: 'refused',
          because: `the run was opened at epoch ${run.epochBefore}, it is epoch ${situation.epoch} now`,
        };
      }
      if (run.handOver) return observePlanned(situation);
      const observing = strategy.authority.guard === 'observe' && !situation.lease.fenced;
      if (observing && !situation.overrides.some((one) => one.what === 'authority')) {
        return {
          kind: 'waiting',
          blocker:
            'authority.guard is `observe`: the old writer may still accept writes. `causeway override authority` by a person who has made sure that it does not',
        };
      }
      const may = mayTake(situation);
      if (may.kind === 'yes') return { kind: 'to-do' };
      // So that the promotion need not see for itself, once the role is taken, that nothing more arrives.
      await taker?.promotion.watch().catch(() => undefined);
      const { ttlSeconds, marginSeconds } = strategy.authority;
      return {
        kind: 'waiting',
        blocker: `the lease of epoch ${situation.epoch}, renewal ${situation.lease.renewal}, must stand still for ${ttlSeconds + marginSeconds} s, or the old writer be fenced`,
      };
    },
    async swap({ situation, run, step, action }, handOn) {
      const may = mayTake(situation);
      if (may.kind !== 'yes') throw new Error(`may not take the role: ${may.because}`);
      const arrived = await handedOver(situation);
      if (run.handOver && !arrived) throw new Error('may not take the role: the last heartbeat has not arrived');
      // Read before the swap is visible to anyone: the swap is then as good as a renewal, and the database can be opened on it.
      const readAtSeconds = clock.elapsedSeconds();
      // A role that was handed over is renewed before it opens: so it can be known that it did not.
      const reading = taker && !arrived ? (await taker.guard.beat(situation.epoch + 1)).clock : null;
      let taken = false;
      const result = await register.change(chance.id(), (current) => {
        const because = current && noLongerAsked(current, run, step);
        if (because) return { kind: 'refuse', because };
        const change = takeAuthority(action.site, may.seen, arrived)(current);
        // Taken already, by another process or by a try of ours whose answer was lost: then nothing may rest on this reading.
        taken = change.kind === 'to' && change.value.epoch !== current?.epoch;
        if (change.kind === 'refuse' || !taken) return change;
        const used = overrideUsed(change.value);
        const detail = `${action.site} is the writer at epoch ${change.value.epoch}`;
        return { kind: 'to', value: handOn(change.value, used ? { detail, overrideUsed: used } : { detail }) };
      });
      inDoubt = result.kind === 'unknown' ? { run: run.id, epoch: situation.epoch + 1, because: may.because } : null;
      if (result.kind !== 'committed') throw new Error(`taking the role: ${result.because}`);
      const { writer, epoch, lease } = result.value;
      if (taken && reading !== null && epoch === situation.epoch + 1)
        taker?.opening.note({ epoch, renewal: lease.renewal, clock: reading }, readAtSeconds);
      void journal({ kind: 'authority-taken', writer, epoch, because: may.because }, epoch);
      return result.value;
    },
  };
}

function hasArrived(applied: Heartbeat | null, last: Heartbeat): boolean {
  if (!applied || applied.epoch < last.epoch) return false;
  return applied.epoch > last.epoch || applied.number >= last.number;
}

/** Judged in the swap itself: a run that was given up or paused between the last look and the swap takes nothing. */
function noLongerAsked(current: Situation, run: Run, step: Step): string | null {
  if (current.paused) return `${current.paused.by} has paused automation`;
  const asked =
    current.run?.id === run.id && current.run.steps.some(({ id, status }) => id === step.id && status !== 'failed');
  return asked || current.writer === run.target ? null : `the run ${run.id} does not ask for the role any more`;
}
