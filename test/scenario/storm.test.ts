// Storms: keepers that die at any moment, cables that come and go. Whatever happens, no two databases accept writes, and the end is reached.
import { expect, it } from 'vitest';
import { acknowledgedSince, begin, type Story, writersInOrder } from '../support/estate/story.ts';
import { seededChance } from '../support/virtual-time.ts';

const stormSeconds = 240;

/** Every few seconds: a keeper or the watchtower dies, a keeper is started by an alarm, or a cable of the witness is cut for a while. */
async function storm({ estate, schedules }: Story, seed: number, sites: ('aws' | 'gcp')[]): Promise<void> {
  const chance = seededChance(seed);
  const pick = <T>(all: T[]): T | undefined => all[Math.floor(chance.fraction() * all.length)];
  const until = estate.clock.elapsedSeconds() + stormSeconds;
  while (estate.clock.elapsedSeconds() < until) {
    await estate.pass(1 + chance.fraction() * 8);
    const site = pick(sites) ?? 'gcp';
    const what = chance.fraction();
    if (what < 0.4) pick(schedules.living(site))?.mortal.kill();
    else if (what < 0.7) schedules.startKeeper(site);
    else if (what < 0.8) pick(schedules.living('elsewhere'))?.mortal.kill();
    else if (what < 0.9) estate.network.cut(site, 'elsewhere');
    else estate.network.mend(site, 'elsewhere');
  }
  for (const site of sites) estate.network.mend(site, 'elsewhere');
}

it.each([1, 2, 3, 4])(
  'AWS is lost in a storm among the keepers of GCP (seed %i)',
  async (seed) => {
    const story = await begin({ seed });
    const { estate, schedules } = story;
    schedules.killSite('aws');
    await storm(story, seed, ['gcp']);
    await estate.until(
      'GCP is the writer and no run is open',
      () => estate.situation().writer === 'gcp' && estate.situation().run === null,
      400,
    );
    expect(estate.situation()).toMatchObject({ epoch: 2, lastRun: { outcome: 'done' } });
    await estate.pass(30);
    expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    expect(estate.clients.openTogether).toEqual([]);
    expect(acknowledgedSince(estate, 'gcp', estate.clock.elapsedSeconds() - 10)).toBeGreaterThan(15);
  },
  30_000,
);

it.each([11, 12, 13, 14])(
  'both sites live in a storm of dying keepers and cut cables (seed %i)',
  async (seed) => {
    const story = await begin({ seed });
    const { estate } = story;
    await storm(story, seed, ['aws', 'gcp']);
    await estate.until('no run is open', () => estate.situation().run === null, 600);
    expect(estate.clients.openTogether).toEqual([]);
    await estate.pass(90);
    const { writer, epoch } = estate.situation();
    expect(writersInOrder(estate).length).toBeLessThanOrEqual(epoch);
    expect(acknowledgedSince(estate, writer, estate.clock.elapsedSeconds() - 10)).toBeGreaterThan(15);
  },
  30_000,
);
