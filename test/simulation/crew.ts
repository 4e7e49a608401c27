// The crew: workers that simulate seeds beside each other, each a process of its own.
import { fork } from 'node:child_process';
import type { Strategy } from '../../shared/model/strategy.ts';
import { bundleWorker } from './bundle-worker.ts';
import type { Coverage } from './coverage.ts';
import type { Choice } from './run-seed.ts';
import { simulatedStrategy } from './strategy.ts';

/** `trace` comes with a violation, and when it was asked for. */
export type Report = {
  seed: number;
  violation: { invariant: string; because: string; atSeconds: number } | null;
  hash: string;
  coverage: Coverage;
  trace: string[] | null;
};

/** What a worker is asked for; an empty list of seeds ends it. */
export type Assignment = { seeds: number[]; strategy: Strategy; choice: Choice; withTrace: boolean };

export type CrewOptions = {
  from: number;
  count: number;
  workers: number;
  choice: Choice;
  withTrace: boolean;
  /** Told of every seed as it is done; true: no more are begun. */
  onReport: (report: Report) => boolean;
};

/** Small enough that progress is steady, and large enough that messages cost nothing. */
const batch = 8;

/** Resolves when all seeds are done, or as soon as the reports say that it is enough. Rejects when a worker breaks. */
export async function simulateSeeds({ from, count, workers, ...options }: CrewOptions): Promise<void> {
  const strategy = simulatedStrategy();
  const { path, remove } = await bundleWorker();
  let next = from;
  let enough = false;
  const assignment = (): Assignment => {
    const size = enough ? 0 : Math.min(batch, from + count - next);
    const seeds = Array.from({ length: size }, (_, index) => next + index);
    next += size;
    return { seeds, strategy, choice: options.choice, withTrace: options.withTrace };
  };
  const ended = Promise.all(
    Array.from(
      { length: Math.max(1, Math.min(workers, Math.ceil(count / batch))) },
      () =>
        new Promise<void>((resolve, reject) => {
          // What lives through a scavenge here dies soon after: a larger young generation spares copying it.
          const worker = fork(path, { execArgv: ['--max-semi-space-size=32'] });
          worker.on('message', (message: Report | 'ready') => {
            if (message === 'ready') worker.send(assignment());
            else if (!enough) enough = options.onReport(message);
          });
          worker.on('error', reject);
          worker.on('exit', (code) =>
            code === 0 ? resolve() : reject(new Error(`a worker of the simulation ended with code ${code}`)),
          );
        }),
    ),
  );
  await ended.finally(remove);
}
