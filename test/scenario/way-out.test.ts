// Ways out: what keeps a failover that cannot be finished from becoming an outage without an end.
import { describe, expect, it } from 'vitest';
import {
  acknowledgedSince,
  begin,
  command,
  events,
  runEnds,
  type Story,
  writersInOrder,
} from '../support/estate/story.ts';

const said = { by: 'ada', reason: 'decided on the incident call' };

describe('when the promotion fails again and again', () => {
  it('is tried until it works, less and less often: with the role taken, nobody else can write', async () => {
    const story = await begin({ seed: 111 });
    const { estate, schedules } = story;
    const promotion = estate.databases.gcp?.promotion;
    if (!promotion) throw new Error('the estate has no database at gcp');
    const { detach } = promotion;
    let refused = 0;
    promotion.detach = async () => {
      refused += 1;
      throw new Error('the worker of the subscription does not end');
    };
    schedules.killSite('aws');
    await estate.until('the role is taken', () => estate.situation().epoch === 2, 60);
    await estate.pass(240);
    expect(estate.situation().run?.steps.find(({ action }) => action.kind === 'promote_db')).toMatchObject({
      status: 'unknown',
      blocker: expect.stringContaining('the worker of the subscription does not end'),
    });
    expect(refused).toBeGreaterThan(6);
    expect(refused).toBeLessThan(20);
    promotion.detach = detach;
    expect((await runEnds(story, 120)).outcome).toBe('done');
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
  });
});

describe('when AWS has fenced itself, and GCP is lost before it takes the role', () => {
  it('AWS takes the role back at the next epoch once the run is given up', async () => {
    const story = await begin({ seed: 112 });
    const { estate, schedules } = story;
    estate.serving.set('aws', false);
    await estate.until('AWS is fenced', () => estate.situation().lease.fenced !== null, 60);
    schedules.killSite('gcp');
    estate.serving.set('aws', true);
    await estate.pass(30);
    expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 1 });
    const id = estate.situation().run?.id ?? '';
    expect(await command(story, 'aws', { command: 'abandon', id: 'abandon-1', run: id, ...said })).toBe('committed');
    await estate.pass(30);
    expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 2, previous: { writer: 'aws', epoch: 1 } });
    expect(acknowledgedSince(estate, 'aws', estate.clock.elapsedSeconds() - 10)).toBeGreaterThan(15);
    expect(writersInOrder(estate)).toEqual(['aws']);
  });

  it('AWS takes it back by itself when the patience with GCP is over', async () => {
    const story = await begin({ seed: 113 });
    const { estate, schedules } = story;
    estate.serving.set('aws', false);
    await estate.until('AWS is fenced', () => estate.situation().lease.fenced !== null, 60);
    schedules.killSite('gcp');
    estate.serving.set('aws', true);
    await estate.until('AWS writes again', () => estate.situation().epoch === 2, 2000);
    await estate.pass(20);
    expect(acknowledgedSince(estate, 'aws', estate.clock.elapsedSeconds() - 10)).toBeGreaterThan(15);
    const ended = (await events(estate)).flatMap((event) => (event.kind === 'run-ended' ? [event.run] : []));
    expect(ended[0]).toMatchObject({ outcome: 'done-with-failures' });
    expect(ended[0]?.steps[0]).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('the keeper of gcp'),
    });
  }, 60_000);
});

describe('when a run is given up while its taker is about to take the role', () => {
  it('does not take it any more', async () => {
    const story = await begin({ seed: 117 });
    const { estate, schedules } = story;
    schedules.killSite('aws');
    await estate.until('a run is open', () => estate.situation().run !== null, 60);
    const id = estate.situation().run?.id ?? '';
    await command(story, 'gcp', { command: 'abandon', id: 'abandon-1', run: id, ...said });
    await estate.pass(60);
    expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 1, run: null });
  });
});

describe('when a run is given up after the role was taken and before the database is open', () => {
  async function abandoned(seed: number): Promise<Story> {
    const story = await begin({ seed });
    const { estate, schedules } = story;
    const promotion = estate.databases.gcp?.promotion;
    if (!promotion) throw new Error('the estate has no database at gcp');
    const { detach } = promotion;
    promotion.detach = async () => {
      throw new Error('the worker of the subscription does not end');
    };
    schedules.killSite('aws');
    await estate.until('the role is taken', () => estate.situation().epoch === 2, 60);
    await estate.pass(5);
    const id = estate.situation().run?.id ?? '';
    expect(await command(story, 'gcp', { command: 'abandon', id: 'abandon-1', run: id, ...said })).toBe('committed');
    promotion.detach = detach;
    return story;
  }

  it('says so and waits for the cool-down, and then begins the promotion again', async () => {
    const story = await abandoned(116);
    const { estate } = story;
    await estate.pass(60);
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, run: null, lastRun: { outcome: 'abandoned' } });
    expect((await events(estate)).filter(({ kind }) => kind === 'decided').at(-1)).toMatchObject({
      rule: 'opening-waits',
      because: expect.stringContaining(
        'gcp took the role at epoch 2 and its database was never opened, so that nobody can write',
      ),
      unblock: expect.stringContaining('`causeway override cool-down`'),
    });
    await estate.until('the promotion is done', () => estate.situation().lastRun?.outcome === 'done', 500);
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, traffic: { aws: 0, gcp: 100 } });
    await estate.pass(400);
    const opened = (await events(estate)).flatMap((event) => (event.kind === 'run-opened' ? [event.run] : []));
    expect(opened.map(({ because }) => because)).toEqual([
      expect.stringContaining('the writer aws is down'),
      expect.stringContaining('the promotion is begun again'),
    ]);
    expect(opened[1]?.steps.some(({ action }) => action.kind === 'take_authority')).toBe(false);
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    expect(estate.clients.openTogether).toEqual([]);
  });

  it('begins it at once for an operator who allows that, once', async () => {
    const story = await abandoned(117);
    const { estate } = story;
    const given = { command: 'override', id: 'allow-1', what: 'cool-down', ...said } as const;
    expect(await command(story, 'gcp', given)).toBe('committed');
    await estate.until('the promotion is done', () => estate.situation().lastRun?.outcome === 'done', 120);
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, overrides: [] });
    expect(acknowledgedSince(estate, 'gcp', estate.clock.elapsedSeconds() - 5)).toBeGreaterThan(0);
  });
});

describe('when one of two renewers cannot reach its database any more', () => {
  it('the other renews: a number that rises in the register proves nothing of the guard', async () => {
    const story = await begin({ seed: 115 });
    const { estate, schedules } = story;
    const guard = estate.databases.aws?.guard;
    if (!guard) throw new Error('the estate has no database at aws');
    const { renew } = guard;
    // The newest keeper's renewals never arrive, and its heartbeats do.
    const lame = schedules.living('aws').at(-1)?.name;
    let last = '';
    schedules.onCall(({ process, port, method }) => {
      if (port === 'guard' && method === 'beat') last = process;
    });
    guard.renew = async (...lease) => {
      if (last === lame) return { kind: 'refused', because: 'lost on the way' };
      return renew(...lease);
    };
    await estate.pass(60);
    const times = estate.clients.acknowledged.map(({ atSeconds }) => atSeconds);
    expect(Math.max(...times.map((time, index) => time - (times[index - 1] ?? time)))).toBeLessThanOrEqual(0.5);
    expect(times.at(-1)).toBeGreaterThan(estate.clock.elapsedSeconds() - 2);
  });
});
