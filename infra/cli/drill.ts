// `causeway drill`: brings two clouds up on this machine, does to them what is feared, and measures how the application fares.
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { systemClock } from '../../shared/engine/system.ts';
import { silenceSdkNotice } from '../local/config.ts';
import { type DrillOptions, runDrill } from '../local/drill/drill.ts';
import { rehearse } from '../local/drill/rehearsal.ts';
import type { DrillScenario } from '../local/drill/scenario.ts';
import { scenarios } from '../local/drill/scenarios.ts';
import { guardExit, type ProcessGroup } from '../local/process-group.ts';
import { secondsText } from '../local/report/html.ts';
import type { SummaryRow } from '../local/report/summary.ts';
import { createTimeline } from '../local/report/timeline.ts';
import type { CliIo } from './io.ts';

type Flags = { scenario: string; all?: true; list?: true; out: string; json?: true };
type Settings = Omit<DrillOptions, 'scenario' | 'timeline' | 'dir'>;

export function addDrill(program: Command, io: CliIo): void {
  program
    .command('drill')
    .description('rehearse a failure on this machine: two clouds, real PostgreSQL, real DNS, and what is done to them')
    .addOption(
      new Option('--scenario <name>', 'what happens')
        .choices(scenarios.map(({ name }) => name))
        .default('aws-region-lost'),
    )
    .option('--all', 'every scenario, one after another, and one summary of all (about half an hour)')
    .option('--list', 'say what the scenarios are, and play none')
    .option('--out <directory>', 'where reports are written', '.causeway/drills')
    .option('--json', 'print the report, or the summary, as JSON instead of the live timeline')
    .addHelpText('after', '\nExit codes: 0 every objective held, 1 one did not, 2 the drill could not be run.')
    .action((flags: Flags) => (flags.list ? list(io) : drill(io, flags)));
}

function list(io: CliIo): void {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  for (const { name, summary } of scenarios) io.out(`${name.padEnd(width)}  ${summary}`);
  io.exit(0);
}

async function drill(io: CliIo, flags: Flags): Promise<void> {
  silenceSdkNotice();
  let groups: () => ProcessGroup[] = () => [];
  const release = guardExit(process, () => groups());
  const settings: Settings = {
    timings: [],
    // About what a cloud needs for a node from a warm pool, and for a pod.
    capacity: { nodeStartSeconds: 20, podStartSeconds: 4 },
    keep: (find) => {
      groups = find;
    },
    beforeSeconds: 10,
    sustainedSeconds: 10,
  };
  try {
    if (flags.all) await playAll(io, flags, settings);
    else await playOne(io, flags, settings);
  } catch (error) {
    io.err(`the drill could not be run: ${error instanceof Error ? error.message : String(error)}`);
    io.exit(2);
  } finally {
    release();
  }
}

async function playOne(io: CliIo, flags: Flags, settings: Settings): Promise<void> {
  const scenario = scenarios.find(({ name }) => name === flags.scenario);
  if (!scenario) throw new Error(`there is no scenario "${flags.scenario}"`);
  const timeline = timelineFor(io, flags);
  const { report, path } = await runDrill({ ...settings, scenario, timeline, dir: placeFor(io, flags, scenario.name) });
  if (flags.json) io.out(JSON.stringify(report, null, 2));
  else timeline.finish(report, path);
  io.exit(report.verdict === 'passed' ? 0 : 1);
}

async function playAll(io: CliIo, flags: Flags, settings: Settings): Promise<void> {
  const say = (text: string): void => (flags.json ? undefined : io.out(text));
  const { summary, path } = await rehearse({
    ...settings,
    scenarios,
    timeline: () => timelineFor(io, flags),
    dir: placeFor(io, flags, 'all'),
    onScenario: ({ name }: DrillScenario, number) => say(`\n[${number} of ${scenarios.length}] ${name}`),
    onRow: (row) => say(rowText(row)),
  });
  if (flags.json) io.out(JSON.stringify(summary, null, 2));
  const passed = summary.rows.filter(({ verdict }) => verdict === 'passed').length;
  say(['', ...summary.rows.map(rowText), '', `${passed} of ${summary.rows.length} scenarios passed`, path].join('\n'));
  io.exit(summary.verdict === 'passed' ? 0 : 1);
}

function rowText({ scenario, verdict, because, rtoSeconds, dualWrites, durationSeconds }: SummaryRow): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  const measures = `recovery ${secondsText(rtoSeconds)}, ${dualWrites ?? '–'} dual writes, took ${secondsText(durationSeconds)}`;
  const why = verdict === 'passed' ? '' : `: ${because}`;
  return `${verdict.toUpperCase().padEnd(7)}  ${scenario.padEnd(width)}  ${measures}${why}`;
}

function placeFor(io: CliIo, flags: Flags, name: string): string {
  const stamp = systemClock.now().toISOString().replace(/[:.]/g, '-');
  return join(resolve(io.cwd, flags.out), `${name}-${stamp}`);
}

function timelineFor(io: CliIo, flags: Flags) {
  return createTimeline({
    out: flags.json ? { write: () => true } : process.stdout,
    isTTY: process.stdout.isTTY === true && !flags.json,
    columns: process.stdout.columns ?? 100,
    color: io.color,
    clock: systemClock,
  });
}
