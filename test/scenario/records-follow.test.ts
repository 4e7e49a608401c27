// Records to follow: traffic was moved by the beacon alone; the records come when Route 53's API answers, and people know until then.
import { describe, expect, it } from 'vitest';
import type { Notification } from '../../shared/model/notification.ts';
import { compileTraffic } from '../../shared/traffic/compile.ts';
import { isWritten } from '../../shared/traffic/write-zone.ts';
import { begin, command, runEnds, type Story } from '../support/estate/story.ts';

const said = { by: 'ada', reason: 'decided on the incident call' };

const alarms = ({ estate }: Story): Notification[] =>
  estate.told('dba_team').filter(({ dedupKey }) => dedupKey.startsWith('traffic/'));

function route53SaysSo({ estate }: Story): Promise<boolean> {
  const traffic = compileTraffic(estate.strategy, { writer: 'gcp', away: ['aws'], epoch: 2 });
  return isWritten(estate.zones.route53, estate.strategy, traffic);
}

async function movedByBeacon(seed: number): Promise<Story> {
  const story = await begin({ seed });
  story.schedules.killSite('aws');
  await runEnds(story, 300);
  expect(await route53SaysSo(story)).toBe(false);
  return story;
}

describe("when traffic was moved while Route 53's API was dead", () => {
  it('alarms people once, whoever watches, and leaves it at that', async () => {
    const story = await movedByBeacon(121);
    await story.estate.pass(60);
    expect(alarms(story)).toMatchObject([
      {
        kind: 'incident-opened',
        severity: 'high',
        dedupKey: 'traffic/e2/away-aws',
        text: expect.stringContaining('Whether route53 says it could not be found out'),
      },
    ]);
    // Three generations of keepers later.
    await story.estate.pass(300);
    expect(alarms(story)).toHaveLength(1);
    expect(story.estate.situation().episodes).toMatchObject([{ alert: 'records to follow', told: true }]);
  });

  it('writes the records when the API answers again, and says once that they have followed', async () => {
    const story = await movedByBeacon(122);
    const { estate, schedules } = story;
    await estate.pass(60);
    schedules.reviveSite('aws');
    await estate.pass(90);
    expect(await route53SaysSo(story)).toBe(true);
    expect(alarms(story).map(({ kind, dedupKey }) => [kind, dedupKey])).toEqual([
      ['incident-opened', 'traffic/e2/away-aws'],
      ['incident-resolved', 'traffic/e2/away-aws'],
    ]);
    expect(estate.situation()).toMatchObject({ episodes: [], traffic: { aws: 0, gcp: 100 } });
    await estate.pass(200);
    expect(alarms(story)).toHaveLength(2);
  });

  it('says nothing when they follow before anybody had to be told', async () => {
    const story = await begin({ seed: 123 });
    story.estate.serving.set('aws', false);
    await runEnds(story, 300);
    await story.estate.pass(120);
    expect(await route53SaysSo(story)).toBe(true);
    expect(alarms(story)).toEqual([]);
  });

  it('touches nothing while automation is paused', async () => {
    const story = await movedByBeacon(124);
    const { estate, schedules } = story;
    expect(await command(story, 'gcp', { command: 'pause', id: 'pause-1', ...said })).toBe('committed');
    schedules.reviveSite('aws');
    await estate.pass(120);
    expect(await route53SaysSo(story)).toBe(false);
    expect(await command(story, 'gcp', { command: 'resume', id: 'resume-1', ...said })).toBe('committed');
    await estate.pass(60);
    expect(await route53SaysSo(story)).toBe(true);
  });
});

describe('while no traffic was moved', () => {
  it('asks nobody to write anything: the zones are as they were published', async () => {
    const story = await begin({ seed: 125 });
    const { estate } = story;
    const before = estate.zones.route53.records();
    await estate.pass(180);
    expect(estate.zones.route53.records()).toBe(before);
    expect(alarms(story)).toEqual([]);
  });
});
