// Keeps a run's checkpoint where the next process finds it, and notices when another process has taken the run.
import { StoreUnavailable } from '../../ports/object-store.ts';
import {
  type Checkpoint,
  type FoundState,
  isWhole,
  type LastRun,
  type ReconcileState,
  readState,
  writeState,
} from './checkpoint.ts';
import type { PairWork } from './pair-work.ts';

export type RunKeeper = {
  /** Whether it is time to `touch` again. */
  isDue(): boolean;
  /** Says where the run stands. False: it is another process's now. A store that does not answer is tried again next time. */
  touch(checkpoint: Checkpoint): Promise<boolean>;
  /** Says how the run ended, and that it is open no more. Throws `StoreUnavailable`. */
  end(last: LastRun, completeAt: string | null): Promise<void>;
};

const TOUCH_SECONDS = 20;

export function createRunKeeper({ store, pair, clock, owner }: PairWork, begun: FoundState): RunKeeper {
  let found = begun;
  let touchedSeconds = clock.elapsedSeconds();

  /** What was written and not answered comes back as a conflict: whose it is, is in it. */
  async function put(run: string, make: (before: ReconcileState) => ReconcileState): Promise<boolean> {
    const written = await writeState(store, pair.name, found, make(found.state));
    if (written !== 'lost') {
      found = written;
      return true;
    }
    const now = await readState(store, pair.name);
    if (now.state.open?.run !== run || now.state.open.owner !== owner) return false;
    const again = await writeState(store, pair.name, now, make(now.state));
    if (again === 'lost') return false;
    found = again;
    return true;
  }

  return {
    isDue: () => clock.elapsedSeconds() - touchedSeconds >= TOUCH_SECONDS,
    async touch(checkpoint) {
      touchedSeconds = clock.elapsedSeconds();
      const open = { ...checkpoint, touchedAt: clock.now().toISOString() };
      const wholeStartedAt = isWhole(open.scope) ? open.startedAt : found.state.wholeStartedAt;
      try {
        return await put(open.run, (before) => ({ ...before, open, wholeStartedAt }));
      } catch (error) {
        if (error instanceof StoreUnavailable) return true;
        throw error;
      }
    },
    async end(last, completeAt) {
      await put(last.run, (before) => ({ ...before, open: null, last, completeAt: completeAt ?? before.completeAt }));
    },
  };
}
