// The recorder: gathers step results and writes them to the register in batches, then to the journal.
import type { Register } from '../authority/register.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { Run } from '../model/run.ts';
import type { Situation } from '../model/situation.ts';
import type { Chance } from '../ports/clock.ts';
import { recordSteps, type StepRecord } from './run-changes.ts';

export type Recorder = {
  /** Resolves when the record is committed, or when nobody knows: the step is then observed again later. */
  record(runId: string, record: StepRecord): Promise<void>;
};

type Deps = {
  register: Register<Situation>;
  chance: Chance;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  /** The situation after a commit, so that the next decision needs no new read. */
  onCommitted: (situation: Situation) => void;
};

export function createRecorder(deps: Deps): Recorder {
  let waiting: { runId: string; record: StepRecord }[] = [];
  let writing: Promise<void> | null = null;

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const runId = waiting[0]?.runId ?? '';
      const batch = waiting.filter((one) => one.runId === runId).map((one) => one.record);
      waiting = waiting.filter((one) => one.runId !== runId);
      await commit(runId, batch);
    }
  }

  async function commit(runId: string, batch: StepRecord[]): Promise<void> {
    const endings: Run[] = [];
    const result = await deps.register.change(
      deps.chance.id(),
      recordSteps(runId, batch, (run) => endings.push(run)),
    );
    if (result.kind !== 'committed') {
      await deps.journal({ kind: 'trouble-met', where: 'recording steps', message: result.because }, null);
      return;
    }
    deps.onCommitted(result.value);
    await journalSteps(runId, batch, result.value, endings.at(-1) ?? null);
  }

  async function journalSteps(runId: string, batch: StepRecord[], after: Situation, ended: Run | null): Promise<void> {
    const run = after.run?.id === runId ? after.run : ended;
    for (const record of batch) {
      const step = run?.steps.find((one) => one.id === record.stepId);
      if (step) await deps.journal({ kind: 'step-changed', run: runId, step }, after.epoch);
    }
    if (ended && after.run === null) await deps.journal({ kind: 'run-ended', run: ended }, after.epoch);
  }

  return {
    record(runId, record) {
      waiting.push({ runId, record });
      writing ??= write().finally(() => {
        writing = null;
      });
      return writing;
    },
  };
}
