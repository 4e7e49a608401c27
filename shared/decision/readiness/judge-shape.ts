// Judging schema drift: schema changes do not replicate, so that one site may have what the other does not take.
import type { DatabaseFacts } from '../../model/readiness.ts';
import type { SiteName } from '../../model/site.ts';
import { databaseOf, type ReadinessCase, standbysOf } from './case.ts';
import { findingsAbout, type ReadinessFinding, some } from './finding.ts';

const majorOf = (facts: DatabaseFacts) => Math.floor(facts.version / 10_000);

/** At a standby, against the writer: told per table, and per column once both keepers have told the parts. */
export function judgeShape(it: ReadinessCase, site: SiteName, here: DatabaseFacts): ReadinessFinding[] {
  if (!standbysOf(it).includes(site)) return [];
  const { ready, noted, notReady, unknown } = findingsAbout(site);
  const { writer } = it.situation;
  const about = 'schema';
  const there = databaseOf(it, writer);
  if (!there) {
    const wayOut = `the keeper of ${writer} says it once a minute`;
    return [unknown(about, `the tables of ${writer} are not known, so that nothing can be compared`, wayOut)];
  }
  const { missing, different, extra } = driftBetween(there, here);
  const wrong = [
    ...missing.map((name) => `${name} is missing at ${site}`),
    ...different.map((name) => differenceText(name, writer, there, site, here)),
  ];
  const findings: ReadinessFinding[] = [
    wrong.length === 0
      ? ready(about, `${there.tables.length} tables have the same columns, keys and constraints as at ${writer}`)
      : notReady(
          missing.length > 0 ? 'critical' : 'high',
          about,
          `differs from ${writer}: ${some(wrong, 3)}`,
          `make the same change at ${site} (set causeway.allow_ddl = 'on' lets an operator make it while the guard is shut)`,
        ),
  ];
  if (extra.length > 0) findings.push(noted('tables of its own', `${some(extra)} are not at ${writer}`, null));
  if (majorOf(here) !== majorOf(there)) {
    const found = `PostgreSQL ${majorOf(here)} here, ${majorOf(there)} at ${writer}: rows travel both ways, new types and commands may not`;
    findings.push(noted('server version', found, 'bring both to the same major version, the standby first'));
  }
  return findings;
}

/** Tables by name, seen from the writer. */
export function driftBetween(
  there: DatabaseFacts,
  here: DatabaseFacts,
): { missing: string[]; different: string[]; extra: string[] } {
  const ours = new Map(here.tables.map(({ name, shape }) => [name, shape]));
  const theirs = new Set(there.tables.map(({ name }) => name));
  return {
    missing: there.tables.filter(({ name }) => !ours.has(name)).map(({ name }) => name),
    different: there.tables
      .filter(({ name, shape }) => ours.has(name) && ours.get(name) !== shape)
      .map(({ name }) => name),
    extra: here.tables.filter(({ name }) => !theirs.has(name)).map(({ name }) => name),
  };
}

function differenceText(
  name: string,
  writer: SiteName,
  there: DatabaseFacts,
  site: SiteName,
  here: DatabaseFacts,
): string {
  const [theirs, ours] = [there.parts[name], here.parts[name]];
  if (!theirs || !ours) return `${name} is of another shape (how, both keepers tell within two minutes)`;
  const only = (parts: string[], others: string[], where: SiteName) => {
    const lone = parts.filter((part) => !others.includes(part));
    return lone.length === 0 ? [] : [`only at ${where}: ${some(lone, 3)}`];
  };
  return `${name} (${[...only(theirs, ours, writer), ...only(ours, theirs, site)].join('; ')})`;
}
