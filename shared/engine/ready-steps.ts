// Which steps of a run this keeper may work on now: pure.
import type { Run, Step } from '../model/run.ts';
import type { SiteName } from '../model/site.ts';
import { isOver } from './run-changes.ts';

/** A claim as this process has watched it: taking a step over needs the same claim seen for its whole deadline. */
export type ClaimWatch = ReadonlyMap<string, { attempt: number; sinceSeconds: number }>;

export function watchClaims(watch: ClaimWatch, run: Run, nowSeconds: number): ClaimWatch {
  return new Map(
    run.steps
      .filter((step) => step.status === 'claimed')
      .map((step) => {
        const before = watch.get(step.id);
        return [
          step.id,
          before?.attempt === step.attempts ? before : { attempt: step.attempts, sinceSeconds: nowSeconds },
        ];
      }),
  );
}

/** `by`: what this process has claimed itself and does not work on, such as after a swap whose answer was lost, is its own to take up. */
export function readySteps(run: Run, site: SiteName, by: string, watch: ClaimWatch, nowSeconds: number): Step[] {
  return run.steps.filter(
    (step) =>
      !isOver(step) &&
      (step.onlyAt === null || step.onlyAt === site) &&
      step.after.every((id) => run.steps.find((one) => one.id === id)?.status === 'done') &&
      (step.status !== 'claimed' || step.claim?.by === by || claimHasLapsed(step, watch, nowSeconds)),
  );
}

function claimHasLapsed(step: Step, watch: ClaimWatch, nowSeconds: number): boolean {
  const seen = watch.get(step.id);
  if (!seen || !step.claim || seen.attempt !== step.attempts) return false;
  return nowSeconds - seen.sinceSeconds >= step.claim.deadlineSeconds;
}
