// One drill from start to end: two clouds up, load running, a story of failures played, everything measured.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, type as osType, release } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../shared/engine/system.ts';
import type { ProcessGroup } from '../process-group.ts';
import type { DrillReport } from '../report/report.ts';
import type { Timeline } from '../report/timeline.ts';
import { writeReport } from '../report/write-report.ts';
import { startWorld, type World, type WorldOptions } from '../world/world.ts';
import { load, startClients } from './clients.ts';
import { makeReport } from './make-report.ts';
import { runOperatorCommand } from './operator-command.ts';
import { type OperatorView, openOperatorView } from './operator-view.ts';
import type { Recorded } from './recorded.ts';
import type { DrillScenario } from './scenario.ts';
import { createStage, WaitedInVain } from './stage.ts';
import { awaitSteady } from './steady.ts';
import { createStory, type Story } from './story.ts';
import { startWatch } from './watch.ts';

export type DrillOptions = {
  scenario: DrillScenario;
  timings: WorldOptions['timings'];
  capacity: WorldOptions['capacity'];
  timeline: Timeline;
  /** Where the report is written. */
  dir: string;
  /** Told how to find the process groups, so that none outlives the drill. */
  keep: (groups: () => ProcessGroup[]) => void;
  /** How long the load runs before the failure, and how long it must go well after the recovery. */
  beforeSeconds: number;
  sustainedSeconds: number;
};

/** Resolves with the report and its path. Throws when the world cannot be started; whatever was started is gone then. */
export async function runDrill(options: DrillOptions): Promise<{ report: DrillReport; path: string }> {
  const { timeline, scenario } = options;
  const startedAt = systemClock.now().toISOString();
  const story = createStory(systemClock);
  timeline.say(`drill ${scenario.name}: ${scenario.summary}`);
  const world = await startWorld(
    {
      timings: options.timings,
      capacity: options.capacity,
      objects: scenario.objects ?? null,
      onProgress: (text) => timeline.say(`  ${text} ...`),
      onLine: (region, line) => {
        const told = story.hear(region, line);
        if (told) timeline.entry(told.lane, told.text, told.tone);
      },
    },
    options.keep,
  );
  try {
    const view = openOperatorView(world.plan, world.strategy);
    timeline.say('  initialising the register and publishing both DNS zones ...');
    await view.prepare('aws');
    for (const region of ['witness', 'aws', 'gcp'] as const) await world.order(region, { kind: 'start-functions' });
    await awaitSteady(world.plan, view, (because) => timeline.say(`  waiting: ${because}`));
    const measured = await play(options, world, view, story);
    const report = await makeReport({
      ...measured,
      scenario,
      world,
      story,
      startedAt,
      timeline,
      facts: factsOf(world),
    });
    mkdirSync(options.dir, { recursive: true });
    writeFileSync(join(options.dir, 'troubles.log'), `${story.troubles().join('\n')}\n`);
    const written = await writeReport(options.dir, report);
    return { report, path: written.html };
  } finally {
    await world.close();
  }
}

/** Load, then the story; a story that waited in vain ends there, and its report says so. */
async function play(options: DrillOptions, world: World, view: OperatorView, story: Story): Promise<Recorded> {
  const { timeline, scenario, sustainedSeconds } = options;
  const { dnsLoad, direct } = startClients(world);
  const watch = await startWatch(view, timeline, dnsLoad);
  const before = watch.latest();
  timeline.say(`  load is running; the story begins in ${options.beforeSeconds} s`);
  await systemClock.sleep(options.beforeSeconds);
  let failed = { at: systemClock.now(), atSeconds: systemClock.elapsedSeconds() };
  const { stage, objectives, notes } = createStage({
    world,
    story,
    timeline,
    clock: systemClock,
    clients: dnsLoad.clients,
    requests: dnsLoad.records,
    direct: direct.records,
    situation: watch.latest,
    operator: (...args) => runOperatorCommand(world.plan, args),
    // A client writes once a second: its last write of the time asked for may come that much later.
    sustainedSeconds: sustainedSeconds + 3,
    onFailure: () => {
      failed = { at: systemClock.now(), atSeconds: systemClock.elapsedSeconds() };
      timeline.failure();
    },
  });
  try {
    await scenario.story(stage);
  } catch (error) {
    if (!(error instanceof WaitedInVain)) throw error;
    timeline.say(error.message);
  }
  // Late acknowledgements count: what was sent before the end is waited for.
  await Promise.all([dnsLoad.close(), direct.close()]);
  return {
    failedAtSeconds: failed.atSeconds,
    failedAt: failed.at,
    before,
    after: await watch.close(),
    load: dnsLoad,
    direct,
    sustainedSeconds,
    objectives: objectives(),
    notes: notes(),
  };
}

function factsOf({ strategy }: World): Record<string, string> {
  const { authority, dns } = strategy;
  return {
    machine: `${cpus().length} cores, ${osType()} ${release()}`,
    node: process.version,
    timings: `beat ${authority.beatSeconds} s, window ${authority.confirmWindowSeconds} s, lease ${authority.ttlSeconds} s and ${authority.marginSeconds} s margin, DNS TTL ${dns.ttlSeconds} s`,
    load: `${load.clients} clients through DNS, ${load.ratePerSecond} requests a second; one more writes straight to both databases`,
  };
}
