// Alarms of the clouds' managed checks: late, doubled and contradicted ones never cause or repeat a failover.
import { describe, expect, it } from 'vitest';
import type { HealthSignal } from '../../shared/model/signal.ts';
import { begin, deliver, events, messages, runEnds, type Story } from '../support/estate/story.ts';

function alarm(story: Story, id: string, ageSeconds: number, ground: 'aws' | 'gcp' = 'gcp'): HealthSignal {
  return {
    kind: 'health',
    id,
    vantage: { kind: 'managed-check', name: `check of ${ground}`, ground },
    observedAt: new Date(story.estate.clock.now().getTime() - ageSeconds * 1000).toISOString(),
    because: 'the uptime check failed',
    site: 'aws',
    component: 'application',
    health: 'unhealthy',
  };
}

async function runsOpened({ estate }: Story): Promise<number> {
  const opened = (await events(estate)).flatMap((event) => (event.kind === 'run-opened' ? [event.run.id] : []));
  return new Set(opened).size;
}

describe('alarms while AWS is well', () => {
  it('cause nothing, however many say it: the lookouts see the site', async () => {
    const story = await begin({ seed: 91 });
    const one = alarm(story, 'alarm-1', 0);
    expect(await deliver(story, 'gcp', [one])).toMatchObject({ received: 1, ignored: [] });
    const again = await deliver(story, 'gcp', [one]);
    expect(again.ignored).toEqual([expect.stringContaining('duplicate')]);
    await deliver(story, 'aws', [alarm(story, 'alarm-2', 0, 'aws')]);
    expect(await runsOpened(story)).toBe(0);
    expect(story.estate.situation()).toMatchObject({ writer: 'aws', epoch: 1, run: null, lastRun: null });
  });

  it('are history when they come a quarter of an hour late', async () => {
    const story = await begin({ seed: 92 });
    const { ignored } = await deliver(story, 'gcp', [alarm(story, 'alarm-1', 1000)]);
    expect(ignored).toEqual([expect.stringContaining('late')]);
    expect(await runsOpened(story)).toBe(0);
  });
});

describe('alarms when AWS is lost', () => {
  it('are a second witness, and a redelivery after the run repeats nothing', async () => {
    const story = await begin({ seed: 93 });
    const { estate, schedules } = story;
    const lost = alarm(story, 'alarm-1', -2);
    schedules.killSite('aws');
    await deliver(story, 'gcp', [lost]);
    const run = await runEnds(story, 200);
    expect(run.outcome).toBe('done');
    expect(run.because).toContain('alarm check of gcp');
    const before = messages(estate);
    await deliver(story, 'gcp', [lost]);
    await deliver(story, 'gcp', [alarm(story, 'alarm-2', 30)]);
    expect(await runsOpened(story)).toBe(1);
    expect(estate.situation()).toMatchObject({ writer: 'gcp', epoch: 2, run: null, lastRun: { id: run.id } });
    expect(messages(estate)).toEqual(before);
  });
});
