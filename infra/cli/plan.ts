// `causeway plan`: a dry run of a scenario: its steps in order, who may do each, what it waits for, and what it would change now.
import type { Command } from 'commander';
import { makeCase, targetOf } from '../../shared/decision/case.ts';
import { compileRun } from '../../shared/decision/compile-run.ts';
import { type Decision, decide } from '../../shared/decision/decide.ts';
import type { ReadinessFinding } from '../../shared/decision/readiness/finding.ts';
import { notReadyFor } from '../../shared/decision/readiness/moving.ts';
import type { Scenario } from '../../shared/model/scenario.ts';
import type { Situation } from '../../shared/model/situation.ts';
import type { Strategy } from '../../shared/model/strategy.ts';
import {
  type Answer,
  addCommand,
  type CommonFlags,
  colorsOf,
  FINDING,
  GOOD,
  respond,
  withStrategy,
} from './command.ts';
import { Unusable } from './failure.ts';
import type { Judgement } from './judge.ts';
import type { PlannedStep } from './plan-steps.ts';
import { findingLine } from './readiness-text.ts';
import type { Colors } from './strategy-issues.ts';
import type { Terminal } from './terminal.ts';

type Flags = CommonFlags & { asIf?: true; once?: true };

export function addPlan(program: Command, terminal: Terminal): void {
  const command = addCommand(program, terminal.io, {
    name: 'plan',
    summary: 'a dry run of a scenario: what each step waits for and would change now. Changes nothing',
    examples: [
      'plan aws_region_lost',
      'plan aws_region_lost --as-if   # and would the policy let it happen, were aws down now?',
    ],
    codes: [
      'every step could be carried out',
      'a step would be blocked or refused, or is not known; with --as-if also: the policy would hold',
      'wrong usage, or the register could not be read',
    ],
  });
  withStrategy(command)
    .argument('<scenario>', "the scenario's name in the strategy")
    .option('--as-if', "decide as if the scenario's trigger had just been proved")
    .option('--once', 'do not watch for a beat first: ages are then what the bulletins say of themselves')
    .action((scenario: string, flags: Flags) => respond(terminal, flags, () => plan(terminal, scenario, flags)));
}

async function plan(terminal: Terminal, name: string, flags: Flags): Promise<Answer> {
  const [{ openEstate }, { lookAround }, { judge }, { planSteps }] = await Promise.all([
    import('./open.ts'),
    import('./look.ts'),
    import('./judge.ts'),
    import('./plan-steps.ts'),
  ]);
  const estate = openEstate(terminal, flags);
  const { strategy } = estate;
  const scenario = scenarioNamed(strategy, name);
  const look = await lookAround(terminal, estate, flags.once ?? false);
  if (look.register.kind === 'unknown') throw new Unusable(`the register could not be read: ${look.register.because}`);
  if (look.register.kind === 'empty')
    throw new Unusable('the register was never written: `causeway init --writer <site>`');
  const situation = look.register.value;
  const judgement = judge(strategy, look, situation);
  const decision = flags.asIf ? decideAsIf(strategy, scenario, situation, judgement, look.at) : judgement.decision;
  const target = targetOf(scenario);
  const run = compileRun(situation, {
    id: 'dry-run',
    scenario,
    // A scenario without a site to go to opens no run; its steps are still shown, each with why it is refused.
    target: target ?? situation.writer,
    because: 'dry run',
    evidence: [],
    by: terminal.user,
    at: look.at.toISOString(),
  });
  const steps = await planSteps(
    estate,
    situation,
    target === null ? { ...run, steps: run.steps.slice(0, -1) } : run,
    judgement.standbys,
  );
  const held = flags.asIf === true && decision?.kind !== 'open-run';
  const stuck = steps.filter(({ state }) => state === 'blocked' || state === 'refused' || state === 'unknown');
  const code = held || stuck.length > 0 ? FINDING : GOOD;
  // A failover that nobody chose goes on all the same: this is for people to mend before.
  const { blocking, besides } = notReadyFor(target ?? situation.writer, judgement.readiness);
  const notReady = [...blocking, ...besides];
  const shown = {
    scenario,
    target,
    situation,
    decision,
    asIf: flags.asIf ?? false,
    steps,
    stuck: stuck.length,
    notReady,
  };
  return {
    text: planText(shown, colorsOf(terminal.io)),
    data: {
      scenario: name,
      target,
      writer: situation.writer,
      epoch: situation.epoch,
      asIf: shown.asIf,
      decision: decision && {
        rule: decision.rule,
        kind: decision.kind,
        because: decision.because,
        blocked: decision.blocked,
      },
      notReady,
      steps,
    },
    code,
  };
}

