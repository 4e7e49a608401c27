// A seed by its number: its plan is drawn, its bug planted, and its world told from beginning to end.
import type { Strategy } from '../../shared/model/strategy.ts';
import { bugs } from './bugs/bugs.ts';
import { type ClockMode, drawPlan } from './plan.ts';
import { simulate, type Verdict } from './simulate-seed.ts';
import type { World } from './world.ts';

/** `focused`: the plan of a bug without the bug, which must be well. */
export type Choice = { clocks: ClockMode; bug: string | null; focused?: boolean };

export async function runSeed(seed: number, strategy: Strategy, { clocks, bug, focused }: Choice): Promise<Verdict> {
  const planted = bug === null ? null : bugs[bug];
  if (planted === undefined) throw new Error(`no bug "${bug}"; there are ${Object.keys(bugs).join(', ')}`);
  if (planted === null) return simulate(drawPlan(seed, clocks, null), strategy, {});
  const { focus, breaking } = planted;
  const broken = focused ? {} : breaking();
  const begin = (world: World) => {
    focus.bias?.(world);
    broken.begin?.(world);
  };
  return simulate(drawPlan(seed, clocks, focus), strategy, { ...broken, begin });
}
