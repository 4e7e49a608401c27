// A planned move: GCP becomes the writer while AWS is well. No acknowledged write is lost, and AWS stands by at the end.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../shared/model/run.ts';
import type { SiteName } from '../../shared/model/site.ts';
import { DatabaseUnavailable } from '../../shared/ports/database.ts';
import type { Estate } from '../support/estate/estate.ts';
import {
  acknowledgedSince,
  begin,
  command,
  events,
  lostWrites,
  messages,
  moveTo,
  runEnds,
  type Story,
  statuses,
  writersInOrder,
} from '../support/estate/story.ts';

/** From the last write that the old writer acknowledged to the first of the new one. */
function pauseSeconds({ clients }: Estate, from: SiteName, to: SiteName): number {
  const last = clients.acknowledged.findLast(({ site }) => site === from)?.atSeconds ?? 0;
  return (clients.acknowledged.find(({ site, atSeconds }) => site === to && atSeconds > last)?.atSeconds ?? 0) - last;
}

describe('when an operator moves the writer to GCP', () => {
  let story: Story;
  let run: Run;
  beforeAll(async () => {
    story = await begin({ seed: 81 });
    expect(await command(story, 'aws', moveTo('gcp'))).toBe('committed');
    run = await runEnds(story, 300);
  });

  it('carries out every step', () => {
    expect(run).toMatchObject({ id: 'switchover-gcp-move-1', scenario: 'switchover', outcome: 'done' });
    expect(statuses(run)).toEqual({
      '1-notify': 'done',
      '2-scale_cluster': 'done',
      '3-hand_over': 'done',
      '4-take_authority': 'done',
      '5-promote_db': 'done',
      '6-update_dns': 'done',
      '7-verify_service': 'done',
      '8-follow_writer': 'done',
    });
  });

  it('loses no acknowledged write, and lets nobody write at both', async () => {
    const { estate } = story;
    await estate.pass(5);
    expect(lostWrites(estate)).toEqual([]);
    expect(estate.clients.openTogether).toEqual([]);
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    expect(run.steps.find(({ id }) => id === '5-promote_db')?.detail).toContain('estimated loss 0.0 s of 60 s');
    expect(pauseSeconds(estate, 'aws', 'gcp')).toBeLessThan(5);
  });

  it('fences no sooner than capacity is ready', () => {
    const ended = (id: string) => run.steps.find((step) => step.id === id)?.endedAt ?? '';
    expect(ended('2-scale_cluster') < ended('3-hand_over')).toBe(true);
    expect(ended('3-hand_over') <= ended('4-take_authority')).toBe(true);
  });

  it('leaves GCP as the writer with all the traffic, and AWS following it, with no slot left behind', async () => {
    const { estate } = story;
    expect(estate.situation()).toMatchObject({
      writer: 'gcp',
      epoch: 2,
      previous: { writer: 'aws', handedOver: true },
      traffic: { aws: 0, gcp: 100 },
    });
    await estate.pass(10);
    expect(await estate.databases.aws?.health.standby()).toMatchObject({ applying: true, applied: { epoch: 2 } });
    expect((await estate.databases.aws?.following.state())?.kept).toEqual([]);
    const newest = estate.clients.acknowledged.findLast(({ site }) => site === 'gcp');
    await estate.pass(1);
    expect(estate.databases.aws?.rows().some(({ id, origin }) => origin === 'gcp' && id === newest?.id)).toBe(true);
  });

  it('tells people at its beginning and at its end, and opens no incident', () => {
    expect(messages(story.estate).map(({ dedupKey, severity }) => [dedupKey, severity])).toEqual([
      [`${run.id}/1-notify`, 'high'],
      [`${run.id}/end`, 'info'],
    ]);
  });

  it('changes nothing when the same command is given again, and refuses another while the cool-down lasts', async () => {
    expect(await command(story, 'gcp', moveTo('gcp'))).toBe('committed');
    expect(story.estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, run: null });
    expect(await command(story, 'gcp', moveTo('aws', 'move-2'))).toBe('refused');
    const said = (await events(story.estate)).flatMap((one) =>
      one.kind === 'operator-commanded' ? [one.command] : [],
    );
    expect(said.at(-1)).toContain('cool-down: the run switchover-gcp-move-1 ended a moment ago');
  });

  it('comes back the same way, to what the strategy says of traffic', async () => {
    const { estate } = story;
    const allowed = { command: 'override', id: 'allow-1', by: 'ada', reason: 'it is over', what: 'cool-down' } as const;
    expect(await command(story, 'gcp', allowed)).toBe('committed');
    expect(await command(story, 'gcp', moveTo('aws', 'move-3'))).toBe('committed');
    expect(estate.situation().overrides).toEqual([]);
    await estate.until('the second run has ended', () => estate.situation().run === null, 200);
    await estate.pass(5);
    expect(estate.situation()).toMatchObject({
      writer: 'aws',
      epoch: 3,
      traffic: { aws: 70, gcp: 30 },
      lastRun: { outcome: 'done' },
    });
    expect(lostWrites(estate)).toEqual([]);
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp', 'aws']);
    expect(estate.clients.openTogether).toEqual([]);
    expect(acknowledgedSince(estate, 'aws', estate.clock.elapsedSeconds() - 4)).toBeGreaterThan(5);
  });
});

it('makes the way back at the second try, where the first one is not answered, so that AWS can follow', async () => {
  const story = await begin({ seed: 81 });
  const promotion = story.estate.databases.gcp?.promotion;
  if (!promotion) throw new Error('GCP has a database');
  const prepare = promotion.prepareReverse;
  let tries = 0;
  promotion.prepareReverse = async (epoch) => {
    tries += 1;
    if (tries === 1) throw new DatabaseUnavailable('make the publication and slot: no answer');
    return prepare(epoch);
  };
  expect(await command(story, 'aws', moveTo('gcp'))).toBe('committed');
  const run = await runEnds(story, 300);
  expect(tries).toBe(2);
  expect([run.outcome, statuses(run)['8-follow_writer']]).toEqual(['done', 'done']);
});