function scenarioNamed({ scenarios }: Strategy, name: string): Scenario {
  const found = scenarios.find((one) => one.name === name);
  if (found) return found;
  throw new Unusable(`the strategy has no scenario "${name}": it has ${scenarios.map((one) => one.name).join(', ')}`);
}

/** The policy on today's situation, with the scenario's site proved down from outside and everything else as it is seen. */
function decideAsIf(
  strategy: Strategy,
  { trigger }: Scenario,
  situation: Situation,
  judgement: Judgement,
  now: Date,
): Decision | null {
  if (trigger.kind !== 'site_down') return judgement.decision;
  const { site } = trigger;
  const because = `as if it had been proved that ${site} is down`;
  const assessments = new Map(judgement.assessments);
  assessments.set(site, { site, verdict: 'down', confirmedFromElsewhere: true, evidence: [], because });
  return decide(makeCase(strategy, situation, assessments, judgement.standbys, now));
}

type Shown = {
  scenario: Scenario;
  target: string | null;
  situation: Situation;
  decision: Decision | null;
  asIf: boolean;
  steps: PlannedStep[];
  stuck: number;
  notReady: ReadinessFinding[];
};

function planText(
  { scenario, target, situation, decision, asIf, steps, stuck, notReady }: Shown,
  colors: Colors,
): string {
  const to = target === null ? 'it names no site to go to' : `to ${target}`;
  const policy = decision
    ? `${decision.rule}: ${decision.because}${decision.blocked ? ` (blocked by ${decision.blocked.by}; unblocked by ${decision.blocked.unblock})` : ''}`
    : 'not known';
  const verdict =
    stuck > 0
      ? colors.yellow(`${stuck} of ${steps.length} steps would not be carried out now`)
      : colors.green('every step could be carried out');
  return [
    `${colors.bold(`Plan of ${scenario.name}, ${to}`)}  ${colors.dim('dry run: nothing was changed')}`,
    `now      ${situation.writer} writes at epoch ${situation.epoch}`,
    `policy   ${asIf ? 'as if triggered: ' : ''}${policy}`,
    `ready    ${notReady.length === 0 ? 'yes: nothing is known that a failover would trip over' : colors.yellow('no, which blocks no failover, and is to be mended before one')}`,
    ...notReady.map((finding) => `         ${findingLine(finding)}`),
    ...steps.flatMap((step, index) => ['', ...stepText(step, index + 1, colors)]),
    '',
    verdict,
  ].join('\n');
}

export function stepText(step: PlannedStep, number: number, colors: Colors): string[] {
  const paint = {
    'nothing-to-do': colors.green,
    'would-do': colors.cyan,
    'would-wait': colors.cyan,
    blocked: colors.yellow,
    refused: colors.red,
    unknown: colors.yellow,
  };
  const after = step.after.length > 0 ? `after ${step.after.join(', ')}` : 'at once';
  const [first, ...more] = step.changes;
  return [
    `${String(number).padStart(2)}. ${colors.bold(step.written)}  ${paint[step.state](step.state)}`,
    `    who     ${step.who}, ${after}`,
    `    now     ${step.now}`,
    ...(first === undefined ? [] : [`    change  ${first}`, ...more.map((line) => `            ${line}`)]),
  ];
}
