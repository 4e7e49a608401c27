// Carrying out an operator's command: one change of the register, and one entry of the journal.

import type { ChangeResult } from '../authority/change.ts';
import type { Register } from '../authority/register.ts';
import { addOverride, pause, resume } from '../authority/situation-changes.ts';
import type { JournalEvent } from '../model/journal.ts';
import type { OperatorCommand } from '../model/operator.ts';
import type { Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Clock } from '../ports/clock.ts';
import { openSwitchover, switchoverRunId } from './open-switchover.ts';
import { abandonRun } from './run-changes.ts';

type Deps = {
  strategy: Strategy;
  register: Register<Situation>;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  clock: Clock;
};

/** The command's id names the change, so that a command that is sent again changes nothing a second time. */
export async function operate(
  command: OperatorCommand,
  { strategy, register, journal, clock }: Deps,
): Promise<ChangeResult<Situation>> {
  const now = clock.now();
  const result = await register.change(command.id, changeFor(command, strategy, now));
  const outcome = result.kind === 'committed' ? 'done' : `${result.kind}: ${result.because}`;
  await journal(
    { kind: 'operator-commanded', command: `${spell(command)} (${outcome})`, by: command.by, reason: command.reason },
    result.kind === 'committed' ? result.value.epoch : null,
  );
  const run = result.kind === 'committed' ? result.value.run : null;
  if (run && command.command === 'switchover' && run.id === switchoverRunId(command))
    await journal({ kind: 'run-opened', run }, run.epochBefore);
  return result;
}

function changeFor(command: OperatorCommand, strategy: Strategy, now: Date) {
  const at = now.toISOString();
  switch (command.command) {
    case 'pause':
      return pause(command.by, command.reason, at);
    case 'resume':
      return resume(at);
    case 'override':
      return addOverride({ id: command.id, what: command.what, by: command.by, reason: command.reason, at });
    case 'abandon':
      return abandonRun(command.run, at);
    case 'switchover':
      return openSwitchover(strategy, command, now);
  }
}

function spell(command: OperatorCommand): string {
  switch (command.command) {
    case 'override':
      return `override ${command.what}`;
    case 'abandon':
      return `abandon ${command.run}`;
    case 'switchover':
      return `switchover to ${command.to}`;
    default:
      return command.command;
  }
}
