// `causeway drill`: brings two clouds up on this machine, loses one, and measures how the application comes back.
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { systemClock } from '../../shared/engine/system.ts';
import { silenceSdkNotice } from '../local/config.ts';
import { runDrill } from '../local/drill/drill.ts';
import { scenarios } from '../local/drill/scenarios.ts';
import { guardExit, type ProcessGroup } from '../local/process-group.ts';
import { createTimeline } from '../local/report/timeline.ts';
import type { CliIo } from './io.ts';

export function addDrill(program: Command, io: CliIo): void {
  program
    .command('drill')
    .description('rehearse a failover on this machine: two clouds, real PostgreSQL, real DNS, one of them killed')
    .addOption(
      new Option('--scenario <name>', 'what happens')
        .choices(scenarios.map(({ name }) => name))
        .default('aws-region-lost'),
    )
    .option('--out <directory>', 'where the report is written', '.causeway/drills')
    .option('--json', 'print the report as JSON instead of the live timeline')
    .addHelpText('after', '\nExit codes: 0 every objective held, 1 one did not, 2 the drill could not be run.')
    .action(async (flags: { scenario: string; out: string; json?: true }) => {
      const scenario = scenarios.find(({ name }) => name === flags.scenario);
      if (!scenario) return;
      silenceSdkNotice();
      let groups: () => ProcessGroup[] = () => [];
      const release = guardExit(process, () => groups());
      const timeline = createTimeline({
        out: flags.json ? { write: () => true } : process.stdout,
        isTTY: process.stdout.isTTY === true && !flags.json,
        columns: process.stdout.columns ?? 100,
        color: io.color,
        clock: systemClock,
      });
      const stamp = systemClock.now().toISOString().replace(/[:.]/g, '-');
      try {
        const { report, path } = await runDrill({
          scenario,
          timings: [],
          // About what a cloud needs for a node from a warm pool, and for a pod.
          capacity: { nodeStartSeconds: 20, podStartSeconds: 4 },
          timeline,
          dir: resolve(io.cwd, flags.out, `${scenario.name}-${stamp}`),
          keep: (find) => {
            groups = find;
          },
          beforeSeconds: 10,
          sustainedSeconds: 10,
        });
        if (flags.json) io.out(JSON.stringify(report, null, 2));
        else timeline.finish(report, path);
        io.exit(report.verdict === 'passed' ? 0 : 1);
      } catch (error) {
        io.err(`the drill could not be run: ${error instanceof Error ? error.message : String(error)}`);
        io.exit(2);
      } finally {
        release();
      }
    });
}
