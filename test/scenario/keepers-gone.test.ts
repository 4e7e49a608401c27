// The writer's keepers are gone and its site is well: nobody renews the lease, so that nobody may write where the application looks healthy.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../shared/model/run.ts';
import { begin, messages, runEnds, type Story, writersInOrder } from '../support/estate/story.ts';

const isLeaseAlarm = ({ title }: { title: string }) =>
  title === 'go-pro: the lease of the writer aws is not being renewed';

describe('when the keepers of the writer are gone, and its site is well', () => {
  let story: Story;
  let run: Run;
  let goneAtSeconds: number;
  let toldAtSeconds: number | null = null;

  beforeAll(async () => {
    story = await begin({ seed: 91 });
    const { estate, schedules } = story;
    goneAtSeconds = estate.clock.elapsedSeconds();
    schedules.setScheduled('aws', false);
    for (const one of schedules.living('aws')) one.mortal.kill();
    await estate.until('people are told', () => messages(estate).some(isLeaseAlarm), 60);
    toldAtSeconds = estate.clock.elapsedSeconds();
    run = await runEnds(story, 300);
  });

  it('tells people before the database shuts', () => {
    expect((toldAtSeconds ?? Number.NaN) - goneAtSeconds).toBeLessThanOrEqual(15);
    expect(messages(story.estate).filter(isLeaseAlarm)).toMatchObject([{ channel: 'dba_team', severity: 'critical' }]);
  });

  it('moves the application, on the word of the register alone', () => {
    expect(run.because).toMatch(
      /^the writer aws is down and gcp is healthy: its lease is not renewed \(renewal \d+ of epoch 1 has stood still for (2[89]|3[0-3]) s\), so that its database refuses every write$/,
    );
    expect(run.outcome).toBe('done');
    expect(story.estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2 });
  });

  it('loses nothing: the old database had shut itself, and all that it took had time to arrive', () => {
    const { estate } = story;
    expect(estate.clients.openTogether).toEqual([]);
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    const arrived = new Set(estate.databases.gcp?.rows().map(({ id, origin }) => `${origin} ${id}`));
    expect(estate.clients.acknowledged.filter(({ site, id }) => !arrived.has(`${site} ${id}`))).toEqual([]);
  });
});
