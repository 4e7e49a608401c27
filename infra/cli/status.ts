// `causeway status`: what is, what is seen, what is decided, what is blocked, and what would unblock it. Changes nothing.
import type { Command } from 'commander';
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
import type { Terminal } from './terminal.ts';

type Flags = CommonFlags & { once?: true };

export function addStatus(program: Command, terminal: Terminal): void {
  const command = addCommand(program, terminal.io, {
    name: 'status',
    summary: 'who writes, what is seen, what is decided, what is blocked and what would unblock it',
    examples: [
      'status',
      'status --once        # at once, without watching whether the lease rises',
      'status --json | jq .problems',
    ],
    codes: [
      'all is well, and every site is ready',
      'something needs a person: it is said first',
      'the register could not be read; what else was seen is shown',
    ],
  });
  withStrategy(command)
    .option('--once', 'read once: quicker, but whether anything moves is then taken from what it says of itself')
    .action(async (flags: Flags) => respond(terminal, flags, () => status(terminal, flags)));
}

async function status(terminal: Terminal, flags: Flags): Promise<Answer> {
  const [{ openEstate }, { lookAround }, { judge, problemsOf }, { statusText }] = await Promise.all([
    import('./open.ts'),
    import('./look.ts'),
    import('./judge.ts'),
    import('./status-text.ts'),
  ]);
  const estate = openEstate(terminal, flags);
  const { strategy } = estate;
  if (!flags.once && !flags.json && terminal.io.color)
    terminal.io.err(colorsOf(terminal.io).dim('watching for a beat ...'));
  const look = await lookAround(terminal, estate, flags.once ?? false);
  const situation = look.register.kind === 'value' ? look.register.value : null;
  const judgement = judge(strategy, look, situation);
  const problems = problemsOf(strategy, look, judgement);
  return {
    text: statusText({ strategy, look, judgement, problems }, colorsOf(terminal.io)),
    data: {
      application: strategy.application,
      at: look.at.toISOString(),
      problems,
      register: look.register.kind,
      situation,
      leaseRises: look.leaseRises,
      watchedSeconds: look.watchedSeconds,
      sites: [...judgement.assessments.values()],
      lookouts: look.lookouts,
      alarms: look.boards,
      databases: judgement.standbys,
      readiness: judgement.readiness,
      decision: judgement.decision && asData(judgement.decision),
      stores: look.stores,
    },
    code: look.register.kind === 'unknown' ? UNUSABLE : problems.length > 0 ? FINDING : GOOD,
  };
}

function asData({ kind, rule, because, blocked }: { kind: string; rule: string; because: string; blocked: unknown }) {
  return { kind, rule, because, blocked };
}
