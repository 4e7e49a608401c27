// Judging what one database says of itself: its guard, what an inspection found, sequences, and what never travels.
import type { Severity } from '../../model/notification.ts';
import type { DatabaseFacts, Inspected } from '../../model/readiness.ts';
import type { SiteName } from '../../model/site.ts';
import { type ReadinessCase, standbysOf } from './case.ts';
import { findingsAbout, type ReadinessFinding, some } from './finding.ts';

export function judgeDatabase(it: ReadinessCase, site: SiteName, facts: DatabaseFacts): ReadinessFinding[] {
  return [
    judgeGuard(it, site, facts),
    ...judgeInspection(site, facts.inspected),
    ...judgeSequences(it, site, facts),
    ...judgeUnlogged(site, facts),
  ];
}

function judgeGuard({ strategy }: ReadinessCase, site: SiteName, { guard }: DatabaseFacts): ReadinessFinding {
  const { ready, noted, notReady } = findingsAbout(site);
  const about = 'the guard';
  if (strategy.authority.guard === 'observe') {
    return noted(about, 'only observes, as the strategy has it: nothing is refused', null);
  }
  if (guard.mode === 'observe') {
    const found = 'only observes, and the strategy says enforce: nothing keeps two sites from writing';
    return notReady('critical', about, found, `causeway db install --mode enforce at ${site}`);
  }
  if (guard.dormant) {
    const found = 'has never been armed: clients may write here whoever has the role';
    return notReady('critical', about, found, `causeway db install --arm at ${site}`);
  }
  return ready(about, 'enforces the lease');
}

const severityOf: Record<Inspected['status'], Severity> = {
  fail: 'critical',
  warn: 'medium',
  escape: 'low',
  ok: 'info',
};

/** What gets past the guard by design is for people to know, and nobody can mend it. */
function judgeInspection(site: SiteName, inspected: Inspected[]): ReadinessFinding[] {
  const { ready, noted, notReady } = findingsAbout(site);
  const findings = inspected.map(({ about, status, found, wayOut }) =>
    status === 'escape'
      ? noted(about, found, wayOut)
      : notReady(severityOf[status], about, found, wayOut ?? '`causeway db check` says more'),
  );
  return findings.some(({ verdict }) => verdict === 'not-ready')
    ? findings
    : [ready('tables, settings and rights', 'are as replication, promotion and the guard need them'), ...findings];
}

const almostUsedUpPercent = 90;

function judgeSequences(it: ReadinessCase, site: SiteName, { sequences, untold }: DatabaseFacts): ReadinessFinding[] {
  const { ready, noted, notReady } = findingsAbout(site);
  const about = 'sequences';
  const isStandby = standbysOf(it).includes(site);
  const ending = isStandby ? sequences.filter(({ wouldEnd }) => wouldEnd).map(({ name }) => name) : [];
  const told = sequences.map(({ name, usedPercent }) => `${name} (${usedPercent} %)`);
  if (ending.length > 0) {
    const found = `a promotion would move ${some(ending)} to the end, and the next insert would fail`;
    return [notReady('high', about, found, 'give them and their columns a larger type (bigint) at both sites')];
  }
  if (sequences.some(({ usedPercent }) => usedPercent >= almostUsedUpPercent)) {
    const found = `are almost used up: ${some(told)}`;
    return [notReady('high', about, found, 'give them and their columns a larger type (bigint) at both sites')];
  }
  if (isStandby && untold.length > 0) {
    const found = `the writer's heartbeats tell no value of ${some(untold)}: a promotion goes by the rows alone`;
    const wayOut = `at ${it.situation.writer}: grant select on the sequence to the keeper's role; drop it at ${site} where it is of no use`;
    return [notReady('medium', about, found, wayOut)];
  }
  if (told.length > 0) return [noted(about, `are used up in part: ${some(told)}`, null)];
  return [ready(about, 'have room, and a promotion can move them past what the writer gave out')];
}

function judgeUnlogged(site: SiteName, { unlogged }: DatabaseFacts): ReadinessFinding[] {
  if (unlogged.length === 0) return [];
  const found = `${some(unlogged)} are unlogged: their rows never travel, and a failover finds them empty`;
  return [findingsAbout(site).noted('unlogged tables', found, 'alter table ... set logged, where that matters')];
}
