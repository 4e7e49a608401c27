// A planned move that does not come to its end in its deadline: it is given up by itself, and the writer is where it was, with all it had.
import { beforeAll, describe, expect, it } from 'vitest';
import type { OperatorCommand } from '../../shared/model/operator.ts';
import type { Run } from '../../shared/model/run.ts';
import {
  acknowledgedSince,
  begin,
  command,
  events,
  lostWrites,
  messages,
  moveDeadlineSeconds,
  moveTo,
  runEnds,
  type Story,
  statuses,
  writersInOrder,
} from '../support/estate/story.ts';

describe('when the last heartbeat of the old writer does not arrive', () => {
  let story: Story;
  let run: Run;
  let trafficBefore: Record<string, number>;
  beforeAll(async () => {
    story = await begin({ seed: 85 });
    const { estate } = story;
    trafficBefore = estate.situation().traffic;
    expect(await command(story, 'aws', moveTo('gcp', 'move-1'))).toBe('committed');
    estate.replicationHeld = true;
    run = await runEnds(story, 200);
  });

  it('is given up after its deadline, and says what was waited for', () => {
    expect(run).toMatchObject({ outcome: 'aborted', handOver: { from: 'aws', deadlineSeconds: moveDeadlineSeconds } });
    expect(statuses(run)).toMatchObject({
      '3-hand_over': 'done',
      '4-take_authority': 'failed',
      '5-promote_db': 'pending',
      '6-update_dns': 'pending',
      '8-follow_writer': 'pending',
    });
    expect(run.steps[3]?.detail).toMatch(/^gave up after 2\d s, and aws takes its role back: /);
  });

  it('lets AWS write again at the next epoch, after no longer a pause than the deadline and a few beats', async () => {
    const { estate } = story;
    await estate.pass(15);
    expect(estate.situation()).toMatchObject({
      writer: 'aws',
      epoch: 2,
      lease: { fenced: null },
      previous: { writer: 'aws', epoch: 1, handedOver: false },
      run: null,
    });
    expect(acknowledgedSince(estate, 'aws', estate.clock.elapsedSeconds() - 5)).toBeGreaterThan(5);
    const times = estate.clients.acknowledged.map(({ atSeconds }) => atSeconds);
    const pause = Math.max(...times.map((time, index) => time - (times[index - 1] ?? time)));
    expect(pause).toBeGreaterThan(moveDeadlineSeconds);
    expect(pause).toBeLessThan(moveDeadlineSeconds + 10);
  });

  it('loses nothing, lets nobody write at both, and leaves traffic where it was', () => {
    const { estate } = story;
    expect(lostWrites(estate)).toEqual([]);
    expect(estate.clients.openTogether).toEqual([]);
    expect(writersInOrder(estate)).toEqual(['aws']);
    expect(estate.situation().traffic).toEqual(trafficBefore);
  });

  it('tells the incident desk that it was given up, and why', () => {
    const end = messages(story.estate).filter(({ dedupKey }) => dedupKey === `${run.id}/end`);
    expect(end).toMatchObject([{ severity: 'high', title: expect.stringContaining('was given up') }]);
    const told = story.estate.told(end[0]?.channel ?? '').find(({ dedupKey }) => dedupKey === `${run.id}/end`);
    expect(told?.text).toContain('aws stays the writer');
  });

  it('begins no failover while AWS is seen well again, and succeeds at once when it is asked for again', async () => {
    const { estate } = story;
    estate.replicationHeld = false;
    await estate.pass(5);
    expect(estate.situation()).toMatchObject({ run: null, lastRun: { id: run.id, outcome: 'aborted' } });
    expect(await command(story, 'aws', moveTo('gcp', 'move-2'))).toBe('committed');
    await estate.until('the second move has ended', () => estate.situation().lastRun?.id !== run.id, 200);
    await estate.pass(10);
    expect(estate.situation()).toMatchObject({
      writer: 'gcp',
      epoch: 3,
      lastRun: { id: 'switchover-gcp-move-2', outcome: 'done' },
    });
    expect(lostWrites(estate)).toEqual([]);
    expect(estate.clients.openTogether).toEqual([]);
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    expect(await estate.databases.aws?.health.standby()).toMatchObject({ applying: true, applied: { epoch: 3 } });
  });
});

const pause: OperatorCommand = { command: 'pause', id: 'pause-1', by: 'ada', reason: 'looking at something' };
const resume: OperatorCommand = { ...pause, command: 'resume', id: 'resume-1' };

describe('when automation is paused in the middle of a planned move', () => {
  it('before the fence: nothing is fenced while the pause lasts, and resumed it goes on with its whole deadline', async () => {
    const story = await begin({ seed: 86 });
    const { estate } = story;
    expect(await command(story, 'aws', moveTo('gcp', 'move-1'))).toBe('committed');
    expect(await command(story, 'aws', pause)).toBe('committed');
    await estate.pass(100);
    expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 1, lease: { fenced: null }, lastRun: null });
    expect(acknowledgedSince(estate, 'aws', estate.clock.elapsedSeconds() - 5)).toBeGreaterThan(5);
    expect(await command(story, 'aws', resume)).toBe('committed');
    expect(await runEnds(story, 200)).toMatchObject({ outcome: 'done' });
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2 });
    expect(lostWrites(estate)).toEqual([]);
  });

  it('after the fence: the deadline counts all the same, and AWS writes again while the pause still lasts', async () => {
    const story = await begin({ seed: 87 });
    const { estate } = story;
    expect(await command(story, 'aws', moveTo('gcp', 'move-1'))).toBe('committed');
    estate.replicationHeld = true;
    await estate.until('AWS is fenced', () => estate.situation().lease.fenced !== null, 100);
    expect(await command(story, 'aws', pause)).toBe('committed');
    const decided = (await events(estate)).flatMap((one) => (one.kind === 'decided' ? [one] : [])).at(-1);
    expect(decided).toMatchObject({
      rule: 'paused',
      because: 'ada paused all automation: looking at something; nobody can write meanwhile: aws is fenced at epoch 1',
    });
    await estate.pass(25);
    expect(estate.situation()).toMatchObject({
      writer: 'aws',
      epoch: 2,
      lease: { fenced: null },
      paused: { by: 'ada' },
      run: null,
      lastRun: { outcome: 'aborted' },
    });
    expect(acknowledgedSince(estate, 'aws', estate.clock.elapsedSeconds() - 5)).toBeGreaterThan(5);
    expect(lostWrites(estate)).toEqual([]);
    expect(writersInOrder(estate)).toEqual(['aws']);
    estate.replicationHeld = false;
    expect(await command(story, 'aws', resume)).toBe('committed');
    expect(await command(story, 'aws', moveTo('gcp', 'move-2'))).toBe('committed');
    await estate.until('the second move is done', () => estate.situation().lastRun?.outcome === 'done', 200);
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 3 });
  });

  it('after the fence and resumed in time: the move goes on', async () => {
    const story = await begin({ seed: 88 });
    const { estate } = story;
    expect(await command(story, 'aws', moveTo('gcp', 'move-1'))).toBe('committed');
    estate.replicationHeld = true;
    await estate.until('AWS is fenced', () => estate.situation().lease.fenced !== null, 100);
    expect(await command(story, 'aws', pause)).toBe('committed');
    estate.replicationHeld = false;
    expect(await command(story, 'aws', resume)).toBe('committed');
    expect(await runEnds(story, 100)).toMatchObject({ outcome: 'done' });
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2 });
  });
});
