// The case that the policy table looks at: the situation, the assessments, and what follows from both.
import type { DatabaseView } from '../model/bulletin.ts';
import type { Scenario } from '../model/scenario.ts';
import type { SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { SiteAssessment } from './fold.ts';

export type Case = {
  situation: Situation;
  strategy: Strategy;
  /** A site that is down and that traffic has not left; the writer before others. Null: none. */
  down: SiteAssessment | null;
  suspected: SiteAssessment[];
  writerIsDown: boolean;
  scenario: Scenario | null;
  /** Where the scenario moves the application to, and how that site is. */
  target: SiteAssessment | null;
  /** What the target's own keeper says of its database; null when nobody fresh says anything. */
  standby: DatabaseView | null;
  /** The writer's database was never opened at this epoch, and its keeper is there to do it: nobody can write until it does. */
  opensWriter: boolean;
  coolDownLeftSeconds: number;
  /** A planned move to another site was given up a moment ago, and its writer may have been fenced until then. */
  returnsLeftSeconds: number;
  allows: (what: Situation['overrides'][number]['what']) => boolean;
};

export function makeCase(
  strategy: Strategy,
  situation: Situation,
  assessments: Map<SiteName, SiteAssessment>,
  standbys: DatabaseView[],
  now: Date,
): Case {
  const all = [...assessments.values()];
  const down = all
    .filter((one) => one.verdict === 'down' && servesTraffic(situation, one.site))
    .sort((a, b) => Number(b.site === situation.writer) - Number(a.site === situation.writer))[0];
  const opening = neverOpened(situation) ? openingScenario(strategy, situation.writer) : null;
  const opensWriter = opening !== null && standbys.some((one) => one.site === situation.writer);
  const scenario = opensWriter ? opening : down ? scenarioFor(strategy, down.site) : null;
  const targetName = scenario ? targetOf(scenario) : null;
  return {
    situation,
    strategy,
    down: down ?? null,
    suspected: all.filter((one) => one.verdict === 'suspected'),
    writerIsDown: down?.site === situation.writer,
    scenario,
    target: targetName ? (assessments.get(targetName) ?? null) : null,
    standby: standbys.find((one) => one.site === targetName) ?? null,
    opensWriter,
    coolDownLeftSeconds: coolDownLeft(strategy, situation, now),
    returnsLeftSeconds: returnsLeft(strategy, situation, now),
    allows: (what) => situation.overrides.some((one) => one.what === what),
  };
}

/**
 * The role was taken and the promotion never came to its end: an open database records heartbeats of its epoch from 1, and the run that
 * takes a role is done only when it is open. A run opened on this in vain finds the database open and does nothing to it.
 */
export function neverOpened({ writer, epoch, lease, heartbeat, previous, lastRun }: Situation): boolean {
  if (previous === null || previous.writer === writer || lease.fenced) return false;
  if (lastRun?.target === writer && lastRun.epoch === epoch && lastRun.outcome === 'done') return false;
  return heartbeat === null || heartbeat.epoch < epoch || heartbeat.number === 0;
}

function openingScenario(strategy: Strategy, writer: SiteName): Scenario | null {
  const promotes = ({ actions }: Scenario) =>
    actions.some(({ action }) => action.kind === 'promote_db' && action.site === writer);
  return strategy.scenarios.find((one) => promotes(one) && targetOf(one) === writer) ?? null;
}

/** The site that a scenario moves the application to, or keeps it on: where its DNS action points. */
export function targetOf(scenario: Scenario): SiteName | null {
  const actions = scenario.actions.map((one) => one.action);
  const dns = actions.find((action) => action.kind === 'update_dns');
  const database = actions.find((action) => action.kind === 'promote_db');
  return dns?.site ?? database?.site ?? null;
}

function scenarioFor(strategy: Strategy, site: SiteName): Scenario | null {
  return strategy.scenarios.find((one) => one.trigger.kind === 'site_down' && one.trigger.site === site) ?? null;
}

function servesTraffic(situation: Situation, site: SiteName): boolean {
  return situation.writer === site || (situation.traffic[site] ?? 0) > 0;
}

/**
 * The cool-down begins when a run ends, not when it starts, so that an orphaned run never blocks itself. A planned move that moved nothing,
 * or gave way to a loss, has nothing to cool down from.
 */
export function coolDownLeft({ authority }: Strategy, { lastRun }: Situation, now: Date): number {
  if (!lastRun || lastRun.outcome === 'aborted' || lastRun.outcome === 'overtaken') return 0;
  const agoSeconds = sinceSeconds(lastRun.endedAt, now);
  // By a clock far behind that of who ended the run, the cool-down would last for as long as that is so: it damps, and must never block.
  return agoSeconds < -authority.coolDownSeconds ? 0 : Math.max(0, authority.coolDownSeconds - agoSeconds);
}

/** How much longer a writer that a planned move had fenced is given to be seen well again, once it has its role back. */
function returnsLeft({ authority }: Strategy, { lastRun, writer }: Situation, now: Date): number {
  if (lastRun?.outcome !== 'aborted' || lastRun.target === writer) return 0;
  const { confirmWindowSeconds, beatSeconds } = authority;
  return Math.max(0, confirmWindowSeconds + 2 * beatSeconds - sinceSeconds(lastRun.endedAt, now));
}

function sinceSeconds(at: string, now: Date): number {
  return (now.getTime() - Date.parse(at)) / 1000;
}
