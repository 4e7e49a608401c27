// Readiness as people hear of it: before the disaster, once when it has stood for minutes, once when it is over, and never for what comes and goes.
import { describe, expect, it } from 'vitest';
import { isOpen } from '../../shared/decision/readiness/finding.ts';
import { judgeReadiness } from '../../shared/decision/readiness/judge.ts';
import { createReadinessBoard } from '../../shared/engine/readiness/readiness-board.ts';
import type { Notification } from '../../shared/model/notification.ts';
import type { DatabaseFacts } from '../../shared/model/readiness.ts';
import { siteOf } from '../../shared/model/strategy.ts';
import { begin, command, events, runEnds, type Story } from '../support/estate/story.ts';

const unlimited = (facts: DatabaseFacts) => ({ ...facts, slotLimitBytes: null });
const same = (facts: DatabaseFacts) => facts;
const minutes = (count: number) => count * 60;

/** What the channel for incidents has received about readiness. */
function told({ estate }: Story): Notification[] {
  return estate.told('dba_team').filter(({ dedupKey }) => dedupKey.startsWith('readiness/'));
}

const heads = (story: Story) => told(story).map(({ kind, severity, title }) => [kind, severity, title]);

/** Every finding that is not ready, as `causeway readiness` shows it now. */
async function openNow({ estate }: Story): Promise<string[]> {
  const { strategy, storage, clock } = estate;
  const all = strategy.authority.stores.flatMap(({ name, site }) =>
    site === null ? [] : [{ site, store: storage.atHand(name) }],
  );
  const reports = await createReadinessBoard({ own: all[0]!.store, all, clock }).read();
  const findings = judgeReadiness({ strategy, situation: estate.situation(), reports, now: clock.now() });
  return findings.filter(isOpen).map(({ site, about }) => `${site}: ${about}`);
}

describe('while everything is as it has to be', () => {
  it('both sites are ready within a minute of their first keeper, and nobody is told anything', async () => {
    const story = await begin({ seed: 301 });
    expect(await openNow(story)).toEqual([]);
    await story.estate.pass(minutes(15));
    expect(await openNow(story)).toEqual([]);
    expect(told(story)).toEqual([]);
    expect(story.estate.situation().episodes).toEqual([]);
  });

  it('a report is written once a minute, however many keepers overlap', async () => {
    const story = await begin({ seed: 302 });
    const written: string[] = [];
    story.schedules.onCall(({ method, subject }) => {
      if (method === 'put' && subject.startsWith('readiness/')) written.push(subject);
    });
    await story.estate.pass(minutes(10));
    for (const site of ['aws', 'gcp']) {
      const reports = written.filter((key) => key === `readiness/${site}.json`).length;
      expect(reports).toBeGreaterThanOrEqual(9);
      expect(reports).toBeLessThanOrEqual(12);
    }
  });
});

