// A seed is the whole world: the same one tells the same story, to the last call, and another tells another.
import { describe, expect, it } from 'vitest';
import { oneWriter } from './bugs/bug.ts';
import { drawPlan } from './plan.ts';
import { runSeed } from './run-seed.ts';
import { simulatedStrategy } from './strategy.ts';
import { summarise } from './summary.ts';

const strategy = simulatedStrategy();

describe('a seed', () => {
  it.each([3, 22, 58, 1186])('tells the same story twice (seed %i)', async (seed) => {
    const choice = { clocks: 'within', bug: null } as const;
    const [one, other] = [await runSeed(seed, strategy, choice), await runSeed(seed, strategy, choice)];
    expect(other.hash).toBe(one.hash);
    expect(other.trace()).toEqual(one.trace());
    expect((await runSeed(seed + 1, strategy, choice)).hash).not.toBe(one.hash);
  });

  it('draws the same plan each time, and calm ones and fierce ones both occur', () => {
    expect(drawPlan(7, 'within', null)).toEqual(drawPlan(7, 'within', null));
    const episodes = Array.from({ length: 300 }, (_, seed) => drawPlan(seed, 'within', null).episodes.length);
    expect(Math.min(...episodes)).toBe(0);
    expect(Math.max(...episodes)).toBeGreaterThan(10);
  });
});

describe('when clocks differ by more than the margin allows', () => {
  it('the promise that is lost is that one site writes at a time, and the register loses nothing', async () => {
    const reports = [];
    for (let seed = 1; seed <= 100; seed += 1)
      reports.push(await runSeed(seed, strategy, { clocks: 'beyond', bug: null }));
    const { violations } = summarise(reports);
    const lost = [...oneWriter, 'no transaction commits after a later epoch was opened'];
    expect(Object.keys(violations).filter((one) => !lost.includes(one))).toEqual([]);
    expect(Object.keys(violations).length).toBeGreaterThan(0);
  }, 120_000);
});
