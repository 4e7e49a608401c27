// One drill from start to end: two clouds up, load running, a region lost, the application back, everything measured.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, type as osType, release } from 'node:os';
import { join } from 'node:path';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import { createStubResolver } from '../dns/client.ts';
import { startDirectWriters } from '../load/direct-writers.ts';
import { startDnsLoad } from '../load/dns-load.ts';
import type { ProcessGroup } from '../process-group.ts';
import type { DrillReport } from '../report/report.ts';
import type { Timeline } from '../report/timeline.ts';
import { writeReport } from '../report/write-report.ts';
import { apiHost, ports, type WorldPlan } from '../world/plan.ts';
import { startWorld, type World, type WorldOptions } from '../world/world.ts';
import { makeReport } from './make-report.ts';
import { type OperatorView, openOperatorView } from './operator-view.ts';
import { appDatabase, type Recorded } from './recorded.ts';
import type { DrillScenario } from './scenarios.ts';
import { awaitSteady } from './steady.ts';
import { createStory, type Story } from './story.ts';

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

/** How long after the failure the run must have ended and all clients been served again. */
const endWithinSeconds = 150;
const load = { clients: 12, ratePerSecond: 24 };

/** Resolves with the report and its path. Throws when the world cannot be started; whatever was started is gone then. */
export async function runDrill(options: DrillOptions): Promise<{ report: DrillReport; path: string }> {
  const { timeline, scenario } = options;
  const startedAt = systemClock.now().toISOString();
  const story = createStory();
  timeline.say(`drill ${scenario.name}: ${scenario.summary}`);
  const world = await startWorld(
    {
      timings: options.timings,
      capacity: options.capacity,
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
    for (const region of ['witness', 'aws', 'gcp'] as const) world.startFunctions(region);
    await awaitSteady(world.plan, view, (because) => timeline.say(`  waiting: ${because}`));
    const measured = await loseAndRecover(options, world, view, story);
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

async function loseAndRecover(
  options: DrillOptions,
  world: World,
  view: OperatorView,
  story: Story,
): Promise<Recorded> {
  const { timeline, scenario } = options;
  const before = await situationOf(view);
  if (!before) throw new Error('the register was lost before the drill began');
  const { dnsLoad, direct } = startLoad(world.plan, world);
  timeline.say(`  load is running; ${scenario.lose} is lost in ${options.beforeSeconds} s`);
  await systemClock.sleep(options.beforeSeconds);
  const failedAt = systemClock.now();
  const failedAtSeconds = systemClock.elapsedSeconds();
  timeline.failure();
  timeline.entry(scenario.lose, `the ${scenario.lose} region is lost (SIGKILL)`, 'bad');
  await world.lose(scenario.lose);
  let after: Situation | null = before;
  for (
    const until = failedAtSeconds + endWithinSeconds;
    systemClock.elapsedSeconds() < until;
    await systemClock.sleep(1)
  ) {
    after = (await situationOf(view)) ?? after;
    showStatus(timeline, after, dnsLoad);
    if (story.runEnded() && servedFor(dnsLoad, failedAtSeconds, options.sustainedSeconds)) break;
  }
  // Late acknowledgements count: what was sent before the end is waited for.
  await Promise.all([dnsLoad.close(), direct.close()]);
  return {
    failedAtSeconds,
    failedAt,
    before,
    after,
    load: dnsLoad,
    direct,
    sustainedSeconds: options.sustainedSeconds,
  };
}

function startLoad(plan: WorldPlan, world: World) {
  const resolver = createStubResolver({
    servers: [`${apiHost(plan.net, 'witness')}:${ports.route53}`],
    subnetOf: () => null,
    timeoutSeconds: 1,
    clock: systemClock,
    chance: systemChance,
  });
  const dnsLoad = startDnsLoad({
    ...load,
    name: world.strategy.dns.name,
    resolve: resolver.resolve,
    port: ports.app,
    timeoutSeconds: 3,
    clock: systemClock,
    chance: systemChance,
  });
  const direct = startDirectWriters({
    targets: (['aws', 'gcp'] as const).map((site) => ({ site, database: appDatabase(plan, site) })),
    everySeconds: 0.2,
    hold: { fraction: 0.1, seconds: 3 },
    timeoutSeconds: 2,
    answerSeconds: 20,
    clock: systemClock,
    chance: systemChance,
  });
  return { dnsLoad, direct };
}

/** All clients have been acknowledged without a break for that long. */
function servedFor(dnsLoad: Recorded['load'], failedAtSeconds: number, sustainedSeconds: number): boolean {
  const since = systemClock.elapsedSeconds() - sustainedSeconds - 3;
  if (since < failedAtSeconds) return false;
  const recent = dnsLoad.records().filter((one) => one.kind === 'write' && one.endedAtSeconds >= since);
  const heard = new Set(recent.map((one) => one.client));
  return heard.size === dnsLoad.clients.length && recent.every((one) => one.outcome === 'acknowledged');
}

function showStatus(timeline: Timeline, situation: Situation, dnsLoad: Recorded['load']): void {
  const since = systemClock.elapsedSeconds() - 1;
  const lately = dnsLoad.records().filter((one) => one.endedAtSeconds >= since);
  const count = (outcome: string) => lately.filter((one) => one.outcome === outcome).length;
  const sites = [...new Set(lately.map((one) => one.site).filter((site) => site !== null))].sort();
  timeline.status({
    writer: situation.writer,
    epoch: String(situation.epoch),
    lease: situation.lease.fenced ? 'fenced' : `renewal ${situation.lease.renewal}`,
    dns: sites.join(' and ') || 'nobody answers',
    clients: { acknowledged: count('acknowledged'), refused: count('refused'), unknown: count('unknown') },
    steps:
      situation.run?.steps.map((step) => ({ action: step.written, status: step.status, attempts: step.attempts })) ??
      [],
  });
}

async function situationOf(view: OperatorView): Promise<Situation | null> {
  const read = await view.register.read();
  return read.kind === 'value' ? read.value : null;
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
