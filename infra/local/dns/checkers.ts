// Health checkers: several for each check, each with its own count, and the verdict that the name servers follow.

import { canonicalJson } from '../../../shared/model/canonical-json.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import type { CheckTarget } from './image.ts';
import type { Look } from './look.ts';

type Observation = { region: string; address: string; status: string; checkedAt: string };

export type Checkers = {
  /** Starts checks that are new or changed and stops those that are gone; the others go on with what they know. */
  follow(targets: readonly CheckTarget[]): void;
  /** After inversion. A check that nobody knows is healthy. */
  isHealthy(id: string): boolean;
  /** What each checker saw last; none before its first look has ended. */
  observations(id: string): Observation[];
  close(): void;
};

export type CheckersOptions = {
  /** Route 53 looks from 8 regions; fewer are cheaper and show the same rules. */
  checkersPerCheck: number;
  look: (target: CheckTarget) => Promise<Look>;
  clock: Clock;
};

/** A check is healthy when more than this share of its checkers says so. */
const HEALTHY_SHARE = 0.18;

type Checker = { region: string; healthy: boolean; streak: number; last: { look: Look; at: string } | null };
type Running = { target: CheckTarget; spelling: string; checkers: Checker[]; stop: AbortController };

export function createCheckers(options: CheckersOptions): Checkers {
  const running = new Map<string, Running>();
  const stop = (id: string) => {
    running.get(id)?.stop.abort();
    running.delete(id);
  };
  return {
    follow: (targets) => {
      for (const id of running.keys()) if (!targets.some((target) => target.id === id)) stop(id);
      for (const target of targets) {
        if (running.get(target.id)?.spelling === canonicalJson(target)) continue;
        stop(target.id);
        running.set(target.id, start(target, options));
      }
    },
    isHealthy: (id) => verdict(running.get(id)),
    observations: (id) =>
      (running.get(id)?.checkers ?? []).flatMap(({ region, last }) =>
        last ? [{ region, address: '127.0.0.1', status: last.look.status, checkedAt: last.at }] : [],
      ),
    close: () => {
      for (const id of running.keys()) stop(id);
    },
  };
}

function verdict(check: Running | undefined): boolean {
  if (!check || check.target.disabled) return true;
  const healthy = check.checkers.filter((checker) => checker.healthy).length;
  return healthy / check.checkers.length > HEALTHY_SHARE !== check.target.inverted;
}

/** New checkers count as healthy until they have seen enough; an inverted check is then unhealthy. */
function start(target: CheckTarget, options: CheckersOptions): Running {
  const stop = new AbortController();
  const checkers = Array.from({ length: options.checkersPerCheck }, (_, index) => {
    const checker: Checker = { region: `checker-${index + 1}`, healthy: true, streak: 0, last: null };
    // Spread over the interval, as checkers that do not know of each other are.
    const delaySeconds = (target.intervalSeconds * index) / options.checkersPerCheck;
    void run(checker, target, delaySeconds, options, stop.signal);
    return checker;
  });
  return { target, spelling: canonicalJson(target), checkers, stop };
}

async function run(
  checker: Checker,
  target: CheckTarget,
  delaySeconds: number,
  { look, clock }: CheckersOptions,
  signal: AbortSignal,
): Promise<void> {
  await clock.sleep(delaySeconds, signal);
  while (!signal.aborted) {
    const startedAt = clock.elapsedSeconds();
    const seen = await look(target);
    if (signal.aborted) return;
    checker.last = { look: seen, at: clock.now().toISOString() };
    checker.streak = seen.ok === checker.healthy ? 0 : checker.streak + 1;
    if (checker.streak >= target.failureThreshold) {
      checker.healthy = seen.ok;
      checker.streak = 0;
    }
    await clock.sleep(Math.max(0, startedAt + target.intervalSeconds - clock.elapsedSeconds()), signal);
  }
}
