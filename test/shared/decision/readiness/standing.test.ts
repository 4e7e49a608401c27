// When a finding is told and when it is over: by how long it has stood, and never by what nobody can see.
import { expect, it } from 'vitest';
import { findingsAbout, type ReadinessFinding } from '../../../../shared/decision/readiness/finding.ts';
import { DATABASE, followStandings, stepTelling } from '../../../../shared/decision/readiness/standing.ts';
import type { Standing } from '../../../../shared/model/readiness.ts';
import type { AlertEpisode } from '../../../../shared/model/situation.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 3, 0, seconds));
const { notReady, ready, unknown } = findingsAbout('gcp');
const slot = notReady('high', 'slot x', 'it is idle', 'read it');
const blind = unknown(DATABASE, 'no answer', 'look');
const episode: AlertEpisode = {
  alert: 'readiness at gcp',
  id: 'e',
  since: at(0).toISOString(),
  told: true,
  about: ['gcp: slot x'],
};

/** Follows what is found each minute from the beginning; answers the standings after the last. */
function follow(rounds: ReadinessFinding[][]): { standings: Standing[]; now: Date } {
  let standings: Standing[] = [];
  for (const [minute, findings] of rounds.entries()) standings = followStandings(standings, findings, at(minute * 60));
  return { standings, now: at((rounds.length - 1) * 60) };
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const steps = (rounds: ReadinessFinding[][], episodes: AlertEpisode[]) => {
  const { standings, now } = follow(rounds);
  return stepTelling(standings, episodes, now).map(({ kind }) => kind);
};

it('what is not ready is due after three minutes without a break', () => {
  expect(steps(times(3, [slot]), [])).toEqual([]);
  expect(steps(times(4, [slot]), [])).toEqual(['begin']);
  expect(steps([[slot], [slot], [], [slot], [slot], [slot]], [])).toEqual([]);
});

it('what could not be found out is due after ten', () => {
  const word = unknown('records of route53', 'no answer', 'wait');
  expect(steps(times(10, [word]), [])).toEqual([]);
  expect(steps(times(11, [word]), [])).toEqual(['begin']);
});

it('what was told is not told again, and told anew only when nobody knows that it was', () => {
  expect(steps(times(9, [slot]), [episode])).toEqual([]);
  expect(steps(times(9, [slot]), [{ ...episode, told: false }])).toEqual(['tell']);
});

it('it is over when it has been over for three minutes', () => {
  const open = times(5, [slot]);
  expect(steps([...open, ...times(3, [ready('slot x', 'is read')])], [episode])).toEqual([]);
  expect(steps([...open, ...times(4, [ready('slot x', 'is read')])], [episode])).toEqual(['end']);
  expect(steps([...open, ...times(4, [] as ReadinessFinding[])], [episode])).toEqual(['end']);
});

it('what the database had said is not over while nobody can look at it', () => {
  expect(steps([...times(5, [slot]), ...times(9, [blind])], [episode])).toEqual([]);
});

it('what comes later begins an episode of its own', () => {
  const other = notReady('high', 'schema', 'differs', 'change it');
  const { standings, now } = follow(times(5, [slot, other]));
  expect(stepTelling(standings, [episode], now)).toEqual([{ kind: 'begin', keys: ['gcp: schema'] }]);
});

it('an end is forgotten after an hour', () => {
  const { standings } = follow([...times(5, [slot]), ...times(70, [] as ReadinessFinding[])]);
  expect(standings).toEqual([]);
});
