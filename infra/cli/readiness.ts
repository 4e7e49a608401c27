// `causeway readiness`: everything that a failover and a way back will need, as the keepers looked at it within the last minutes.
import type { Command } from 'commander';
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
import type { Terminal } from './terminal.ts';

export function addReadiness(program: Command, terminal: Terminal): void {
  const command = addCommand(program, terminal.io, {
    name: 'readiness',
    summary: 'what a failover and a way back will need, as each keeper looked at it once a minute. Changes nothing',
    examples: [
      'readiness',
      'readiness --site gcp',
      'readiness --json | jq \'.findings[] | select(.verdict == "not-ready")\'',
    ],
    codes: [
      'every site is ready',
      'something is not ready or could not be found out: the loudest is said first',
      'wrong usage, or the register could not be read',
    ],
  });
  withStrategy(command)
    .option('--site <site>', 'only what is about this site')
    .action((flags: CommonFlags) => respond(terminal, flags, () => readiness(terminal, flags)));
}

async function readiness(terminal: Terminal, flags: CommonFlags): Promise<Answer> {
  const [{ openEstate }, { readReports }, { judgeReadiness }, { isOpen }, { readinessText }, { siteOf }] =
    await Promise.all([
      import('./open.ts'),
      import('./look.ts'),
      import('../../shared/decision/readiness/judge.ts'),
      import('../../shared/decision/readiness/finding.ts'),
      import('./readiness-text.ts'),
      import('../../shared/model/strategy.ts'),
    ]);
  const estate = openEstate(terminal, flags.strategy === undefined ? {} : { strategy: flags.strategy });
  const { strategy } = estate;
  const sites = flags.site === undefined ? strategy.sites.map(({ name }) => name) : [siteOf(strategy, flags.site).name];
  const [register, reports] = await Promise.all([estate.register.read(), readReports(terminal, estate)]);
  if (register.kind === 'unknown') throw new Unusable(`the register could not be read: ${register.because}`);
  if (register.kind === 'empty') throw new Unusable('the register was never written: `causeway init --writer <site>`');
  const now = terminal.clock.now();
  const all = judgeReadiness({ strategy, situation: register.value, reports, now });
  const findings = all.filter(({ site }) => sites.includes(site));
  const ready = !findings.some(isOpen);
  const colors = colorsOf(terminal.io);
  const verdict = ready
    ? colors.green('Ready.')
    : colors.red(`Not ready: ${countText(findings.filter(isOpen).length)}.`);
  return {
    text: `${readinessText(sites, findings, colors)}\n\n${verdict}`,
    data: { application: strategy.application, at: now.toISOString(), ready, findings },
    code: ready ? GOOD : FINDING,
  };
}

function countText(open: number): string {
  return open === 1 ? 'one thing needs somebody' : `${open} things need somebody`;
}
