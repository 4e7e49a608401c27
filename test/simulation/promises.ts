// What the tests of the simulation share: seeds that must keep every promise, and how a broken one is told.
import { expect } from 'vitest';
import { type Choice, runSeed } from './run-seed.ts';
import { simulatedStrategy } from './strategy.ts';

/** Fails with the first seed that breaks a promise, with what happened in it and the command that tells it again. */
export async function keepPromises(from: number, count: number, choice: Choice): Promise<{ takeovers: number }> {
  const strategy = simulatedStrategy();
  let takeovers = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const { violation, trace, coverage } = await runSeed(seed, strategy, choice);
    if (coverage.takeovers > 0) takeovers += 1;
    if (!violation) continue;
    const replay = `npm run simulate -- --seeds 1 --from ${seed} --trace`;
    expect.fail(`${trace().slice(-60).join('\n')}\n${violation.invariant}: ${violation.because}\n${replay}`);
  }
  return { takeovers };
}
