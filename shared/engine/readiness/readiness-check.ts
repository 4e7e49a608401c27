// The readiness check: once a minute a keeper looks at its own side, says what it has found, and judges it together with what the others say.
import { ageOf, databaseOf, type ReadinessCase, type ReportReading } from '../../decision/readiness/case.ts';
import { isOpen, keyOf, type ReadinessFinding } from '../../decision/readiness/finding.ts';
import { judgeReadiness } from '../../decision/readiness/judge.ts';
import { driftBetween } from '../../decision/readiness/judge-shape.ts';
import { followedBy, followStandings } from '../../decision/readiness/standing.ts';
import type { DatabaseFacts, ReadinessReport } from '../../model/readiness.ts';
import type { SiteName } from '../../model/site.ts';
import type { Situation } from '../../model/situation.ts';
import { type Strategy, siteOf } from '../../model/strategy.ts';
import type { Clock } from '../../ports/clock.ts';
import { DatabaseUnavailable } from '../../ports/database.ts';
import type { DatabaseReadiness } from '../../ports/database-readiness.ts';
import type { Log } from '../log.ts';
import { within } from '../within.ts';
import { makeExercises } from './exercise.ts';
import type { ExerciseCall } from './exercises.ts';
import type { ReadinessBoard } from './readiness-board.ts';
import type { ReadinessTelling } from './readiness-telling.ts';

export type ReadinessCheck = {
  /** Does nothing until it is due, or while it is another process's turn. Never throws for what does not answer. */
  round(): Promise<void>;
};

type Deps = {
  strategy: Strategy;
  site: SiteName;
  incarnation: string;
  board: ReadinessBoard;
  /** Null at a site without a database. */
  database: DatabaseReadiness | null;
  calls: ExerciseCall[];
  telling: ReadinessTelling;
  situation: () => Situation | null;
  isOurTurn: () => boolean;
  clock: Clock;
  log: Log;
};

const everySeconds = 60;
const databaseSeconds = 12;
/** So many tables tell their parts at once; the others follow when these are mended. */
const partsAtOnce = 10;

export function createReadinessCheck(deps: Deps): ReadinessCheck {
  const { strategy, site, board, clock, log } = deps;
  let dueSeconds: number | null = null;
  let said = new Map<string, string>();
  /** Where the report cannot be read back. */
  let last: ReadinessReport | null = null;

  /** A process that takes the turn over goes on from when the one before it has looked. */
  function isDue(own: ReadinessReport | null): boolean {
    const nowSeconds = clock.elapsedSeconds();
    if (dueSeconds === null && own) {
      dueSeconds = nowSeconds + Math.max(0, everySeconds - ageOf(own.at, clock.now()));
      if (dueSeconds > nowSeconds) return false;
    }
    dueSeconds = nowSeconds + everySeconds;
    return true;
  }

  async function lookAtDatabase(it: ReadinessCase, own: ReadinessReport | null): Promise<ReadinessReport['database']> {
    if (!deps.database) return null;
    try {
      const looking = deps.database.look(tablesToTell(it, site));
      const late = () => new DatabaseUnavailable(`the database did not answer within ${databaseSeconds} s`);
      const facts = await within(databaseSeconds, clock, looking, late);
      return { kind: 'seen', at: clock.now().toISOString(), facts };
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      const before = own?.database ?? null;
      const seenAt = before?.kind === 'seen' ? before.at : (before?.seenAt ?? null);
      return { kind: 'unknown', at: clock.now().toISOString(), because, seenAt };
    }
  }

  /** Said when it begins and when it is over, and not at every look between. */
  function logChanges(followed: ReadinessFinding[]): void {
    const open = followed.filter(isOpen);
    const now = new Map(open.map((finding) => [keyOf(finding), finding.verdict]));
    for (const finding of open) {
      if (said.get(keyOf(finding)) !== finding.verdict) log('WARNING', `readiness: ${finding.verdict}`, { finding });
    }
    for (const key of said.keys()) if (!now.has(key)) log('INFO', `readiness: over: ${key}`);
    said = now;
  }

  return {
    async round() {
      const situation = deps.situation();
      if (!situation || !deps.isOurTurn()) return;
      if (dueSeconds !== null && clock.elapsedSeconds() < dueSeconds) return;
      const before = await board.read();
      const own = reportOf(before, site) ?? last;
      if (!isDue(own)) return;
      const it: ReadinessCase = { strategy, situation, reports: before, now: clock.now() };
      const [database, exercises] = await Promise.all([
        lookAtDatabase(it, own),
        makeExercises(deps.calls, own?.exercises ?? [], situation, clock),
      ]);
      const now = clock.now();
      const report = {
        schema: 1 as const,
        site,
        incarnation: deps.incarnation,
        at: now.toISOString(),
        database,
        exercises,
      };
      // What happened meanwhile is part of what has to be ready: who writes, and what a run is moving.
      const latest = deps.situation() ?? situation;
      const reports = before.map(
        (one): ReportReading =>
          one.site === site ? { kind: 'heard', site, report: { ...report, standings: [] } } : one,
      );
      const followed = followedBy(site, judgeReadiness({ ...it, situation: latest, reports, now }));
      const standings = followStandings(own?.standings ?? [], followed, now);
      logChanges(followed);
      last = { ...report, standings };
      // People are told also when the store beside us does not take the report: that may be what has to be told.
      const [published] = await Promise.allSettled([board.publish(last)]);
      await deps.telling.look(latest, standings, followed);
      if (published?.status === 'rejected') throw published.reason;
    },
  };
}

function reportOf(reports: readonly ReportReading[], site: SiteName): ReadinessReport | null {
  const reading = reports.find((one) => one.site === site);
  return reading?.kind === 'heard' ? reading.report : null;
}

/** Tables that differ from those of any other site, as both were told last. */
function tablesToTell(it: ReadinessCase, site: SiteName): string[] {
  const here = databaseOf(it, siteOf(it.strategy, site).name);
  if (!here) return [];
  const others = it.strategy.sites
    .filter(({ name }) => name !== site)
    .map(({ name }) => databaseOf(it, name))
    .filter((facts): facts is DatabaseFacts => facts !== null);
  const different = others.flatMap((there) => driftBetween(there, here).different);
  return [...new Set(different)].slice(0, partsAtOnce);
}
