// Carrying out an operator's command: one change of the register, and one entry of the journal.

import type { ChangeResult } from '../authority/change.ts';
import type { Register } from '../authority/register.ts';
import { addOverride, pause, resume } from '../authority/situation-changes.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { OperatorCommand } from '../model/operator.ts';
import type { Situation } from '../model/situation.ts';
import type { Clock } from '../ports/clock.ts';
import { abandonRun } from './run-changes.ts';

type Deps = {
  register: Register<Situation>;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  clock: Clock;
};

/** The command's id names the change, so that a command that is sent again changes nothing a second time. */
export async function operate(
  command: OperatorCommand,
  { register, journal, clock }: Deps,
): Promise<ChangeResult<Situation>> {
  const at = clock.now().toISOString();
  const result = await register.change(command.id, changeFor(command, at));
  const outcome = result.kind === 'committed' ? 'done' : `${result.kind}: ${result.because}`;
  await journal(
    { kind: 'operator-commanded', command: `${spell(command)} (${outcome})`, by: command.by, reason: command.reason },
    result.kind === 'committed' ? result.value.epoch : null,
  );
  return result;
}

function changeFor(command: OperatorCommand, at: string) {
  switch (command.command) {
    case 'pause':
      return pause(command.by, command.reason, at);
    case 'resume':
      return resume(at);
    case 'override':
      return addOverride({ id: command.id, what: command.what, by: command.by, reason: command.reason, at });
    case 'abandon':
      return abandonRun(command.run, at);
  }
}

function spell(command: OperatorCommand): string {
  switch (command.command) {
    case 'override':
      return `override ${command.what}`;
    case 'abandon':
      return `abandon ${command.run}`;
    default:
      return command.command;
  }
}
