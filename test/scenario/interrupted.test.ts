// The stories of both lost sites, told again with the keeper that performs ending after each of its effects in turn: the end is the same.
import { describe, expect, it } from 'vitest';
import type { SiteName } from '../../shared/model/site.ts';
import { type Interruption, interruptAt, recordEffects } from '../support/estate/interruption.ts';
import { begin, messagesOf, runEnds, type Story, statuses, writersInOrder } from '../support/estate/story.ts';

type Telling = { lost: SiteName; performing: 'aws' | 'gcp'; seed: number; epoch: number };

const tellings: Record<string, Telling> = {
  'AWS is lost': { lost: 'aws', performing: 'gcp', seed: 11, epoch: 2 },
  'GCP is lost': { lost: 'gcp', performing: 'aws', seed: 21, epoch: 1 },
};

async function beginLoss({ seed, lost }: Telling): Promise<Story> {
  const story = await begin({ seed });
  story.schedules.killSite(lost);
  return story;
}

/** Everything that the end of such a run must show, however often its performers died. */
async function judgeEnd(story: Story, telling: Telling): Promise<void> {
  const { estate } = story;
  const lostAtSeconds = estate.clock.elapsedSeconds();
  const run = await runEnds(story, 600);
  expect(run.outcome).toBe('done');
  expect(new Set(Object.values(statuses(run)))).toEqual(new Set(['done']));
  expect(estate.situation()).toMatchObject({ writer: telling.performing, epoch: telling.epoch, run: null });
  expect(estate.situation().traffic).toEqual({ [telling.lost]: 0, [telling.performing]: 100 });
  expect(estate.clients.openTogether).toEqual([]);
  expect(writersInOrder(estate)).toEqual(telling.lost === 'aws' ? ['aws', 'gcp'] : ['aws']);
  expect(serviceGapSeconds(story, lostAtSeconds)).toBeLessThan(estate.strategy.objectives.rtoSeconds);
  const steps = run.steps.filter(({ action }) => action.kind === 'notify' || action.kind === 'create_incident');
  expect(messagesOf(estate, run).map(({ dedupKey }) => dedupKey)).toEqual(steps.map(({ id }) => `${run.id}/${id}`));
}

describe.each(Object.entries(tellings))(
  'when %s and the keeper that performs ends after each of its effects',
  (_name, telling) => {
    it.each(['alone', 'together'] as const)(
      '%s, the end is the same',
      async (who) => {
        const whole = await beginLoss(telling);
        const effects = recordEffects(whole, telling.performing);
        await judgeEnd(whole, telling);
        const points = effects();
        expect(points.length).toBeGreaterThan(15);
        const broken: string[] = [];
        // A process that ends alone leaves the easier case behind: every other point will do for it.
        const chosen = points.filter((_point, index) => who === 'together' || index % 2 === 0);
        for (const point of chosen) broken.push(...(await tellInterrupted(telling, point, who)));
        expect(broken).toEqual([]);
      },
      120_000,
    );
  },
);

/** From the loss to the first write that was acknowledged after it at the site that goes on. */
function serviceGapSeconds({ estate }: Story, lostAtSeconds: number): number {
  const { writer } = estate.situation();
  const first = estate.clients.acknowledged.find(({ site, atSeconds }) => site === writer && atSeconds > lostAtSeconds);
  return (first?.atSeconds ?? Number.POSITIVE_INFINITY) - lostAtSeconds;
}

async function tellInterrupted(telling: Telling, point: Interruption, who: 'alone' | 'together'): Promise<string[]> {
  const story = await beginLoss(telling);
  const struck = interruptAt(story, point, telling.performing, who);
  try {
    await judgeEnd(story, telling);
    return struck() ? [] : [`${point.label}: never came to this point`];
  } catch (error) {
    return [`${point.label}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
