// take_authority: becomes the writer, once the old writer is fenced or its lease has stood still long enough.

import type { Takeable } from '../../authority/lease-watch.ts';
import type { Register } from '../../authority/register.ts';
import { takeAuthority } from '../../authority/situation-changes.ts';
import type { JournalEvent } from '../../model/journal.ts';
import type { Run, Step } from '../../model/run.ts';
import type { Situation } from '../../model/situation.ts';
import type { Strategy } from '../../model/strategy.ts';
import type { Chance } from '../../ports/clock.ts';
import type { Executor } from '../executor.ts';

type Deps = {
  strategy: Strategy;
  register: Register<Situation>;
  chance: Chance;
  /** What this process has itself seen of the lease. */
  mayTake: (situation: Situation) => Takeable;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
};

export function createTakeAuthority({
  strategy,
  register,
  chance,
  mayTake,
  journal,
}: Deps): Executor<'take_authority'> {
  return {
    attemptSeconds: 15,
    patienceSeconds: 1800,
    claims: false,
    async observe({ situation, run, action }) {
      if (situation.writer === action.site && situation.epoch > run.epochBefore) {
        const detail = `${action.site} is the writer at epoch ${situation.epoch}`;
        const used = situation.overrides.find((one) => one.what === 'authority');
        const needed = strategy.authority.guard === 'observe' && situation.previous?.fenced === null;
        return used && needed ? { kind: 'done', detail, overrideUsed: used } : { kind: 'done', detail };
      }
      if (situation.epoch !== run.epochBefore) {
        return {
          kind: 'refused',
          because: `the run was opened at epoch ${run.epochBefore}, it is epoch ${situation.epoch} now`,
        };
      }
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
      const { ttlSeconds, marginSeconds } = strategy.authority;
      return {
        kind: 'waiting',
        blocker: `the lease of epoch ${situation.epoch}, renewal ${situation.lease.renewal}, must stand still for ${ttlSeconds + marginSeconds} s, or the old writer be fenced`,
      };
    },
    async apply({ situation, run, step, action }) {
      const may = mayTake(situation);
      if (may.kind !== 'yes') throw new Error(`may not take the role: ${may.because}`);
      const result = await register.change(chance.id(), (current) => {
        const because = current && noLongerAsked(current, run, step);
        return because ? { kind: 'refuse', because } : takeAuthority(action.site, may.seen)(current);
      });
      if (result.kind !== 'committed') throw new Error(`taking the role: ${result.because}`);
      const { writer, epoch } = result.value;
      await journal({ kind: 'authority-taken', writer, epoch, because: may.because }, epoch);
    },
  };
}

/** Judged in the swap itself: a run that was given up or paused between the last look and the swap takes nothing. */
function noLongerAsked(current: Situation, run: Run, step: Step): string | null {
  if (current.paused) return `${current.paused.by} has paused automation`;
  const asked =
    current.run?.id === run.id && current.run.steps.some(({ id, status }) => id === step.id && status !== 'failed');
  return asked || current.writer === run.target ? null : `the run ${run.id} does not ask for the role any more`;
}
