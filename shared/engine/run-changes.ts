// The changes that a run undergoes in the register: opened, steps claimed and recorded, ended. Pure, and safe to apply twice.

import type { Change } from '../authority/change.ts';
import { next, onExisting, refuse, to } from '../authority/situation-changes.ts';
import { mayHandOver, roleHasMoved } from '../decision/switchover.ts';
import type { Run, RunOutcome, Step } from '../model/run.ts';
import type { SiteName } from '../model/site.ts';
import type { Override, Situation } from '../model/situation.ts';

type SituationChange = (current: Situation | null) => Change<Situation>;

/** What the decision rested on: the situation's epoch, the run that had ended last, and the overrides that it needs. */
export type DecidedOn = { epoch: number; lastRun: Run['id'] | null; uses: Override[] };

/**
 * Opens a run decided on `decidedOn`, and uses up the overrides that this needed: refused when the situation has moved on since, so that
 * the case is looked at again.
 */
export function openRun(run: Run, decidedOn: DecidedOn): SituationChange {
  return onExisting((current) => {
    if (current.run?.id === run.id) return to(current);
    if (current.run) return refuse(`the run ${current.run.id} is open already`);
    if (current.paused) return refuse(`${current.paused.by} has paused automation`);
    if (current.epoch !== decidedOn.epoch)
      return refuse(`it is epoch ${current.epoch} now, the decision was made at ${decidedOn.epoch}`);
    if ((current.lastRun?.id ?? null) !== decidedOn.lastRun)
      return refuse(`the run ${current.lastRun?.id} has ended since the decision was made`);
    const used = decidedOn.uses.map(({ id }) => id);
    const gone = used.find((id) => !current.overrides.some((one) => one.id === id));
    if (gone !== undefined) return refuse(`the override ${gone} has been used up already`);
    return to({ ...next(current), run, overrides: current.overrides.filter(({ id }) => !used.includes(id)) });
  });
}

/** Claims a step for one attempt. `seenAttempt` is the attempt that the claimer saw: somebody else's newer claim is not taken over. */
export function claimStep(
  runId: string,
  stepId: string,
  by: string,
  seenAttempt: number,
  deadlineSeconds: number,
  at: string,
): SituationChange {
  return onStep(runId, stepId, (current, step) => {
    if (isOver(step)) return refuse(`step ${stepId} is ${step.status} already`);
    if (current.paused) return refuse(`${current.paused.by} has paused automation`);
    if (step.attempts !== seenAttempt)
      return refuse(`step ${stepId} is at attempt ${step.attempts}, not ${seenAttempt}`);
    return withStep(current, claimed(step, by, deadlineSeconds, at));
  });
}

function claimed(step: Step, by: string, deadlineSeconds: number, at: string): Step {
  const attempts = step.attempts + 1;
  return {
    ...step,
    status: 'claimed',
    attempts,
    claim: { by, attempt: attempts, deadlineSeconds },
    by,
    startedAt: step.startedAt ?? at,
    blocker: null,
  };
}

export type StepRecord = {
  stepId: string;
  status: 'done' | 'failed' | 'refused' | 'unknown' | 'blocked';
  detail: string | null;
  blocker: string | null;
  by: string;
  /** How often the step had been attempted when this was found. Of an older attempt only `done` counts: the world says it, whoever did it. */
  attempts: number;
  at: string;
  /** New shares of traffic that the step has put in force. */
  traffic: Record<SiteName, number> | null;
  overrideUsed: Override | null;
};

/**
 * Writes several results at once, because a bucket takes about one write a second per object. The last result leaves the run where it
 * is: it has ended, and leaves the situation with `closeRun`.
 */
export function recordSteps(runId: string, records: StepRecord[]): SituationChange {
  return onExisting((current) => {
    if (current.run?.id !== runId) return to(current);
    const recorded = records.reduce(applyRecord, current);
    return to(recorded === current ? current : { ...recorded, version: current.version + 1 });
  });
}

/** Takes a run that has ended out of the situation: to be called when the journal has it, so that no death in between loses its story. */
export function closeRun(runId: string): SituationChange {
  return onExisting((current) => {
    if (current.run?.id !== runId) return to(current);
    const ended = endOf(current.run);
    return ended ? to(withoutRun(next(current), ended)) : refuse(`steps of the run ${runId} can still go on`);
  });
}

/** An operator gives a run up. What was done stays done. */
export function abandonRun(runId: string, at: string): SituationChange {
  return onExisting((current) => {
    if (current.run?.id !== runId) return refuse(`the run ${runId} is not open`);
    return to(withoutRun(next(current), { ...current.run, outcome: 'abandoned', endedAt: at }));
  });
}

/**
 * A planned run that a loss has made pointless gives way, as its keepers have journaled it. Refused once it is not the same run any more, or
 * has come further.
 */
export function overtakeRun(run: Run, epoch: number, at: string): SituationChange {
  return onExisting((current) => {
    if (current.run?.id !== run.id) return refuse(`the run ${run.id} is not open`);
    if (current.epoch !== epoch) return refuse(`it is epoch ${current.epoch} now, the decision was made at ${epoch}`);
    return to(withoutRun(next(current), { ...current.run, outcome: 'overtaken', endedAt: at }));
  });
}

