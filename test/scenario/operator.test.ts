// What an operator holds, allows and stops: a standby that is behind, a pause, a run that is given up.
import { describe, expect, it } from 'vitest';
import type { OperatorCommand } from '../../shared/model/operator.ts';
import { begin, command, events, runEnds, type Story, writersInOrder } from '../support/estate/story.ts';

const said = { by: 'ada', reason: 'decided on the incident call' };
const override = (what: 'rpo' | 'cool-down', id: string): OperatorCommand => ({
  command: 'override',
  id,
  what,
  ...said,
});

async function lastHold({ estate }: Story) {
  return (await events(estate)).flatMap((event) => (event.kind === 'decided' ? [event] : [])).at(-1);
}

async function usedOverrides({ estate }: Story): Promise<string[]> {
  const used = (await events(estate)).flatMap((event) => (event.kind === 'override-used' ? [event.override.id] : []));
  return [...new Set(used)];
}

describe('when AWS is lost and the standby is further behind than the RPO', () => {
  it('is held until an operator allows the loss, and that once', async () => {
    const story = await begin({ seed: 61 });
    const { estate, schedules } = story;
    estate.replicationHeld = true;
    await estate.pass(80);
    schedules.killSite('aws');
    await estate.pass(90);
    expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 1, run: null });
    expect(await lastHold(story)).toMatchObject({ rule: 'standby-behind', blockedBy: 'the RPO of 60 s' });
    expect(await command(story, 'gcp', override('rpo', 'allow-1'))).toBe('committed');
    expect(await command(story, 'gcp', override('rpo', 'allow-1'))).toBe('committed');
    const run = await runEnds(story, 200);
    expect(run.outcome).toBe('done');
    expect(run.steps.find(({ id }) => id === '4-promote_db')?.detail).toMatch(/estimated loss (7\d|8\d)\.\d s of 60 s/);
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, overrides: [] });
    expect(await usedOverrides(story)).toEqual(['allow-1']);
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
  });
});

describe('when automation is paused', () => {
  it('does nothing while AWS is lost, and says why; resumed, it goes on', async () => {
    const story = await begin({ seed: 71 });
    const { estate, schedules } = story;
    expect(await command(story, 'aws', { command: 'pause', id: 'pause-1', ...said })).toBe('committed');
    schedules.killSite('aws');
    await estate.pass(90);
    expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 1, run: null });
    expect(await lastHold(story)).toMatchObject({
      rule: 'paused',
      because: 'ada paused all automation: decided on the incident call',
      unblock: '`causeway resume`',
    });
    expect(await command(story, 'gcp', { command: 'resume', id: 'resume-1', ...said })).toBe('committed');
    expect((await runEnds(story, 200)).outcome).toBe('done');
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2 });
  });

  it('stops in the middle of a run, and a pause longer than its patience does not make it give up', async () => {
    const story = await begin({ seed: 72 });
    const { estate, schedules } = story;
    schedules.killSite('aws');
    await estate.until('a run is open', () => estate.situation().run !== null, 60);
    expect(await command(story, 'gcp', { command: 'pause', id: 'pause-1', ...said })).toBe('committed');
    await estate.pass(1900);
    expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 1 });
    expect(await command(story, 'gcp', { command: 'resume', id: 'resume-1', ...said })).toBe('committed');
    expect((await runEnds(story, 300)).outcome).toBe('done');
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2 });
    expect(estate.clients.openTogether).toEqual([]);
  });
});

describe('when an operator gives a run up', () => {
  it('leaves it until the cool-down is over, unless an override ends that, once', async () => {
    const story = await begin({ seed: 73 });
    const { estate, schedules } = story;
    schedules.killSite('aws');
    await estate.until('a run is open', () => estate.situation().run !== null, 60);
    const id = estate.situation().run?.id ?? '';
    expect(await command(story, 'gcp', { command: 'abandon', id: 'abandon-1', run: id, ...said })).toBe('committed');
    await estate.pass(60);
    expect(estate.situation()).toMatchObject({ writer: 'aws', run: null, lastRun: { id, outcome: 'abandoned' } });
    expect(await lastHold(story)).toMatchObject({
      rule: 'cool-down',
      unblock: 'waiting, or `causeway override cool-down`',
    });
    expect(await command(story, 'gcp', override('cool-down', 'allow-2'))).toBe('committed');
    await estate.until('GCP is the writer', () => estate.situation().writer === 'gcp', 120);
    await estate.until('the second run has ended', () => estate.situation().run === null, 120);
    expect(estate.situation()).toMatchObject({ lastRun: { outcome: 'done' }, overrides: [] });
    expect(await usedOverrides(story)).toEqual(['allow-2']);
  });
});

describe('when a command is not one', () => {
  it('says what is wrong with it and what would have been taken, and does nothing', async () => {
    const story = await begin({ seed: 74 });
    const given = { command: 'abandon', id: 'abandon-1', by: 'ada', reason: '' };
    const answer = story.schedules.callFunction('aws').onOperator(given);
    const [refused] = await Promise.allSettled([answer, story.estate.pass(10)]);
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: {
        name: 'Error',
        message: expect.stringMatching(
          /say why: the reason is what[\s\S]*→ at reason[\s\S]*→ at run[\s\S]*one of pause, resume, override, abandon, switchover;/,
        ),
      },
    });
    expect(story.estate.situation()).toMatchObject({ paused: null, overrides: [] });
  });
});
