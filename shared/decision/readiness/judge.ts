// The readiness of an estate: what every site's keeper has said of its own side, judged together, the loudest finding first.
import type { SiteName } from '../../model/site.ts';
import { ageOf, databaseOf, type ReadinessCase, wordOf } from './case.ts';
import { byLoudness, findingsAbout, type ReadinessFinding, spanText } from './finding.ts';
import { judgeDatabase } from './judge-database.ts';
import { judgeExercises } from './judge-exercises.ts';
import { judgeFollowing, judgePublishing } from './judge-following.ts';
import { judgeShape } from './judge-shape.ts';
import { judgeSlots } from './judge-slots.ts';
import { DATABASE, KEEPER_WORD } from './standing.ts';

/** Pure. Unknown is neither ready nor a failure: it says what could not be found out, why, and since when. */
export function judgeReadiness(it: ReadinessCase): ReadinessFinding[] {
  return it.strategy.sites.flatMap(({ name }) => judgeSite(it, name)).toSorted(byLoudness);
}

function judgeSite(it: ReadinessCase, site: SiteName): ReadinessFinding[] {
  const { ready, unknown } = findingsAbout(site);
  const word = wordOf(it, site);
  if (word.kind === 'silent') {
    return [unknown(KEEPER_WORD, word.because, `is a keeper of ${site} running, and can its store be read from here?`)];
  }
  return [
    ready(KEEPER_WORD, `is ${spanText(word.ageSeconds)} old`),
    ...(word.report.database ? judgeDatabaseSide(it, site, word.report.database) : []),
    ...judgeExercises(it, site, word.report.exercises),
  ];
}

type DatabaseSight = NonNullable<Extract<ReturnType<typeof wordOf>, { kind: 'said' }>['report']['database']>;

function judgeDatabaseSide(it: ReadinessCase, site: SiteName, sight: DatabaseSight): ReadinessFinding[] {
  const facts = databaseOf(it, site);
  if (!facts) {
    const { unknown } = findingsAbout(site);
    const seenAt = sight.kind === 'seen' ? sight.at : sight.seenAt;
    const last = seenAt === null ? 'it was never looked at' : `it was looked at ${spanText(ageOf(seenAt, it.now))} ago`;
    const why = sight.kind === 'seen' ? 'the last look is too old' : sight.because;
    const wayOut = `is the database of ${site} there, and can its keeper log in? \`causeway db check\``;
    return [unknown(DATABASE, `could not be looked at: ${why}; ${last}`, wayOut)];
  }
  return [
    ...judgeDatabase(it, site, facts),
    ...judgeSlots(it, site, facts),
    ...(it.strategy.replication.method === 'logical'
      ? [...judgePublishing(it, site, facts), ...judgeFollowing(it, site, facts), ...judgeShape(it, site, facts)]
      : []),
  ];
}
