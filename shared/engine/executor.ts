// Executors: how one kind of action is observed and applied. Each is idempotent: a step may be run twice, late, or by the other cloud.

import type { Run, Step } from '../model/run.ts';
import type { Action } from '../model/scenario.ts';
import type { SiteName } from '../model/site.ts';
import type { Override, Situation } from '../model/situation.ts';

export type Job<K extends Action['kind'] = Action['kind']> = {
  situation: Situation;
  run: Run;
  step: Step;
  action: Extract<Action, { kind: K }>;
};

/** What looking at the world found. Looking changes nothing. */
export type Observed =
  | { kind: 'done'; detail: string; traffic?: Record<SiteName, number>; overrideUsed?: Override }
  | { kind: 'to-do' }
  /** Cannot go on yet. The sentence names the blocker and what would lift it, and stays the same while nothing changes. */
  | { kind: 'waiting'; blocker: string }
  /** Will never be done, and why. */
  | { kind: 'refused'; because: string };

export type Executor<K extends Action['kind'] = Action['kind']> = {
  /** How long one attempt may take, its observing included. */
  attemptSeconds: number;
  /** How long the step may wait or be tried, from the opening of its run, before it counts as failed. */
  patienceSeconds: number;
  /** False where applying is itself a swap of the register: such a step needs no claim before it. */
  claims: boolean;
  observe(job: Job<K>): Promise<Observed>;
  /** Does it. Errors of a port's Unavailable kind mean that nobody knows: the step is observed again before anything else. */
  apply(job: Job<K>): Promise<void>;
};

export type Executors = { [K in Action['kind']]: Executor<K> };

/** Looks an executor up for a job whose action has just been told by its kind. */
export function executorOf(
  executors: Executors,
  action: Action,
): {
  attemptSeconds: number;
  patienceSeconds: number;
  claims: boolean;
  observe(job: Omit<Job, 'action'>): Promise<Observed>;
  apply(job: Omit<Job, 'action'>): Promise<void>;
} {
  // One generic function instead of a switch of fourteen equal rows: the kind ties action and executor together.
  const bind = <K extends Action['kind']>(executor: Executor<K>, typed: Extract<Action, { kind: K }>) => ({
    attemptSeconds: executor.attemptSeconds,
    patienceSeconds: executor.patienceSeconds,
    claims: executor.claims,
    observe: (job: Omit<Job, 'action'>) => executor.observe({ ...job, action: typed }),
    apply: (job: Omit<Job, 'action'>) => executor.apply({ ...job, action: typed }),
  });
  switch (action.kind) {
    case 'take_authority':
      return bind(executors.take_authority, action);
    case 'update_dns':
      return bind(executors.update_dns, action);
    case 'scale_cluster':
      return bind(executors.scale_cluster, action);
    case 'promote_db':
      return bind(executors.promote_db, action);
    case 'verify_capacity':
      return bind(executors.verify_capacity, action);
    case 'verify_service':
      return bind(executors.verify_service, action);
    case 'notify':
      return bind(executors.notify, action);
    case 'escalate':
      return bind(executors.escalate, action);
    case 'create_incident':
      return bind(executors.create_incident, action);
    case 'gradual_traffic_shift':
      return bind(executors.gradual_traffic_shift, action);
    case 'monitor_metrics':
      return bind(executors.monitor_metrics, action);
    case 'rollback_if_needed':
      return bind(executors.rollback_if_needed, action);
    case 'trigger':
      return bind(executors.trigger, action);
    case 'investigate':
      return bind(executors.investigate, action);
  }
}
