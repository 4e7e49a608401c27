// `causeway switchover`: moves the writer to another site while both are well. Without --yes it shows what stands in the way and what it would do.
import type { Command } from 'commander';
import type { ReadinessFinding } from '../../shared/decision/readiness/finding.ts';
import { notReadyFor } from '../../shared/decision/readiness/moving.ts';
import { compileSwitchover } from '../../shared/decision/switchover.ts';
import { type Check, seenChecks, standingChecks } from '../../shared/decision/switchover-checks.ts';
import { type SwitchoverCommand, switchoverRunId } from '../../shared/engine/open-switchover.ts';
import { operate } from '../../shared/engine/operate.ts';
import { OperatorCommand } from '../../shared/model/operator.ts';
import type { Situation } from '../../shared/model/situation.ts';
import { siteOf } from '../../shared/model/strategy.ts';
import { secondsOf } from '../../shared/strategy/duration.ts';
import { auditText, createAudit } from './audit.ts';
import {
  type Answer,
  addCommand,
  type CommonFlags,
  colorsOf,
  FINDING,
  GOOD,
  respond,
  UNUSABLE,
  withStrategy,
} from './command.ts';
import { Unusable } from './failure.ts';
import type { Look } from './look.ts';
import type { Estate } from './open.ts';
import { stepText } from './plan.ts';
import type { PlannedStep } from './plan-steps.ts';
import { findingLine } from './readiness-text.ts';
import type { Colors } from './strategy-issues.ts';
import type { Terminal } from './terminal.ts';

export type SwitchoverFlags = CommonFlags & {
  to: string;
  yes?: true;
  once?: true;
  reason?: string;
  by?: string;
  id?: string;
  deadline: string;
};

export function addSwitchover(program: Command, terminal: Terminal): void {
  const command = addCommand(program, terminal.io, {
    name: 'switchover',
    summary: 'move the writer to another site while both are well; without --yes shows what it would do',
    examples: [
      'switchover --to gcp                                        # what stands in the way, and each step',
      'switchover --to gcp --yes --reason "maintenance in us-east-1"',
    ],
    codes: [
      'done, and the old writer follows the new one; without --yes: nothing stands in the way',
      'refused, or given up with the writer where it was, or something of it is left to do; it is said which',
      'wrong usage, or nobody knows how it ended: the run goes on without this command',
    ],
  });
  withStrategy(command)
    .requiredOption('--to <site>', 'the site that is to be the writer')
    .option('--yes', 'do it, and follow it to its end')
    .option('--reason <text>', 'why: what the journal and the next person on call will read; needed with --yes')
    .option('--deadline <duration>', 'how long nobody may write at most before the writer takes its role back', '20s')
    .option('--by <who>', 'who you are (default: user@host)')
    .option('--id <id>', 'the id of a switchover that was begun: giving it twice is giving it once, and follows it')
    .option('--once', 'do not watch for a beat first: ages are then what the bulletins say of themselves')
    .action((flags: SwitchoverFlags) => respond(terminal, flags, () => switchover(terminal, flags)));
}

/** Also what coming back ends with. */
export async function switchover(terminal: Terminal, flags: SwitchoverFlags): Promise<Answer> {
  const [{ openEstate }, { lookAround }] = await Promise.all([import('./open.ts'), import('./look.ts')]);
  const given = commandOf(terminal, flags);
  const estate = openEstate(terminal, flags);
  siteOf(estate.strategy, given.to);
  const look = await lookAround(terminal, estate, flags.once ?? false);
  if (look.register.kind === 'unknown') throw new Unusable(`the register could not be read: ${look.register.because}`);
  if (look.register.kind === 'empty')
    throw new Unusable('the register was never written: `causeway init --writer <site>`');
  const situation = look.register.value;
  const known = [situation.run?.id, situation.lastRun?.id].includes(switchoverRunId(given));
  const checks = known ? [] : await checksOf(estate, look, situation, given.to);
  if (!flags.yes) return dryRun(terminal, estate, look, situation, given, checks);
  const failed = checks.filter(({ ok }) => !ok);
  if (failed.length > 0) return refused(terminal, given, checks);
  return begin(terminal, estate, given, situation);
}

