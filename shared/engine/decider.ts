// The decider: evidence of this moment -> fold -> decide -> commit. What is decided is journaled when it changes.
import type { Register } from '../authority/register.ts';
import { type Case, makeCase } from '../decision/case.ts';
import { compileRun } from '../decision/compile-run.ts';
import { type Decision, decide } from '../decision/decide.ts';
import { fold, type SiteAssessment } from '../decision/fold.ts';
import type { Sighting } from '../decision/sighting.ts';
import type { DatabaseView } from '../model/bulletin.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { Run } from '../model/run.ts';
import type { SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import { openRun, overtakeRun } from './run-changes.ts';

export type Evidence = { sightings: Sighting[]; standbys: DatabaseView[] };

export type Decided = { decision: Decision; assessments: Map<SiteName, SiteAssessment>; situation: Situation };

export type Decider = {
  /** Decides on what is known now; who may act also records it, and commits the intent when it is to open a run. */
  decide(situation: Situation, evidence: Evidence, mayAct: boolean): Promise<Decided>;
};

type Deps = {
  strategy: Strategy;
  by: string;
  register: Register<Situation>;
  clock: Clock;
  chance: Chance;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  onCommitted: (situation: Situation) => void;
  /** Tells people what a run has come to. Must not throw for who is told. */
  onEnded: (run: Run) => Promise<void>;
};

export function createDecider(deps: Deps): Decider {
  let lastSaid = '';

  /** Doing nothing is a decision too; it is recorded when it begins, and not at every beat that it lasts. */
  async function record(decision: Decision, it: Case): Promise<void> {
    const said = [
      decision.rule,
      it.down?.site,
      it.suspected.map((one) => one.site),
      it.situation.run?.id,
      it.situation.epoch,
    ].join('|');
    if (said === lastSaid) return;
    lastSaid = said;
    const { rule, because, blocked, evidence } = decision;
    await deps.journal(
      { kind: 'decided', rule, because, blockedBy: blocked?.by ?? null, unblock: blocked?.unblock ?? null, evidence },
      it.situation.epoch,
    );
  }

  async function open(decision: Extract<Decision, { kind: 'open-run' }>, situation: Situation): Promise<Situation> {
    const run = compileRun(situation, {
      id: `${decision.scenario.name}-e${situation.epoch}-${deps.chance.id().slice(0, 8)}`,
      scenario: decision.scenario,
      target: decision.target,
      because: decision.because,
      evidence: decision.evidence,
      by: deps.by,
      at: deps.clock.now().toISOString(),
    });
    const result = await deps.register.change(
      deps.chance.id(),
      openRun(run, { epoch: situation.epoch, lastRun: situation.lastRun?.id ?? null, uses: decision.uses }),
    );
    if (result.kind !== 'committed') {
      await deps.journal({ kind: 'trouble-met', where: 'opening a run', message: result.because }, situation.epoch);
      return situation;
    }
    deps.onCommitted(result.value);
    await deps.journal({ kind: 'run-opened', run }, situation.epoch);
    for (const override of decision.uses) {
      await deps.journal({ kind: 'override-used', override, usedBy: `opening ${run.id}` }, situation.epoch);
    }
    return result.value;
  }

  /** Journaled before it leaves the situation, as every end of a run is. What is to be done instead is decided at the next look. */
  async function giveWay(situation: Situation): Promise<Situation> {
    const { run, epoch } = situation;
    if (!run) return situation;
    const at = deps.clock.now().toISOString();
    const ended: Run = { ...run, outcome: 'overtaken', endedAt: at };
    await deps.journal({ kind: 'run-ended', run: ended }, epoch);
    const result = await deps.register.change(deps.chance.id(), overtakeRun(run, epoch, at));
    if (result.kind !== 'committed') {
      await deps.journal({ kind: 'trouble-met', where: 'giving way', message: result.because }, epoch);
      return situation;
    }
    deps.onCommitted(result.value);
    await deps.onEnded(ended);
    return result.value;
  }

  return {
    async decide(situation, { sightings, standbys }, mayAct) {
      const assessments = fold(deps.strategy, sightings);
      const it = makeCase(deps.strategy, situation, assessments, standbys, deps.clock.now());
      const decision = decide(it);
      if (!mayAct) return { decision, assessments, situation };
      await record(decision, it);
      const after =
        decision.kind === 'open-run'
          ? await open(decision, situation)
          : decision.kind === 'give-way'
            ? await giveWay(situation)
            : situation;
      return { decision, assessments, situation: after };
    },
  };
}
