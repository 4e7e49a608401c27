// Judging: what a keeper would decide on what has just been seen, and what of it needs a person.
import { makeCase } from '../../shared/decision/case.ts';
import { type Decision, decide } from '../../shared/decision/decide.ts';
import { fold, type SiteAssessment } from '../../shared/decision/fold.ts';
import { isOpen, type ReadinessFinding } from '../../shared/decision/readiness/finding.ts';
import { judgeReadiness } from '../../shared/decision/readiness/judge.ts';
import { type HeardBulletin, sightingsOfAlarms, sightingsOfBulletin } from '../../shared/decision/sighting.ts';
import { alarmMaxAgeSeconds } from '../../shared/engine/keeper.ts';
import type { DatabaseView } from '../../shared/model/bulletin.ts';
import type { SiteName } from '../../shared/model/site.ts';
import type { Situation } from '../../shared/model/situation.ts';
import type { Strategy } from '../../shared/model/strategy.ts';
import type { Look } from './look.ts';

export type Judgement = {
  assessments: Map<SiteName, SiteAssessment>;
  /** Of keepers that are fresh. */
  standbys: DatabaseView[];
  /** Null without a situation: nobody can decide. */
  decision: Decision | null;
  /** The loudest first; empty without a situation: what has to be ready depends on who writes. */
  readiness: ReadinessFinding[];
  freshSeconds: number;
};

/** The verdicts as a keeper folds them. With nothing watched, ages by the lookouts' own clocks stand in, which only people may go by. */
export function judge(strategy: Strategy, look: Look, situation: Situation | null): Judgement {
  const freshSeconds = 3 * strategy.authority.beatSeconds;
  const heard = look.lookouts.flatMap((one): HeardBulletin[] =>
    one.kind === 'heard' ? [{ bulletin: one.bulletin, risenSecondsAgo: risenSecondsAgo(one, look) }] : [],
  );
  const sightings = [
    ...heard.flatMap((one) => sightingsOfBulletin(one, freshSeconds)),
    ...look.boards.flatMap(({ board }) => (board ? sightingsOfAlarms(board, look.at, alarmMaxAgeSeconds) : [])),
  ];
  const standbys = heard
    .filter((one) => one.risenSecondsAgo !== null && one.risenSecondsAgo <= freshSeconds)
    .flatMap((one): DatabaseView[] => (one.bulletin.database ? [one.bulletin.database] : []));
  const assessments = fold(strategy, sightings);
  const decision = situation && decide(makeCase(strategy, situation, assessments, standbys, look.at));
  const { at: now, reports } = look;
  const readiness = situation ? judgeReadiness({ strategy, situation, reports, now }) : [];
  return { assessments, standbys, decision, readiness, freshSeconds };
}

/** How long ago this lookout's beat was seen to rise, or, when nothing was watched, how old its bulletin says that it is. */
export function risenSecondsAgo(heard: HeardBulletin, look: Look): number | null {
  if (look.watchedSeconds > 0) return heard.risenSecondsAgo;
  return Math.max(0, (look.at.getTime() - Date.parse(heard.bulletin.writtenAt)) / 1000);
}

export type Problem = { about: string; found: string; wayOut: string };

/** What needs a person, the worst first. Empty: all is well. */
export function problemsOf(strategy: Strategy, look: Look, judgement: Judgement): Problem[] {
  const situation = look.register.kind === 'value' ? look.register.value : null;
  return [
    ...registerProblems(look),
    ...siteProblems(judgement),
    ...(situation ? situationProblems(strategy, situation, look, judgement) : []),
    ...lookoutProblems(look, judgement),
    ...look.stores
      .filter(({ state }) => state === 'unreachable')
      .map(({ name, because }) => ({
        about: `store ${name}`,
        found: `did not answer: ${because}`,
        wayOut: 'two of three are enough to go on; look at its provider, its credentials and the network from here',
      })),
    ...readinessProblems(judgement),
  ];
}

/** More than these a status need not tell: what comes first is mended first. */
const readinessShown = 5;

