// Opening a planned move: one swap, in which everything that the situation alone can say is judged once more.
import type { Change } from '../authority/change.ts';
import { onExisting, refuse, to } from '../authority/situation-changes.ts';
import { compileSwitchover } from '../decision/switchover.ts';
import { standingChecks } from '../decision/switchover-checks.ts';
import type { OperatorCommand } from '../model/operator.ts';
import type { Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import { openRun } from './run-changes.ts';

export type SwitchoverCommand = Extract<OperatorCommand, { command: 'switchover' }>;

/** The run that a command opens: its name holds the command's own id, so that a command which is given twice opens one run. */
export function switchoverRunId(command: SwitchoverCommand): string {
  const id = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(command.id) ? command.id.slice(0, 8) : command.id;
  return `switchover-${command.to}-${id}`;
}

export function openSwitchover(
  strategy: Strategy,
  command: SwitchoverCommand,
  now: Date,
): (current: Situation | null) => Change<Situation> {
  const id = switchoverRunId(command);
  return onExisting((current) => {
    if (current.run?.id === id || current.lastRun?.id === id) return to(current);
    const failed = standingChecks(strategy, current, command.to, now).find(({ ok }) => !ok);
    if (failed) return refuse(`${failed.about}: ${failed.found}. The way out: ${failed.wayOut}`);
    const run = compileSwitchover(strategy, current, {
      id,
      target: command.to,
      because: `${command.by} moves the writer's role from ${current.writer} to ${command.to}: ${command.reason}`,
      by: command.by,
      at: now.toISOString(),
      deadlineSeconds: command.deadlineSeconds,
    });
    const uses = current.overrides.filter(({ what }) => what === 'cool-down').slice(0, 1);
    return openRun(run, { epoch: current.epoch, lastRun: current.lastRun?.id ?? null, uses })(current);
  });
}
