// What the tests of the simulation share: seeds that must keep every promise, and how a broken one is told.
import { expect } from 'vitest';
import { simulateSeeds } from './crew.ts';
import { type Choice, runSeed } from './run-seed.ts';
import { simulatedStrategy } from './strategy.ts';

type Broken = { seed: number; violation: { invariant: string; because: string } | null; trace: string[] | null };

/** Fails with the first seed that breaks a promise, with what happened in it and the command that tells it again. */
export async function keepPromises(from: number, count: number, choice: Choice): Promise<void> {
  const strategy = simulatedStrategy();
  for (let seed = from; seed < from + count; seed += 1) {
    const { violation, trace } = await runSeed(seed, strategy, choice);
    if (violation) tell({ seed, violation, trace: trace() });
  }
}

/** The same of as many seeds as a process of the crew can do in a minute; answers in how many of them the role has moved. */
export async function keepPromisesInMany(from: number, count: number): Promise<{ takeovers: number }> {
  let takeovers = 0;
  const broken: Broken[] = [];
  await simulateSeeds({
    from,
    count,
    workers: 1,
    choice: { clocks: 'within', bug: null },
    withTrace: false,
    onReport: (report) => {
      if (report.coverage.takeovers > 0) takeovers += 1;
      if (report.violation) broken.push(report);
      return broken.length > 0;
    },
  });
  for (const one of broken) tell(one);
  return { takeovers };
}

function tell({ seed, violation, trace }: Broken): never {
  const replay = `npm run simulate -- --seeds 1 --from ${seed} --trace`;
  return expect.fail(`${trace?.slice(-60).join('\n')}\n${violation?.invariant}: ${violation?.because}\n${replay}`);
}
