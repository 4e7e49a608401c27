// What must be so before a planned move: each check with the sentence that a person reads, and the way out.
import { describe, expect, it } from 'vitest';
import type { SiteAssessment } from '../../../shared/decision/fold.ts';
import { type Check, type Seen, seenChecks, standingChecks } from '../../../shared/decision/switchover-checks.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import type { Strategy } from '../../../shared/model/strategy.ts';
import { aSituation } from '../../support/situation.ts';
import { theStrategy } from '../../support/strategy.ts';

const now = new Date('2026-11-20T03:00:10.000Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();

function standing(
  changes: Partial<Situation> = {},
  { to = 'gcp', strategy = theStrategy() }: { to?: string; strategy?: Strategy } = {},
) {
  return standingChecks(strategy, aSituation(changes), to, now);
}
const failing = (checks: Check[]) =>
  checks.filter(({ ok }) => !ok).map(({ about, found, wayOut }) => `${about}: ${found}. ${wayOut}`);
const found = (checks: Check[], about: string) => checks.find((one) => one.about === about)?.found;

const lastRun = (outcome: string, endedSecondsAgo: number) => ({
  id: 'r1',
  scenario: 'switchover',
  target: 'gcp',
  outcome,
  endedAt: ago(endedSecondsAgo),
  epoch: 1,
});

describe('what the strategy and the situation say', () => {
  it('is all well for an estate that is', () => {
    expect(standing().map(({ about, ok, found: what }) => [about, ok, what])).toEqual([
      ['the target', true, 'gcp has a database, and is not the writer'],
      ['replication', true, 'logical, between these two sites alone'],
      ['the guard', true, 'enforces'],
      ['automation', true, 'is not paused'],
      ['runs', true, 'none is open'],
      ['the lease', true, 'aws is the writer at epoch 1, at heartbeat 10'],
      ['cool-down', true, 'is over'],
    ]);
  });

  it('refuses a target that is none', () => {
    expect(failing(standing({}, { to: 'aws' }))).toEqual([
      'the target: aws is the writer already. another site with a database: gcp',
    ]);
    expect(failing(standing({}, { to: 'mars' }))).toEqual([
      'the target: the strategy names no site mars. one of aws, gcp',
    ]);
    const strategy = theStrategy();
    const sites = strategy.sites.map((site) => (site.name === 'gcp' ? { ...site, database: null } : site));
    expect(failing(standing({}, { strategy: { ...strategy, sites } }))).toEqual([
      'the target: gcp has no database. another site with a database: there is none',
    ]);
  });

  it('refuses a third site that would fall behind, another method, and a guard that only observes', () => {
    const strategy = theStrategy();
    const gcp = strategy.sites.find(({ name }) => name === 'gcp')!;
    const third = { ...strategy, sites: [...strategy.sites, { ...gcp, name: 'azure' }] };
    expect(failing(standing({}, { strategy: third }))).toEqual([
      'replication: azure would go on reading from aws, and fall behind. promote through the provider, by hand',
    ]);
    const observing = { ...strategy, authority: { ...strategy.authority, guard: 'observe' as const } };
    expect(failing(standing({}, { strategy: observing }))).toEqual([
      'the guard: authority.guard is `observe`: a writer cannot be fenced, so that a write could be lost. authority.guard: enforce',
    ]);
  });

  it('refuses while automation is paused, or the writer is fenced or not open', () => {
    expect(failing(standing({ paused: { by: 'ana', reason: 'network works', at: ago(60) } }))).toEqual([
      'automation: was paused by ana: network works. `causeway resume`',
    ]);
    const fenced = { by: 'aws keeper', at: ago(5), heartbeat: null };
    expect(failing(standing({ lease: { renewal: 10, fenced } }))).toEqual([
      'the lease: aws is fenced, by aws keeper. `causeway status` shows what it waits for',
    ]);
    expect(failing(standing({ heartbeat: null }))).toEqual([
      'the lease: aws has recorded no heartbeat of epoch 1: its database is not open. `causeway status` shows what it waits for',
    ]);
  });

  it('waits for the cool-down of a run that moved something, unless a person allows it', () => {
    expect(failing(standing({ lastRun: lastRun('done', 10) }))).toEqual([
      'cool-down: the run r1 ended a moment ago; 290 s are left. wait, or `causeway override cool-down`',
    ]);
    for (const outcome of ['aborted', 'overtaken'])
      expect(found(standing({ lastRun: lastRun(outcome, 1) }), 'cool-down')).toBe('is over');
    const overrides = [{ id: 'o1', what: 'cool-down' as const, by: 'ana', reason: 'looked', at: ago(1) }];
    const allowed = standing({ lastRun: lastRun('done', 10), overrides });
    expect([failing(allowed), found(allowed, 'cool-down')]).toEqual([[], 'allowed once by ana']);
  });
});

describe('what has just been seen', () => {
  const assessed = (site: string, verdict: SiteAssessment['verdict']): SiteAssessment => ({
    site,
    verdict,
    because: `lookouts say ${verdict}`,
    evidence: [],
    confirmedFromElsewhere: true,
  });
  const view = (site: string, ready = true, because = '0.4 s behind') => ({
    site,
    applied: null,
    lagSeconds: 0.4,
    ready,
    because,
  });
  const well: Seen = {
    assessments: new Map([
      ['aws', assessed('aws', 'up')],
      ['gcp', assessed('gcp', 'up')],
    ]),
    standbys: [view('aws'), view('gcp')],
    leaseRises: true,
  };
  const seen = (changes: Partial<Seen> = {}) => seenChecks(aSituation(), 'gcp', { ...well, ...changes });

  it('is all well when both sites are, and their keepers speak', () => {
    expect(failing(seen())).toEqual([]);
    expect(found(seen(), 'the standby')).toBe('0.4 s behind');
    expect(found(seen({ leaseRises: null }), 'the renewals')).toBe('were not watched');
  });

  it('refuses a target that is not surely up, and a writer that is down, and not one that is only suspected', () => {
    const one = (site: string, verdict: SiteAssessment['verdict']) =>
      seen({ assessments: new Map([...well.assessments, [site, assessed(site, verdict)]]) });
    expect(failing(one('gcp', 'suspected'))).toEqual([
      'site gcp: is suspected: lookouts say suspected. gcp healthy again',
    ]);
    expect(failing(one('aws', 'down'))).toEqual([
      'site aws: is down: lookouts say down. a writer that is down hands nothing over: that is a failover, which is decided by itself (`causeway status`)',
    ]);
    expect(failing(one('aws', 'suspected'))).toEqual([]);
    expect(failing(seen({ assessments: new Map([['aws', assessed('aws', 'up')]]) }))).toEqual([
      'site gcp: is unknown: no lookout speaks of it. gcp healthy again',
    ]);
  });

  it('refuses when a keeper is silent or its standby is not ready', () => {
    expect(failing(seen({ standbys: [view('aws')] }))).toEqual([
      "the keepers: no fresh word of gcp's own keeper. are the functions scheduled? `causeway keeper --site <site>` runs one as a process",
      "the standby: nobody can say how far the database of gcp is behind. `causeway db check` on gcp's database, or wait until it has caught up",
    ]);
    expect(failing(seen({ standbys: [view('aws'), view('gcp', false, 'apply is not running')] }))).toEqual([
      "the standby: is not ready: apply is not running. `causeway db check` on gcp's database, or wait until it has caught up",
    ]);
  });

  it('refuses when nobody renews the lease of the writer', () => {
    expect(failing(seen({ leaseRises: false }))).toEqual([
      'the renewals: the lease of aws was not renewed while it was watched. a keeper of aws: only it can hand over',
    ]);
  });
});