/** What a step's own swap says of it, and which steps it claims for whom. */
export type Handing = {
  by: string;
  at: string;
  detail: string;
  overrideUsed: Override | null;
  /** How long one attempt at that step may take; null: it is not claimed. */
  claimSeconds: (step: Step) => number | null;
};

/**
 * Inside of the swap that did a step: it is done, and the steps that waited for nothing else are claimed by who did it, who goes on with them
 * without another write. A step that is over already claims nothing more.
 */
export function handOn(current: Situation, runId: string, stepId: string, handing: Handing): Situation {
  const { by, at, detail, overrideUsed, claimSeconds } = handing;
  const step = current.run?.id === runId ? current.run.steps.find(({ id }) => id === stepId) : undefined;
  if (!step || isOver(step)) return current;
  const record = { stepId, status: 'done' as const, detail, blocker: null, by, attempts: step.attempts, at };
  const done = applyRecord(current, { ...record, traffic: null, overrideUsed });
  const steps = done.run?.steps ?? [];
  const isDone = (id: string) => steps.find((one) => one.id === id)?.status === 'done';
  return steps
    .filter(({ after, status }) => after.includes(stepId) && after.every(isDone) && status === 'pending')
    .reduce((situation, one) => {
      const deadlineSeconds = claimSeconds(one);
      return deadlineSeconds === null ? situation : withStepValue(situation, claimed(one, by, deadlineSeconds, at));
    }, done);
}

/** A fence that the writer's own keeper has said does the planned run's step, whichever of its loops was first. */
export function handedOver(current: Situation, by: string, at: string, detail: string): Situation {
  const { run } = current;
  const step = run?.steps.find(({ action }) => action.kind === 'hand_over');
  if (!run || !step || !mayHandOver(run)) return current;
  // Capacity may have taken long: what comes now has patience of its own.
  const fresh = { ...current, run: { ...run, patientSince: at } };
  return handOn(fresh, run.id, step.id, { by, at, detail, overrideUsed: null, claimSeconds: () => null });
}

export function isOver(step: Step): boolean {
  return step.status === 'done' || step.status === 'failed' || step.status === 'refused';
}

function applyRecord(current: Situation, record: StepRecord): Situation {
  const step = current.run?.steps.find((one) => one.id === record.stepId);
  if (!step || isOver(step)) return current;
  if (record.attempts !== step.attempts && record.status !== 'done') return current;
  // Given up here, and taken elsewhere in the same moment: it is taken.
  if (record.status === 'failed' && step.action.kind === 'take_authority' && current.epoch !== current.run?.epochBefore)
    return current;
  const result = withStepValue(current, {
    ...step,
    status: record.status,
    claim: null,
    by: record.by,
    startedAt: step.startedAt ?? record.at,
    endedAt: record.status === 'blocked' || record.status === 'unknown' ? null : record.at,
    detail: record.detail ?? step.detail,
    blocker: record.blocker,
  });
  return {
    ...result,
    traffic: record.traffic ?? result.traffic,
    overrides: result.overrides.filter((one) => one.id !== record.overrideUsed?.id),
  };
}

/** The run with its outcome when no step of it can go on; null while one can. */
export function endOf(run: Run): Run | null {
  if (!run.steps.every((step) => isOver(step) || neverReachable(step, run.steps))) return null;
  const outcome = outcomeOf(run);
  const endedAt = run.steps.map((step) => step.endedAt ?? run.openedAt).reduce((a, b) => (a > b ? a : b));
  return { ...run, outcome, endedAt };
}

function outcomeOf(run: Run): RunOutcome {
  if (run.steps.every((step) => step.status === 'done')) return 'done';
  return run.handOver && !roleHasMoved(run) ? 'aborted' : 'done-with-failures';
}

/** A step that waits for one that failed can never run. */
function neverReachable(step: Step, all: Step[]): boolean {
  return step.after.some((id) => {
    const before = all.find((one) => one.id === id);
    return (
      before !== undefined && (before.status === 'failed' || before.status === 'refused' || neverReachable(before, all))
    );
  });
}

function withoutRun(current: Situation, run: Run): Situation {
  const { id, scenario, target, outcome, endedAt } = run;
  return {
    ...current,
    run: null,
    lastRun: {
      id,
      scenario,
      target,
      outcome: outcome ?? 'abandoned',
      endedAt: endedAt ?? run.openedAt,
      epoch: current.epoch,
    },
  };
}

function onStep(
  runId: string,
  stepId: string,
  change: (current: Situation, step: Step) => Change<Situation>,
): SituationChange {
  return onExisting((current) => {
    if (current.run?.id !== runId) return refuse(`the run ${runId} is not open`);
    const step = current.run.steps.find((one) => one.id === stepId);
    return step ? change(current, step) : refuse(`the run ${runId} has no step ${stepId}`);
  });
}

function withStep(current: Situation, step: Step): Change<Situation> {
  return to(withStepValue(next(current), step));
}

function withStepValue(current: Situation, step: Step): Situation {
  if (!current.run) return current;
  return {
    ...current,
    run: { ...current.run, steps: current.run.steps.map((one) => (one.id === step.id ? step : one)) },
  };
}
