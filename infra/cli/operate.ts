// `causeway pause|resume|override|approve|abandon`: what a person commands, audited with who and why.
import { Argument, type Command } from 'commander';
import { operate } from '../../shared/engine/operate.ts';
import { OperatorCommand } from '../../shared/model/operator.ts';
import { Override, type Situation } from '../../shared/model/situation.ts';
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
import type { Terminal } from './terminal.ts';

type Flags = CommonFlags & { reason: string; by?: string; id?: string };
type Wish =
  | { command: 'pause' }
  | { command: 'resume' }
  | { command: 'override'; what: string }
  | { command: 'abandon'; run: string };

const codes = [
  'done, and journaled',
  'refused, and why; or done while no journal took it',
  'wrong usage, or nobody knows whether it was done: give the same command again with the --id that is printed',
] as const;

/** What each override allows, once, in the words of who is asked to give it. */
const allowances: Record<Override['what'], string> = {
  rpo: 'a promotion that may lose more than the RPO',
  authority: 'taking the role without an outside witness, or with a guard that only observes',
  'cool-down': 'a run before the cool-down is over',
  'traffic-cap': 'a change of more DNS records than the cap',
  'target-veto': 'moving to a site that does not look healthy',
};

export function addOperate(program: Command, terminal: Terminal): void {
  const add = (name: string, summary: string, examples: string[]) =>
    withStrategy(addCommand(program, terminal.io, { name, summary, examples, codes }))
      .requiredOption('--reason <text>', 'why: what the journal and the next person on call will read')
      .option('--by <who>', 'who you are (default: user@host)')
      .option('--id <id>', 'the id of a command whose outcome was unknown: giving it twice is giving it once');

  add('pause', 'stop all automation: no run is opened and no step is begun, in either cloud', [
    'pause --reason "network maintenance until 04:00"',
  ]).action((flags: Flags) => command(terminal, flags, { command: 'pause' }));

  add('resume', 'let automation go on after a pause', ['resume --reason "maintenance is over"']).action(
    (flags: Flags) => command(terminal, flags, { command: 'resume' }),
  );

  add('override', 'allow once what the policy refuses', [
    'override rpo --reason "an hour of orders is in the queue and can be replayed"',
  ])
    .addArgument(
      new Argument(
        '<what>',
        Object.entries(allowances)
          .map(([what, allowed]) => `${what}: ${allowed}`)
          .join('; '),
      ).choices(Override.shape.what.options),
    )
    .action((what: string, flags: Flags) => command(terminal, flags, { command: 'override', what }));

  add('approve', 'let a run that waits for a person take the role: the same as `override authority`', [
    'approve --reason "checked: the old writer\'s instance is stopped"',
  ]).action((flags: Flags) => command(terminal, flags, { command: 'override', what: 'authority' }));

  add('abandon', 'give an open run up; what it has done stays done', [
    'abandon aws_region_lost-e1-1a2b3c4d --reason "the region is back, and nothing was moved yet"',
  ])
    .argument('<run>', "the run's id, as `causeway status` shows it")
    .action((run: string, flags: Flags) => command(terminal, flags, { command: 'abandon', run }));
}

async function command(terminal: Terminal, flags: Flags, wish: Wish): Promise<void> {
  await respond(terminal, flags, async () => {
    const { journalStores, openEstate } = await import('./open.ts');
    const id = flags.id ?? terminal.chance.id();
    const parsed = OperatorCommand.safeParse({
      ...wish,
      id,
      by: flags.by ?? terminal.user,
      reason: flags.reason.trim(),
    });
    if (!parsed.success) throw new Unusable(parsed.error.issues.map(({ message }) => message).join('; '));
    const estate = openEstate(terminal, flags);
    const audit = createAudit(terminal, journalStores(estate), estate.incarnation);
    const result = await operate(parsed.data, {
      strategy: estate.strategy,
      register: estate.register,
      journal: audit.append,
      clock: terminal.clock,
    });
    const journal = await audit.settle();
    const said = `${sentenceOf(result, parsed.data, id)}${auditText(journal)}`;
    const code = result.kind === 'unknown' ? UNUSABLE : result.kind === 'committed' && journal.kept ? GOOD : FINDING;
    const colors = colorsOf(terminal.io);
    const word = { committed: colors.green('done'), refused: colors.yellow('refused'), unknown: colors.red('unknown') };
    const answer: Answer = {
      text: `${word[result.kind]}: ${said}`,
      data: {
        outcome: result.kind === 'committed' ? 'done' : result.kind,
        because: said,
        command: parsed.data,
        journal,
      },
      code,
    };
    return answer;
  });
}

type Result = Awaited<ReturnType<typeof operate>>;

function sentenceOf(result: Result, given: OperatorCommand, id: string): string {
  if (result.kind === 'refused') return result.because;
  if (result.kind === 'unknown') {
    return `${result.because}. It may have been done: look with \`causeway status\`, or give it again with --id ${id}`;
  }
  return doneText(given, result.value);
}

function doneText(given: OperatorCommand, situation: Situation): string {
  const { run } = situation;
  switch (given.command) {
    case 'pause':
      return pausedText(situation);
    case 'resume':
      return run ? `automation goes on, with the run ${run.id}` : 'automation goes on';
    case 'override':
      return `allowed once: ${allowances[given.what]}. ${run ? `The run ${run.id} uses it at its next try.` : 'The next decision uses it.'}`;
    case 'abandon':
      return `the run ${given.run} is given up; what it had done stays done. ${situation.writer} is the writer at epoch ${situation.epoch}`;
    case 'switchover':
      return `the run ${run?.id} is open`;
  }
}

/** A pause between the fence and the opening of a planned move leaves nobody to write: that is said first. */
function pausedText({ run, lease, writer }: Situation): string {
  const stands = run ? `; the run ${run.id} stands where it is` : '';
  const renewed = lease.fenced
    ? `${writer} is fenced, so that NOBODY MAY WRITE until automation goes on`
    : 'The lease is still renewed';
  return `all automation is paused${stands}. ${renewed}. \`causeway resume\` lets it go on`;
}
