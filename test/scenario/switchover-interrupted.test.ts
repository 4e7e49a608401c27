// A planned move, told again with keepers that die after each of their effects, and with either site lost in the middle: nothing
// acknowledged is lost that any site still has, no two sites accept writes, and somebody writes at the end.
import { describe, expect, it } from 'vitest';
import type { OperatorCommand } from '../../shared/model/operator.ts';
import type { SiteName } from '../../shared/model/site.ts';
import { type Interruption, interruptAt, recordEffects } from '../support/estate/interruption.ts';
import { acknowledgedSince, begin, command, lostWrites, type Story, writersInOrder } from '../support/estate/story.ts';

const seed = 83;
const move: OperatorCommand = {
  command: 'switchover',
  id: 'move-1',
  by: 'ada',
  reason: 'maintenance of the other region',
  to: 'gcp',
  deadlineSeconds: 20,
};

async function beginMove(watch: (story: Story) => void): Promise<Story> {
  const story = await begin({ seed });
  watch(story);
  expect(await command(story, 'aws', move)).toBe('committed');
  return story;
}

/** Whatever became of the move: one writer, which accepts, has everything, and is followed when it moved. */
async function judgeEnd(story: Story): Promise<void> {
  const { estate } = story;
  await estate.until(
    'the run has ended',
    () => estate.situation().lastRun !== null && estate.situation().run === null,
    400,
  );
  await estate.pass(25);
  const { writer, lastRun, lease } = estate.situation();
  expect(['done', 'aborted']).toContain(lastRun?.outcome);
  expect([writer, lease.fenced]).toEqual([lastRun?.outcome === 'done' ? 'gcp' : 'aws', null]);
  expect(estate.clients.openTogether).toEqual([]);
  expect(lostWrites(story.estate)).toEqual([]);
  expect(acknowledgedSince(estate, writer, estate.clock.elapsedSeconds() - 5)).toBeGreaterThan(5);
  // Keepers that are gone for long are a loss, and the ordinary failover leaves no standby behind.
  if (lastRun?.scenario === 'switchover' && writer === 'gcp')
    expect(await estate.databases.aws?.health.standby()).toMatchObject({ applying: true });
}

async function effectsOf(place: 'aws' | 'gcp'): Promise<Interruption[]> {
  let effects: () => Interruption[] = () => [];
  const story = await beginMove((one) => {
    effects = recordEffects(one, place);
  });
  await judgeEnd(story);
  // The operator's own function is no keeper: who gives a command that nobody answers gives it again.
  const keepers = story.schedules.processes.filter(({ engine }) => engine !== null).map(({ name }) => name);
  return effects().filter(({ process }) => keepers.includes(process));
}

async function broken(points: Interruption[], tell: (point: Interruption) => Promise<void>): Promise<string[]> {
  const found: string[] = [];
  for (const point of points) {
    await tell(point).catch((error: unknown) => {
      found.push(`${point.label}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  return found;
}

describe.each(['aws', 'gcp'] as const)('when keepers of %s end in the middle of a planned move', (place) => {
  it.each([
    ['alone', 3],
    ['together', 2],
  ] as const)(
    '%s, nothing is lost',
    async (who, every) => {
      const points = (await effectsOf(place)).filter((_, index) => index % every === 0);
      expect(points.length).toBeGreaterThan(2);
      const found = await broken(points, async (point) => {
        await judgeEnd(await beginMove((story) => interruptAt(story, point, place, who)));
      });
      expect(found).toEqual([]);
    },
    120_000,
  );
});

/** The site is gone just after that effect of one of its keepers or of the other's. */
function loseAt({ schedules }: Story, point: Interruption, site: SiteName): void {
  let struck = false;
  schedules.onCall((call) => {
    if (struck || call.process !== point.process || call.ordinal !== point.ordinal) return;
    struck = true;
    schedules.killSite(site);
  });
}

it('when AWS is lost in the middle of a planned move, GCP is the writer in the end', async () => {
  const points = [...(await effectsOf('aws')), ...(await effectsOf('gcp'))].filter((_, index) => index % 3 === 0);
  const found = await broken(points, async (point) => {
    const story = await beginMove((one) => loseAt(one, point, 'aws'));
    const { estate } = story;
    await estate.until(
      'GCP accepts writes',
      () => acknowledgedSince(estate, 'gcp', estate.clock.elapsedSeconds() - 5) > 5,
      400,
    );
    expect(estate.clients.openTogether).toEqual([]);
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    // What GCP misses had been acknowledged in the second before AWS was gone.
    const last = estate.clients.acknowledged.findLast(({ site }) => site === 'aws')?.atSeconds ?? 0;
    expect(lostWrites(story.estate).filter(({ atSeconds }) => last - atSeconds > 1)).toEqual([]);
  });
  expect(found).toEqual([]);
}, 120_000);
