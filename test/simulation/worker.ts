// A worker of the crew: simulates the seeds that it is given, one after the other, and says how each went.
import type { Assignment, Report } from './crew.ts';
import { runSeed } from './run-seed.ts';

// Refusals are made by the thousand, and nobody reads where they came from.
Error.stackTraceLimit = 0;

const say = (message: Report | 'ready') => process.send?.(message);

process.on('message', async ({ seeds, strategy, choice, withTrace }: Assignment) => {
  if (seeds.length === 0) return process.disconnect();
  for (const seed of seeds) {
    const { violation, hash, coverage, trace } = await runSeed(seed, strategy, choice);
    say({ seed, violation, hash, coverage, trace: violation || withTrace ? trace() : null });
  }
  say('ready');
});
// Whoever asked has ended, and nobody hears the rest.
process.on('disconnect', () => process.exit());
say('ready');
