// GCP is lost: AWS keeps the role, traffic is led there, and its capacity is verified; nothing is promoted.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../shared/model/run.ts';
import {
  begin,
  events,
  messages,
  messagesOf,
  runEnds,
  type Story,
  statuses,
  writersInOrder,
} from '../support/estate/story.ts';

describe('when GCP is lost', () => {
  let story: Story;
  let run: Run;
  beforeAll(async () => {
    story = await begin({ seed: 21 });
    story.schedules.killSite('gcp');
    run = await runEnds(story, 200);
  });

  it('leads traffic to AWS, verifies its capacity, and promotes nothing', () => {
    expect(run).toMatchObject({ scenario: 'gcp_region_lost', target: 'aws', outcome: 'done' });
    expect(statuses(run)).toEqual({
      '1-update_dns': 'done',
      '2-verify_capacity': 'done',
      '3-notify': 'done',
      '4-create_incident': 'done',
      '5-verify_service': 'done',
    });
    expect(story.estate.situation()).toMatchObject({ writer: 'aws', epoch: 1, traffic: { aws: 100, gcp: 0 } });
  });

  it('keeps AWS writing all the time', () => {
    const { clients } = story.estate;
    expect(writersInOrder(story.estate)).toEqual(['aws']);
    const times = clients.acknowledged.map(({ atSeconds }) => atSeconds);
    expect(Math.max(...times.map((time, index) => time - (times[index - 1] ?? time)))).toBeLessThanOrEqual(0.5);
  });

  it('tells people once, with an incident of severity medium', () => {
    expect(messages(story.estate)).toMatchObject([
      { channel: 'ops_team', dedupKey: `${run.id}/3-notify` },
      { channel: 'dba_team', dedupKey: `${run.id}/4-create_incident`, severity: 'medium' },
    ]);
  });

  it('repeats nothing while GCP stays lost, also after the cool-down', async () => {
    await story.estate.pass(400);
    expect(story.estate.situation()).toMatchObject({ run: null, lastRun: { id: run.id } });
    expect(messagesOf(story.estate, run)).toHaveLength(2);
    expect((await events(story.estate)).filter(({ kind }) => kind === 'run-opened')).toHaveLength(1);
  });
});

describe('when the site that a run has just led to is lost during the cool-down', () => {
  it('is recovered at once: the cool-down damps flapping, and never blocks that', async () => {
    const story = await begin({ seed: 22 });
    const { estate, schedules } = story;
    schedules.killSite('gcp');
    await runEnds(story, 200);
    schedules.reviveSite('gcp');
    await estate.pass(30);
    schedules.killSite('aws');
    await estate.pass(60);
    expect(estate.situation()).toMatchObject({ run: { scenario: 'aws_region_lost' } });
  });
});
