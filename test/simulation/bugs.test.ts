// The simulation can fail: each mechanism that is taken away is missed, and without the bug the same worlds are well.
import { describe, expect, it } from 'vitest';
import { bugs } from './bugs/bugs.ts';
import { keepPromises } from './promises.ts';
import { runSeed } from './run-seed.ts';
import { simulatedStrategy } from './strategy.ts';

const limit = 2000;
const strategy = simulatedStrategy();

async function firstSeedThatShows(bug: string): Promise<number | null> {
  for (let seed = 1; seed <= limit; seed += 1) {
    const { violation } = await runSeed(seed, strategy, { clocks: 'within', bug });
    if (violation && bugs[bug]?.violates.includes(violation.invariant)) return seed;
  }
  return null;
}

describe.each(Object.entries(bugs))('when %s', (name, { what }) => {
  it(`(${what}) a promise that it kept is broken, and without it none is`, async () => {
    const seed = await firstSeedThatShows(name);
    expect(seed, `not found within ${limit} seeds`).not.toBeNull();
    await keepPromises(seed ?? 1, 3, { clocks: 'within', bug: name, focused: true });
  }, 300_000);
});
