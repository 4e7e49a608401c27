// The recorder: gathers step results and writes them to the register in batches, then to the journal.
import type { Register } from '../authority/register.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { Run } from '../model/run.ts';
import type { Override, Situation } from '../model/situation.ts';
import type { Chance } from '../ports/clock.ts';
import { closeRun, endOf, recordSteps, type StepRecord } from './run-changes.ts';

export type Recorder = {
  /** Resolves when the record is committed, or when nobody knows: the step is then observed again later. */
  record(runId: string, record: StepRecord): Promise<void>;
  /** Journals what a step's own swap has committed. */
  swapped(situation: Situation, runId: string, stepId: string, overrideUsed: Override | null): Promise<void>;
  /** Journals a run that has ended, and then takes it out of the situation. Done twice, it is journaled twice and closed once. */
  close(ended: Run): Promise<void>;
};

type Deps = {
  register: Register<Situation>;
  chance: Chance;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  /** The situation after a commit, so that the next decision needs no new read. */
  onCommitted: (situation: Situation) => void;
  /** Tells people what a run has come to. Must not throw for who is told. */
  onEnded: (run: Run) => Promise<void>;
};

export function createRecorder(deps: Deps): Recorder {
  let waiting: { runId: string; record: StepRecord }[] = [];
  let writing: Promise<void> | null = null;
  const closing = new Set<string>();

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const runId = waiting[0]?.runId ?? '';
      const batch = waiting.filter((one) => one.runId === runId).map((one) => one.record);
      waiting = waiting.filter((one) => one.runId !== runId);
      await commit(runId, batch);
    }
  }

  async function commit(runId: string, batch: StepRecord[]): Promise<void> {
    const result = await deps.register.change(deps.chance.id(), recordSteps(runId, batch));
    if (result.kind !== 'committed') {
      await deps.journal({ kind: 'trouble-met', where: 'recording steps', message: result.because }, null);
      return;
    }
    deps.onCommitted(result.value);
    await follow(result.value, runId, batch);
  }

  async function follow(
    { run, epoch }: Situation,
    runId: string,
    batch: Pick<StepRecord, 'stepId' | 'overrideUsed'>[],
  ): Promise<void> {
    if (run?.id !== runId) return;
    for (const { stepId, overrideUsed } of batch) {
      const step = run.steps.find((one) => one.id === stepId);
      if (step) await deps.journal({ kind: 'step-changed', run: runId, step }, epoch);
      if (overrideUsed)
        await deps.journal({ kind: 'override-used', override: overrideUsed, usedBy: `${runId}/${stepId}` }, epoch);
    }
    const ended = endOf(run);
    if (ended) await close(ended, epoch);
  }

  async function close(ended: Run, epoch: number | null): Promise<void> {
    if (closing.has(ended.id)) return;
    closing.add(ended.id);
    try {
      await deps.journal({ kind: 'run-ended', run: ended }, epoch);
      await deps.onEnded(ended);
      const result = await deps.register.change(deps.chance.id(), closeRun(ended.id));
      if (result.kind === 'committed') deps.onCommitted(result.value);
      else await deps.journal({ kind: 'trouble-met', where: 'closing a run', message: result.because }, epoch);
    } finally {
      closing.delete(ended.id);
    }
  }

  return {
    record(runId, record) {
      waiting.push({ runId, record });
      writing ??= write().finally(() => {
        writing = null;
      });
      return writing;
    },
    swapped: (situation, runId, stepId, overrideUsed) => follow(situation, runId, [{ stepId, overrideUsed }]),
    close: (ended) => close(ended, null),
  };
}