/** Throws `Unusable` with what is wrong with the command line. */
function commandOf(terminal: Terminal, flags: SwitchoverFlags): SwitchoverCommand {
  if (flags.yes && !flags.reason?.trim()) throw new Unusable('--yes needs --reason "...": why the writer is moved');
  const parsed = OperatorCommand.safeParse({
    command: 'switchover',
    id: flags.id ?? terminal.chance.id(),
    by: flags.by ?? terminal.user,
    reason: flags.reason?.trim() ?? 'a dry run',
    to: flags.to,
    deadlineSeconds: secondsOf(flags.deadline) ?? Number.NaN,
  });
  if (parsed.success && parsed.data.command === 'switchover') return parsed.data;
  const issues = parsed.error?.issues ?? [];
  throw new Unusable(issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

/** What stands in the way now, and what does not. */
export async function checksOf(estate: Estate, look: Look, situation: Situation, to: string): Promise<Check[]> {
  const { judge } = await import('./judge.ts');
  const { assessments, standbys, readiness } = judge(estate.strategy, look, situation);
  const { blocking } = notReadyFor(to, readiness);
  const silent = look.stores.filter(({ state }) => state === 'unreachable').map(({ name }) => name);
  const register: Check = {
    about: 'the register',
    // A planned move can wait for a store; a loss in the middle of it could not.
    ok: silent.length === 0,
    found: silent.length === 0 ? 'all of its stores answer' : `${silent.join(' and ')} did not answer`,
    wayOut: 'a move is no moment to do without the last store to spare: look at its provider and the network from here',
  };
  return [
    register,
    ...standingChecks(estate.strategy, situation, to, look.at),
    ...seenChecks(situation, to, { assessments, standbys, leaseRises: look.leaseRises }),
    ...readinessChecks(blocking),
  ];
}

function readinessChecks(blocking: ReadinessFinding[]): Check[] {
  const about = 'readiness';
  if (blocking.length === 0)
    return [{ about, ok: true, found: 'nothing that a move would fail on or lose rows by', wayOut: '' }];
  return blocking.map((finding) => ({
    about: `readiness of ${finding.site}: ${finding.about}`,
    ok: false,
    found: finding.found,
    wayOut: finding.wayOut ?? '`causeway readiness`',
  }));
}

async function dryRun(
  terminal: Terminal,
  estate: Estate,
  look: Look,
  situation: Situation,
  given: SwitchoverCommand,
  checks: Check[],
): Promise<Answer> {
  const [{ planSteps }, { judge }] = await Promise.all([import('./plan-steps.ts'), import('./judge.ts')]);
  const { to: target, deadlineSeconds, by } = given;
  const run = compileSwitchover(estate.strategy, situation, {
    id: 'dry-run',
    target,
    because: 'dry run',
    by,
    at: look.at.toISOString(),
    deadlineSeconds,
  });
  const sound = standingChecks(estate.strategy, situation, target, look.at).every(
    ({ ok, about }) => ok || about !== 'the target',
  );
  const { standbys, readiness } = judge(estate.strategy, look, situation);
  const steps = sound ? await planSteps(estate, situation, run, standbys) : [];
  const failed = checks.filter(({ ok }) => !ok).length;
  const stuck = steps.filter(({ state }) => state === 'blocked' || state === 'refused' || state === 'unknown').length;
  const { besides } = notReadyFor(target, readiness);
  const notes = [...notesOn(estate, situation, target), ...besides.map(findingLine)];
  return {
    text: dryText({ situation, given, checks, steps, failed, stuck, notes }, colorsOf(terminal.io)),
    data: { to: target, writer: situation.writer, epoch: situation.epoch, deadlineSeconds, checks, notes, steps },
    code: failed + stuck > 0 ? FINDING : GOOD,
  };
}

/** What is no obstacle, and a person should know before. */
function notesOn({ strategy }: Estate, { writer }: Situation, to: string): string[] {
  const back = strategy.scenarios.find(({ trigger }) => trigger.kind === 'site_down' && trigger.site === to);
  const returns = back?.actions.some(({ action }) => action.kind === 'promote_db' && action.site === writer) ?? false;
  return returns
    ? []
    : [
        `while ${to} is the writer, its loss is not failed over by itself: the scenario for ${to}_health_check_failed promotes no database at ${writer} (\`promote_${writer}_db: read_write_mode\`)`,
      ];
}

type Dry = {
  situation: Situation;
  given: SwitchoverCommand;
  checks: Check[];
  steps: PlannedStep[];
  failed: number;
  stuck: number;
  notes: string[];
};

function dryText({ situation, given, checks, steps, failed, stuck, notes }: Dry, colors: Colors): string {
  const verdict =
    failed > 0
      ? colors.yellow(`${failed} of ${checks.length} preconditions are not met: it would be refused`)
      : stuck > 0
        ? colors.yellow(`${stuck} of ${steps.length} steps would not be carried out now`)
        : colors.green(`nothing stands in the way; --yes --reason "..." does it`);
  return [
    `${colors.bold(`Switchover from ${situation.writer} to ${given.to}`)}  ${colors.dim('dry run: nothing was changed')}`,
    ...checkLines(checks, colors),
    ...notes.map((note) => `  ${colors.yellow('note')} ${note}`),
    ...steps.flatMap((step, index) => ['', ...stepText(step, index + 1, colors)]),
    '',
    verdict,
  ].join('\n');
}

function checkLines(checks: Check[], colors: Colors): string[] {
  return checks.flatMap(({ about, ok, found, wayOut }) => [
    `  ${ok ? colors.green('ok  ') : colors.red('no  ')} ${about}: ${found}`,
    ...(ok ? [] : [`       ${colors.dim(`> ${wayOut}`)}`]),
  ]);
}

function refused(terminal: Terminal, given: SwitchoverCommand, checks: Check[]): Answer {
  const colors = colorsOf(terminal.io);
  const failed = checks.filter(({ ok }) => !ok);
  return {
    text: [
      `${colors.yellow('refused')}: the writer was not moved to ${given.to}, and nothing was changed`,
      ...checkLines(failed, colors),
    ].join('\n'),
    data: { outcome: 'refused', to: given.to, checks },
    code: FINDING,
  };
}

async function begin(terminal: Terminal, estate: Estate, given: SwitchoverCommand, before: Situation): Promise<Answer> {
  const [{ journalStores }, { followRun, moveAnswer }] = await Promise.all([
    import('./open.ts'),
    import('./follow-run.ts'),
  ]);
  const audit = createAudit(terminal, journalStores(estate), estate.incarnation);
  const result = await operate(given, {
    strategy: estate.strategy,
    register: estate.register,
    journal: audit.append,
    clock: terminal.clock,
  });
  const journal = auditText(await audit.settle());
  if (result.kind === 'refused') {
    const text = `${colorsOf(terminal.io).yellow('refused')}: ${result.because}${journal}`;
    return { text, data: { outcome: 'refused', to: given.to, because: result.because }, code: FINDING };
  }
  if (result.kind === 'unknown') {
    const because = `${result.because}. It may have begun: look with \`causeway status\`, or give it again with --id ${given.id}`;
    const text = `${colorsOf(terminal.io).red('unknown')}: ${because}${journal}`;
    return { text, data: { outcome: 'unknown', to: given.to, because }, code: UNUSABLE };
  }
  const run = switchoverRunId(given);
  terminal.io.err(`the run ${run} is open; Ctrl-C ends this command and not the run${journal}`);
  return moveAnswer(terminal, given, before, await followRun(terminal, estate, run));
}