function readinessProblems({ readiness }: Judgement): Problem[] {
  const open = readiness.filter(isOpen);
  const shown = open.slice(0, readinessShown).map(({ site, about, verdict, severity, found, wayOut }) => ({
    about: `readiness of ${site} (${verdict === 'unknown' ? 'unknown' : severity}): ${about}`,
    found,
    wayOut: wayOut ?? '`causeway readiness`',
  }));
  if (open.length <= readinessShown) return shown;
  const found = `${open.length - readinessShown} more things are not ready`;
  return [...shown, { about: 'readiness', found, wayOut: '`causeway readiness` lists all of them' }];
}

function registerProblems({ register }: Look): Problem[] {
  const about = 'the register';
  if (register.kind === 'unknown') {
    const wayOut = 'without a majority nobody may write for longer than the lease; `causeway break-glass explain`';
    return [{ about, found: `could not be read: ${register.because}`, wayOut }];
  }
  if (register.kind === 'value') return [];
  return [
    {
      about,
      found: 'was never written',
      wayOut: '`causeway init --writer <site>`, when you are sure who the writer is',
    },
  ];
}

function situationProblems(
  strategy: Strategy,
  situation: Situation,
  look: Look,
  { decision, standbys }: Judgement,
): Problem[] {
  const problems: Problem[] = [];
  const { run, lease, writer, epoch } = situation;
  if (decision?.blocked) {
    problems.push({
      about: decision.rule,
      found: decision.because,
      wayOut: `blocked by ${decision.blocked.by}; unblocked by ${decision.blocked.unblock}`,
    });
  }
  for (const step of run?.steps ?? []) {
    const stuck = step.blocker ?? (step.status === 'failed' || step.status === 'unknown' ? step.detail : null);
    if (stuck !== null && step.status !== 'done') {
      problems.push({ about: `step ${step.id} is ${step.status}`, found: stuck, wayOut: wayOutOf(step.status) });
    }
  }
  if (lease.fenced && !run) {
    const wayOut =
      'its own keeper takes the role back at the next epoch, when one runs; `causeway journal show` tells why it was fenced';
    problems.push({
      about: 'the lease',
      found: `${writer} is fenced at epoch ${epoch}, and no run is open: nobody may write`,
      wayOut,
    });
  } else if (look.leaseRises === false && !run) {
    const wayOut = `is a keeper of ${writer} running? Start \`causeway keeper --site ${writer}\` beside the application`;
    problems.push({
      about: 'the lease',
      found: `was not renewed in ${look.watchedSeconds.toFixed(1)} s; the guard shuts after ${strategy.authority.ttlSeconds} s`,
      wayOut,
    });
  }
  for (const { site, ready, because } of standbys) {
    if (site !== writer && !ready)
      problems.push({
        about: `standby ${site}`,
        found: `is not ready: ${because}`,
        wayOut: `\`causeway db check\` on ${site}'s database; a failover to it may be refused`,
      });
  }
  return problems;
}

function wayOutOf(status: string): string {
  return status === 'failed' || status === 'refused'
    ? 'it is not tried again: do it by hand, or `causeway abandon <run>` and let a new decision be made'
    : 'it is tried again by itself; what would unblock it stands in the sentence';
}

function siteProblems({ assessments, decision }: Judgement): Problem[] {
  return (
    [...assessments.values()]
      .filter(({ verdict }) => verdict !== 'up')
      // A suspicion that the policy holds on is told already, with what would unblock it.
      .filter(({ verdict }) => !(verdict === 'suspected' && decision?.rule === 'suspected'))
      .map(({ site, verdict, because }) => ({
        about: `site ${site} is ${verdict}`,
        found: because,
        wayOut:
          verdict === 'unknown'
            ? 'nobody watches it: are the keepers and the lookout running?'
            : '`causeway plan` shows what a scenario would do',
      }))
  );
}

function lookoutProblems(look: Look, { freshSeconds }: Judgement): Problem[] {
  return look.lookouts.flatMap((one): Problem[] => {
    const about = `lookout ${one.lookout}`;
    const wayOut = 'its sightings count for nothing until it speaks again';
    if (one.kind === 'absent') return [{ about, found: 'has never put up a bulletin', wayOut }];
    if (one.kind === 'unknown') return [{ about, found: `could not be read: ${one.because}`, wayOut }];
    const seconds = risenSecondsAgo(one, look);
    if (seconds !== null && seconds <= freshSeconds) return [];
    return [{ about, found: `is silent; its last bulletin says ${one.bulletin.writtenAt}`, wayOut }];
  });
}