describe('what is not ready', () => {
  it('is told once after minutes with its way out, and once when it is over; the journal has both', async () => {
    const story = await begin({ seed: 303 });
    const { estate } = story;
    estate.databases.aws?.pretend(unlimited);
    await estate.pass(minutes(3));
    expect(told(story)).toEqual([]);
    await estate.pass(minutes(3));
    expect(heads(story)).toEqual([['incident-opened', 'critical', 'go-pro: not ready: aws: max_slot_wal_keep_size']]);
    expect(told(story)[0]?.text).toMatch(
      /fills the disk of aws until nobody can write.*Way out: set it to less than half/,
    );
    await estate.pass(minutes(20));
    expect(told(story)).toHaveLength(1);
    estate.databases.aws?.pretend(same);
    await estate.pass(minutes(6));
    expect(heads(story).slice(1)).toEqual([
      ['incident-resolved', 'info', 'go-pro: ready again: aws: max_slot_wal_keep_size'],
    ]);
    expect(told(story)[1]?.text).toContain('aws is ready.');
    expect(new Set(told(story).map(({ dedupKey }) => dedupKey)).size).toBe(1);
    expect(estate.situation().episodes).toEqual([]);
    const journaled = (await events(estate)).filter(({ kind }) => kind.startsWith('readiness-'));
    expect(journaled.map(({ kind }) => kind)).toEqual(['readiness-lost', 'readiness-regained']);
  });

  it('is not told while it comes and goes', async () => {
    const story = await begin({ seed: 304 });
    const { estate } = story;
    for (let round = 0; round < 12; round += 1) {
      estate.databases.aws?.pretend(round % 2 === 0 ? unlimited : same);
      await estate.pass(minutes(2));
    }
    expect(told(story)).toEqual([]);
  });

  it('that comes later is told by itself, and each is over by itself', async () => {
    const story = await begin({ seed: 305 });
    const { estate } = story;
    estate.databases.aws?.pretend(unlimited);
    await estate.pass(minutes(6));
    estate.databases.aws?.pretend((facts) => ({ ...unlimited(facts), publication: null }));
    await estate.pass(minutes(6));
    expect(heads(story).map(([, , title]) => title)).toEqual([
      'go-pro: not ready: aws: max_slot_wal_keep_size',
      'go-pro: not ready: aws: what travels',
    ]);
    estate.databases.aws?.pretend(unlimited);
    await estate.pass(minutes(6));
    expect(heads(story).slice(2)).toEqual([['incident-resolved', 'info', 'go-pro: ready again: aws: what travels']]);
    expect(told(story)[2]?.text).toContain('Still not ready: aws: max_slot_wal_keep_size.');
  });

  it('waits while automation is paused', async () => {
    const story = await begin({ seed: 306 });
    const { estate } = story;
    const said = { by: 'ada', reason: 'maintenance of the database' };
    expect(await command(story, 'gcp', { command: 'pause', id: 'pause-1', ...said })).toBe('committed');
    estate.databases.aws?.pretend(unlimited);
    await estate.pass(minutes(10));
    expect(told(story)).toEqual([]);
    expect(await command(story, 'gcp', { command: 'resume', id: 'resume-1', ...said })).toBe('committed');
    await estate.pass(minutes(2));
    expect(told(story)).toHaveLength(1);
  });
});

describe('what could not be found out', () => {
  it('of one API is told later, as unknown, and hides nothing of the others', async () => {
    const story = await begin({ seed: 307 });
    const { estate } = story;
    estate.capacities.gcp?.fail('drop');
    await estate.pass(minutes(3));
    expect(await openNow(story)).toEqual(['aws: cluster of gcp', 'gcp: cluster of gcp']);
    await estate.pass(minutes(6));
    expect(told(story)).toEqual([]);
    await estate.pass(minutes(4));
    expect(
      told(story)
        .map(({ title }) => title)
        .toSorted(),
    ).toEqual(['go-pro: not ready: aws: cluster of gcp', 'go-pro: not ready: gcp: cluster of gcp']);
    estate.capacities.gcp?.fail(null);
    await estate.pass(minutes(6));
    expect(told(story).filter(({ kind }) => kind === 'incident-resolved')).toHaveLength(2);
    expect(await openNow(story)).toEqual([]);
  });

  it('because a keeper is silent is told by the other', async () => {
    const story = await begin({ seed: 308 });
    const { estate, schedules } = story;
    const { provider } = siteOf(estate.strategy, 'gcp');
    schedules.setScheduled(provider, false);
    for (const one of schedules.living(provider)) one.mortal.kill();
    await estate.pass(minutes(18));
    const ours = told(story).filter(({ source }) => source === 'aws');
    expect(ours).toHaveLength(1);
    expect(ours[0]?.text).toContain('the keeper of gcp has said nothing about its readiness since');
    schedules.setScheduled(provider, true);
    await estate.pass(minutes(7));
    expect(await openNow(story)).toEqual([]);
    expect(told(story).filter(({ kind }) => kind === 'incident-resolved').length).toBe(told(story).length / 2);
  });
});

describe('after a failover', () => {
  it('the site that is back, and does not follow yet, is told once; its slots are no news', async () => {
    const story = await begin({ seed: 309 });
    const { estate, schedules } = story;
    schedules.killSite('aws');
    await runEnds(story, 300);
    schedules.reviveSite('aws');
    await estate.pass(minutes(10));
    const about = told(story).filter(({ title }) => title.includes('following'));
    expect(about.map(({ title }) => title)).toEqual(['go-pro: not ready: aws: following gcp']);
    expect(about[0]?.text).toMatch(/aws has not come back for \d+ min, since gcp took the role at epoch 2/);
    expect(await openNow(story)).toEqual(['aws: following gcp']);
  });
});
