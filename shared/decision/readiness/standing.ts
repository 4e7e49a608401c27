// Since when each finding has stood open or been over, and what of it people are to be told: not what comes and goes.
import type { Standing } from '../../model/readiness.ts';
import type { SiteName } from '../../model/site.ts';
import type { AlertEpisode } from '../../model/situation.ts';
import { ageOf } from './case.ts';
import { isOpen, keyOf, type ReadinessFinding } from './finding.ts';

/** What is not ready for so long is told: a deployment, a restart or a reconnection is over by then. */
const notReadySeconds = 180;
/** Not knowing is told later: it is often the observer's own trouble. */
const unknownSeconds = 600;
/** What is over for so long is told to be over. */
const overSeconds = 180;
/** An end is remembered for so long. */
const memorySeconds = 3600;

/** What a site's keeper follows: everything about its own side, and the silence of the other keepers. */
export function followedBy(site: SiteName, findings: readonly ReadinessFinding[]): ReadinessFinding[] {
  return findings.filter((one) => one.site === site || one.about === KEEPER_WORD);
}

export const KEEPER_WORD = "its keeper's word";
export const DATABASE = 'the database';

/** `findings` are those that are followed. While the database cannot be looked at, what it had said is neither open nor over anew. */
export function followStandings(before: Standing[], findings: readonly ReadinessFinding[], now: Date): Standing[] {
  const open = new Map(findings.filter(isOpen).map((finding) => [keyOf(finding), finding.verdict]));
  const seen = new Set(findings.map(keyOf));
  const blind = findings.some(({ about, verdict }) => about === DATABASE && verdict === 'unknown');
  const kept = before.flatMap((standing): Standing[] => {
    if (open.has(standing.key)) return [];
    if (standing.state !== 'over') {
      return [
        blind && !seen.has(standing.key) ? standing : { key: standing.key, state: 'over', since: now.toISOString() },
      ];
    }
    return ageOf(standing.since, now) <= memorySeconds ? [standing] : [];
  });
  const opened = [...open].map(([key, verdict]): Standing => {
    const last = before.find((one) => one.key === key);
    const since = last && last.state !== 'over' ? last.since : now.toISOString();
    return { key, state: verdict === 'unknown' ? 'unknown' : 'not-ready', since };
  });
  return [...opened, ...kept];
}

export type TellingStep =
  /** Commit the intent to tell of these, and tell. */
  | { kind: 'begin'; keys: string[] }
  /** Committed, and not known to be told. */
  | { kind: 'tell'; episode: AlertEpisode }
  | { kind: 'end'; episode: AlertEpisode };

/** Each key is told in one episode; what comes later begins another, and each is over when all of its own is over. */
export function stepTelling(
  standings: readonly Standing[],
  episodes: readonly AlertEpisode[],
  now: Date,
): TellingStep[] {
  const told = new Set(episodes.flatMap(({ about }) => about));
  const due = standings.filter((one) => isDue(one, now) && !told.has(one.key)).map(({ key }) => key);
  const over = (key: string) => {
    const standing = standings.find((one) => one.key === key);
    return !standing || (standing.state === 'over' && ageOf(standing.since, now) >= overSeconds);
  };
  return [
    ...episodes.map((episode): TellingStep | null =>
      episode.about.every(over) ? { kind: 'end', episode } : episode.told ? null : { kind: 'tell', episode },
    ),
    ...(due.length > 0 ? [{ kind: 'begin' as const, keys: due }] : []),
  ].filter((step) => step !== null);
}

function isDue({ state, since }: Standing, now: Date): boolean {
  if (state === 'over') return false;
  return ageOf(since, now) >= (state === 'unknown' ? unknownSeconds : notReadySeconds);
}
