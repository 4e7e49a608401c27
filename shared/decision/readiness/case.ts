// The case that readiness is judged on: the strategy, the situation, and what each site's keeper has said last of its own side.
import type { DatabaseFacts, ReadinessReport } from '../../model/readiness.ts';
import type { SiteName } from '../../model/site.ts';
import type { Situation } from '../../model/situation.ts';
import type { Strategy } from '../../model/strategy.ts';

/** `absent`: its store says that it has never said anything. `unknown`: the store did not say. */
export type ReportReading =
  | { kind: 'heard'; site: SiteName; report: ReadinessReport }
  | { kind: 'absent'; site: SiteName }
  | { kind: 'unknown'; site: SiteName; because: string };

export type ReadinessCase = {
  strategy: Strategy;
  situation: Situation;
  reports: ReportReading[];
  now: Date;
};

/** What was said longer ago than this is not known any more: a keeper says it once a minute. */
const factsMaxAgeSeconds = 300;

export type Word = { kind: 'said'; report: ReadinessReport; ageSeconds: number } | { kind: 'silent'; because: string };

/** The site's own word, when it is young enough to count. */
export function wordOf({ reports, now }: ReadinessCase, site: SiteName): Word {
  const reading = reports.find((one) => one.site === site);
  if (!reading || reading.kind === 'absent') {
    return { kind: 'silent', because: `the keeper of ${site} has never said anything about its readiness` };
  }
  if (reading.kind === 'unknown') {
    return { kind: 'silent', because: `what the keeper of ${site} says could not be read: ${reading.because}` };
  }
  const ageSeconds = ageOf(reading.report.at, now);
  if (ageSeconds <= factsMaxAgeSeconds) return { kind: 'said', report: reading.report, ageSeconds };
  const because = `the keeper of ${site} has said nothing about its readiness since ${reading.report.at}`;
  return { kind: 'silent', because };
}

/** Null while nobody knows; what was looked at long ago is not known any more. */
export function databaseOf(it: ReadinessCase, site: SiteName): DatabaseFacts | null {
  const word = wordOf(it, site);
  if (word.kind === 'silent' || word.report.database?.kind !== 'seen') return null;
  return ageOf(word.report.database.at, it.now) <= factsMaxAgeSeconds ? word.report.database.facts : null;
}

/** Not negative: a keeper whose clock is ahead speaks of now. */
export function ageOf(at: string, now: Date): number {
  return Math.max(0, (now.getTime() - Date.parse(at)) / 1000);
}

/** Sites other than the writer that keep a database: each is to follow the writer. */
export function standbysOf({ strategy, situation }: ReadinessCase): SiteName[] {
  return strategy.sites
    .filter(({ name, database }) => database !== null && name !== situation.writer)
    .map(({ name }) => name);
}
