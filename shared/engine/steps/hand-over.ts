// hand_over: the writer of a planned move fences its own database, and says with which heartbeat it ended.
import type { Executor } from '../executor.ts';
import type { YieldRole } from '../yield-role.ts';
import { createNotCarriedOut } from './not-carried-out.ts';

export function createHandOver(yieldRole: YieldRole | null): Executor<'hand_over'> {
  if (!yieldRole) return createNotCarriedOut('handing over the role of a site without a database');
  return {
    attemptSeconds: 20,
    // The deadline of the move ends it.
    patienceSeconds: Number.POSITIVE_INFINITY,
    claims: false,
    async observe({ situation, run, action }) {
      const { writer, epoch, lease } = situation;
      if (epoch !== run.epochBefore) {
        return { kind: 'refused', because: `the run was opened at epoch ${run.epochBefore}, it is epoch ${epoch} now` };
      }
      if (writer !== action.site) return { kind: 'refused', because: `${writer} is the writer, not ${action.site}` };
      const asks = run.steps.find((step) => step.action.kind === 'take_authority');
      if (asks?.status === 'failed' || asks?.status === 'refused')
        return { kind: 'refused', because: `the move was given up: ${asks.detail}` };
      return lease.fenced ? { kind: 'done', detail: `fenced by ${lease.fenced.by}` } : { kind: 'to-do' };
    },
    async swap({ situation, run }) {
      // The same swap as that of a keeper which finds its epoch fenced: it marks this step, whoever of them makes it.
      const yielded = await yieldRole(situation.epoch, `the run ${run.id} takes the role elsewhere, as planned`);
      if (yielded.kind === 'unsaid') throw new Error(yielded.because);
      return yielded.situation;
    },
  };
}
