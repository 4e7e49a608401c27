// Yielding the role: the writer's own database is fenced first, and only then it is said in the register, which spares a taker the wait.
import type { Register } from '../authority/register.ts';
import { recordFence } from '../authority/situation-changes.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Fencing } from '../ports/database.ts';
import { handedOver } from './run-changes.ts';

export type Yielded =
  | { kind: 'said'; situation: Situation; because: string }
  /** The fence stands, and the register does not say so: nobody can renew, and the next try says it. */
  | { kind: 'unsaid'; because: string };

/** Throws `DatabaseUnavailable` when the end of the last writer could not be seen. Safe to run again: a fence stands once. */
export type YieldRole = (epoch: number, because: string) => Promise<Yielded>;

type Deps = {
  site: SiteName;
  by: string;
  register: Register<Situation>;
  fencing: Fencing;
  clock: Clock;
  chance: Chance;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  onCommitted: (situation: Situation) => void;
};

export const fenceDeadlineSeconds = 15;

export function createYieldRole({ site, by, register, fencing, clock, chance, journal, onCommitted }: Deps): YieldRole {
  return async (epoch, because) => {
    const report = await fencing.fence(epoch, fenceDeadlineSeconds);
    const at = clock.now().toISOString();
    const ended = `${report.endedBackends} clients were ended`;
    const said = `nobody can commit at ${site} any more since heartbeat ${report.heartbeat?.number ?? 'none'} of epoch ${epoch}; ${ended}`;
    const result = await register.change(chance.id(), (current) => {
      const fenced = recordFence(site, epoch, { by, at, heartbeat: report.heartbeat })(current);
      return fenced.kind === 'to' ? { kind: 'to', value: handedOver(fenced.value, by, at, said) } : fenced;
    });
    if (result.kind !== 'committed') return { kind: 'unsaid', because: `fenced, but not recorded: ${result.because}` };
    onCommitted(result.value);
    const sentence = `${because}; ${ended}`;
    await journal({ kind: 'writer-fenced', site, epoch, because: sentence }, epoch);
    return { kind: 'said', situation: result.value, because: sentence };
  };
}
