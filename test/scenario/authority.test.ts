// Who may write when AWS is not dead: a dead application, a cut cable, a single witness.
import { describe, expect, it } from 'vitest';
import { acknowledgedSince, begin, events, rulesDecided, runEnds, writersInOrder } from '../support/estate/story.ts';

describe("when AWS's application is dead, and its keeper and database live", () => {
  it('fences its own database, and the role moves without waiting for the lease', async () => {
    const story = await begin({ seed: 31 });
    const { estate } = story;
    const diedAtSeconds = estate.clock.elapsedSeconds();
    estate.serving.set('aws', false);
    const run = await runEnds(story, 200);
    expect(run.outcome).toBe('done');
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    expect(estate.clients.openTogether).toEqual([]);
    const first = estate.clients.acknowledged.find(({ site }) => site === 'gcp')?.atSeconds ?? 0;
    const confirmSeconds = 12;
    expect(first - diedAtSeconds).toBeLessThan(confirmSeconds + 12);
    expect(estate.situation()).toMatchObject({
      writer: 'gcp',
      epoch: 2,
      previous: { writer: 'aws', fenced: { by: expect.stringContaining('aws keeper'), heartbeat: { epoch: 1 } } },
    });
    expect(run.steps.find(({ id }) => id === '4-promote_db')?.detail).toContain('estimated loss 0.0 s');
  });

  it('loses no acknowledged write', async () => {
    const story = await begin({ seed: 32 });
    const { estate } = story;
    estate.serving.set('aws', false);
    await runEnds(story, 200);
    const arrived = new Set(estate.databases.gcp?.rows().map(({ id, origin }) => `${origin} ${id}`));
    expect(estate.clients.acknowledged.filter(({ site, id }) => !arrived.has(`${site} ${id}`))).toEqual([]);
  });
});

describe('when AWS is cut off and alive', () => {
  it("stops its own clients' writes before GCP accepts any", async () => {
    const story = await begin({ seed: 41 });
    const { estate } = story;
    const cutAtSeconds = estate.clock.elapsedSeconds();
    estate.network.cut('aws', 'gcp');
    estate.network.cut('aws', 'elsewhere');
    const run = await runEnds(story, 300);
    expect(run.outcome).toBe('done');
    expect(estate.clients.openTogether).toEqual([]);
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    const last = estate.clients.acknowledged.findLast(({ site }) => site === 'aws')?.atSeconds ?? 0;
    expect(last - cutAtSeconds).toBeLessThan(20 + 1);
  });

  it('stays shut when the cable is mended, and fences the epoch that is over', async () => {
    const story = await begin({ seed: 42 });
    const { estate } = story;
    estate.network.cut('aws', 'gcp');
    estate.network.cut('aws', 'elsewhere');
    await runEnds(story, 300);
    const mendedAtSeconds = estate.clock.elapsedSeconds();
    estate.network.mend('aws', 'gcp');
    estate.network.mend('aws', 'elsewhere');
    await estate.pass(90);
    expect(acknowledgedSince(estate, 'aws', mendedAtSeconds)).toBe(0);
    expect(await estate.databases.aws?.guard.state()).toMatchObject({ fencedEpoch: 1, open: false });
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, run: null });
  });
});

describe('when only the cable between the clouds is cut', () => {
  it('fails nothing over: the watchtower sees both sites well, and both renew through the witness', async () => {
    const story = await begin({ seed: 43 });
    const { estate } = story;
    estate.network.cut('aws', 'gcp');
    await estate.pass(180);
    expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 1, run: null, lastRun: null });
    expect(writersInOrder(estate)).toEqual(['aws']);
    const all = await events(estate);
    expect(all.some(({ kind }) => kind === 'run-opened')).toBe(false);
  });
});

describe('when only one vantage sees AWS down', () => {
  it('does nothing, and the journal says what is missing', async () => {
    const story = await begin({ seed: 51 });
    const { estate } = story;
    estate.network.cut('aws', 'elsewhere');
    await estate.pass(120);
    expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 1, run: null, lastRun: null });
    const all = await events(estate);
    expect(rulesDecided(all)).toContain('suspected');
    const said = all.flatMap((event) => (event.kind === 'decided' && event.rule === 'suspected' ? [event] : []));
    expect(said[0]?.because).toMatch(/lookout watchtower sees aws unhealthy, but lookout .* sees? it healthy/);
    expect(said[0]).toMatchObject({ blockedBy: 'not enough evidence yet', unblock: 'time, or more vantages' });
    expect(all.some(({ kind }) => kind === 'run-opened')).toBe(false);
  });

  it('does not believe GCP alone when no lookout stands outside both clouds', async () => {
    const story = await begin({ seed: 52 });
    const { estate, schedules } = story;
    schedules.setScheduled('elsewhere', false);
    for (const one of schedules.living('elsewhere')) one.mortal.kill();
    await estate.pass(30);
    schedules.killSite('aws');
    await estate.pass(120);
    expect(estate.situation()).toMatchObject({ writer: 'aws', epoch: 1, run: null, lastRun: null });
    expect(acknowledgedSince(estate, 'gcp', 0)).toBe(0);
    const last = (await events(estate)).flatMap((event) => (event.kind === 'decided' ? [event] : [])).at(-1);
    // The register tells GCP that nobody renews; it is the same GCP that says so.
    expect(last).toMatchObject({ rule: 'no-outside-witness', blockedBy: 'no fresh lookout outside both clouds' });
  });
});
