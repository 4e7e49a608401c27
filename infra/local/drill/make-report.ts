// From what was recorded to the report: objectives against measures, the parts of the recovery, the steps with who did them.

import { systemClock } from '../../../shared/engine/system.ts';
import type { Run, Step } from '../../../shared/model/run.ts';
import { type Measured, measure } from '../load/measure.ts';
import { readPresent } from '../load/presence.ts';
import { clientSeconds } from '../load/recovery.ts';
import { type DrillReport, judgeObjective, verdictOf } from '../report/report.ts';
import type { Timeline } from '../report/timeline.ts';
import { ports, seenFrom, siteHost, type WorldPlan } from '../world/plan.ts';
import type { World } from '../world/world.ts';
import { rolesTaken } from './measures.ts';
import { appDatabase, type Recorded } from './recorded.ts';
import type { DrillScenario } from './scenario.ts';
import type { Story } from './story.ts';

type Input = Recorded & {
  scenario: DrillScenario;
  world: World;
  story: Story;
  startedAt: string;
  timeline: Timeline;
  facts: Record<string, string>;
};

export async function makeReport(input: Input): Promise<DrillReport> {
  const { scenario, world, story, timeline } = input;
  const runs = story.runs();
  const run = runs.at(-1) ?? null;
  const measured = await measureRun(input);
  const objectives = judge(input, measured, runs);
  const verdict = verdictOf(objectives);
  const lost = measured.lostWrites?.length ?? null;
  return {
    schema: 1,
    scenario: scenario.name,
    verdict,
    because: sentence(scenario, verdict, measured, objectives),
    startedAt: input.startedAt,
    failedAt: input.failedAt.toISOString(),
    endedAt: systemClock.now().toISOString(),
    rtoSeconds: measured.rtoSeconds,
    rpoSeconds: measured.rpoSeconds,
    ...partsOf(run, input.failedAt),
    acknowledgedWrites: measured.acknowledgedWrites,
    lostWrites: lost,
    dualWrites: measured.dualWrites.length,
    epochBefore: input.before.epoch,
    epochAfter: input.after?.epoch ?? null,
    steps: run?.steps.map(reportStep) ?? [],
    objectives,
    timeline: timeline.entries(),
    clientSeconds: clientSeconds(input.load.records(), {
      zeroSeconds: input.failedAtSeconds,
      fromSeconds: input.failedAtSeconds - 15,
      toSeconds: systemClock.elapsedSeconds(),
    }),
    facts: { ...input.notes, ...input.facts, strategy: world.strategy.application },
  };
}

async function measureRun(input: Input): Promise<Measured> {
  const { scenario, world } = input;
  const present = await readPresent(appDatabase(world.plan, scenario.expects.writerAfter), 10).catch((error) => {
    input.timeline.say(`  the final writer's database could not be read: ${String(error)}`);
    return null;
  });
  return measure({
    requests: input.load.records(),
    direct: input.direct.records(),
    clients: input.load.clients,
    failedAtSeconds: input.failedAtSeconds,
    writers: writersOf(input),
    databases: databasesOf(world.plan),
    present,
    sustainedSeconds: input.sustainedSeconds,
  });
}

/** A new writer counts from when the role was taken: the earliest that its guard can have opened. */
function writersOf({ before, story }: Input): { site: string; fromSeconds: number }[] {
  return [{ site: before.writer, fromSeconds: Number.NEGATIVE_INFINITY }, ...rolesTaken(story.heard())];
}

/** A database has one address at home and another through each wire. */
function databasesOf({ net }: WorldPlan): { site: string; address: string }[] {
  return (['aws', 'gcp'] as const).flatMap((site) =>
    [siteHost(net, site), seenFrom(net, site === 'aws' ? 'gcp' : 'aws', site, 'site')].map((host) => ({
      site,
      address: `${host}:${ports.postgres}`,
    })),
  );
}

function judge(
  { world, scenario, before, after, objectives }: Input,
  measured: Measured,
  runs: readonly Run[],
): DrillReport['objectives'] {
  const { rtoSeconds, rpoSeconds } = world.strategy.objectives;
  const { expects } = scenario;
  const steps = runs.flatMap((run) => run.steps);
  const undone = steps.filter((step) => step.status !== 'done').length;
  const unlike =
    after === null || after.writer !== expects.writerAfter || after.epoch !== before.epoch + expects.epochs;
  const otherRuns = runs.map((run) => run.scenario).join() === expects.runs.join() ? 0 : 1;
  return [
    ...(expects.service === 'recovers'
      ? [judgeObjective('recovery time (RTO)', 'seconds', rtoSeconds, measured.rtoSeconds)]
      : []),
    judgeObjective('recovery point (RPO)', 'seconds', rpoSeconds, measured.rpoSeconds),
    ...(expects.losesNothing
      ? [judgeObjective('acknowledged writes lost', 'count', 0, measured.lostWrites?.length ?? null)]
      : []),
    judgeObjective('writes accepted by both sides', 'count', 0, measured.dualWrites.length),
    judgeObjective('writes that could not be judged', 'count', 0, measured.unplacedWrites),
    judgeObjective('epochs and writers other than expected', 'count', 0, after === null ? null : unlike ? 1 : 0),
    judgeObjective('runs other than expected', 'count', 0, otherRuns),
    ...(expects.runs.length > 0 ? [judgeObjective('steps not done', 'count', 0, undone)] : []),
    ...objectives,
  ];
}

/** Promotion and traffic go on side by side, each from the moment that the role was taken. */
function partsOf(run: Run | null, failedAt: Date) {
  const ended = (kind: Step['action']['kind']) => stepOf(run, kind)?.endedAt ?? null;
  const between = (from: string | null, to: string | null) =>
    from && to ? (Date.parse(to) - Date.parse(from)) / 1000 : null;
  const openedAt = run?.openedAt ?? null;
  const role = ended('take_authority');
  return {
    detectionSeconds: between(failedAt.toISOString(), openedAt),
    authoritySeconds: between(openedAt, role),
    promotionSeconds: between(role, ended('promote_db')),
    trafficSeconds: between(role ?? openedAt, ended('update_dns')),
  };
}

function stepOf(run: Run | null, kind: Step['action']['kind']): Step | null {
  return run?.steps.find((step) => step.action.kind === kind) ?? null;
}

function reportStep({
  written,
  status,
  by,
  attempts,
  startedAt,
  endedAt,
  detail,
  blocker,
}: Step): DrillReport['steps'][number] {
  return { action: written, status, by, attempts, startedAt, endedAt, detail: detail ?? blocker };
}

function sentence(
  scenario: DrillScenario,
  verdict: string,
  measured: Measured,
  objectives: DrillReport['objectives'],
): string {
  const missed = objectives.filter((one) => one.held !== true).map((one) => one.name);
  if (verdict === 'failed') return `${scenario.summary}; these objectives were not held: ${missed.join(', ')}`;
  const lost = measured.lostWrites?.length ?? 0;
  const losses = lost === 0 ? 'no acknowledged write was lost' : `${lost} acknowledged writes were lost`;
  const served =
    scenario.expects.service === 'recovers'
      ? `every client was served again after ${measured.rtoSeconds?.toFixed(1)} s, `
      : '';
  return `${scenario.summary}; ${served}${losses}, and never did two databases accept writes`;
}
