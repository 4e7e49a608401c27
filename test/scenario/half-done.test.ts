// A run that one side began and the other must finish, and people who cannot be told at once.
import { describe, expect, it } from 'vitest';
import { begin, messagesOf, runEnds, statuses, writersInOrder } from '../support/estate/story.ts';

describe("when AWS's application dies, and all of AWS in the middle of the run", () => {
  it.each([0.05, 0.2, 0.5, 1, 2, 5])('GCP finishes what AWS had begun %s s before', async (seconds) => {
    const story = await begin({ seed: 101 });
    const { estate, schedules } = story;
    estate.serving.set('aws', false);
    await estate.until('a run is open', () => estate.situation().run !== null, 60);
    await estate.pass(seconds);
    schedules.killSite('aws');
    const run = await runEnds(story, 400);
    expect(run.outcome).toBe('done');
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, traffic: { aws: 0, gcp: 100 } });
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    expect(estate.clients.openTogether).toEqual([]);
    expect(messagesOf(estate, run)).toHaveLength(2);
  });
});

describe("when GCP's keepers are gone once its database is open", () => {
  it("AWS's keepers finish the run: traffic, capacity and the last check", async () => {
    const story = await begin({ seed: 102 });
    const { estate, schedules } = story;
    estate.serving.set('aws', false);
    await estate.until(
      'the database of GCP is open',
      () =>
        estate
          .situation()
          .run?.steps.some(({ action, status }) => action.kind === 'promote_db' && status === 'done') === true,
      120,
    );
    schedules.setScheduled('gcp', false);
    for (const one of schedules.living('gcp')) one.mortal.kill();
    await estate.until(
      'every step but the check of the service is done',
      () =>
        estate
          .situation()
          .run?.steps.every(({ action, status }) => action.kind === 'verify_service' || status === 'done') ?? true,
      200,
    );
    schedules.setScheduled('gcp', true);
    const run = await runEnds(story, 200);
    expect(new Set(Object.values(statuses(run)))).toEqual(new Set(['done']));
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, traffic: { aws: 0, gcp: 100 } });
  });
});

describe('when a channel is away', () => {
  it('is told once, soon after it is back, and the run does not end before', async () => {
    const story = await begin({ seed: 103 });
    const { estate, schedules } = story;
    estate.channels.ops_team?.fail('drop');
    schedules.killSite('gcp');
    await estate.until('a run is open', () => estate.situation().run !== null, 60);
    await estate.pass(12);
    expect(
      estate
        .situation()
        .run?.steps.filter(({ status }) => status !== 'done')
        .map(({ id }) => id),
    ).toContain('3-notify');
    estate.channels.ops_team?.fail(null);
    const run = await runEnds(story, 60);
    expect(run.outcome).toBe('done');
    expect(estate.told('ops_team')).toHaveLength(1);
  });
});
