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

/** Folds into the swap that did a step: the step is done, and what this process can go on with at once is claimed with it. */
export type HandOn = (swapped: Situation, found: { detail: string; overrideUsed?: Override }) => Situation;

/** How a step is looked at, and what is done. `J` is the job that it is given. */
type Work<J> = {
  /** How long one attempt may take, its observing included. */
  attemptSeconds: number;
  /** How long the step may wait or be tried, from the opening of its run, before it counts as failed. */
  patienceSeconds: number;
  observe(job: J): Promise<Observed>;
} & (
  | {
      claims: true;
      /** Does it. Errors of a port's Unavailable kind mean that nobody knows: the step is observed again before anything else. */
      apply(job: J): Promise<void>;
    }
  | {
      /** Doing it is itself a swap of the register, so that no claim goes before it. */
      claims: false;
      /** Answers the situation that it has made. Throws when it was refused, or when nobody knows. */
      swap(job: J, handOn: HandOn): Promise<Situation>;
    }
);

export type Executor<K extends Action['kind'] = Action['kind']> = Work<Job<K>>;

/** An executor of the kind of action that a step has. */
export type BoundExecutor = Work<Omit<Job, 'action'>>;

export type Executors = { [K in Action['kind']]: Executor<K> };

/** Looks an executor up for a job whose action has just been told by its kind. */
export function executorOf(executors: Executors, action: Action): BoundExecutor {
  // One generic function instead of a switch of sixteen equal rows: the kind ties action and executor together.
  const bind = <K extends Action['kind']>(
    executor: Executor<K>,
    typed: Extract<Action, { kind: K }>,
  ): BoundExecutor => {
    const { attemptSeconds, patienceSeconds } = executor;
    const observe: BoundExecutor['observe'] = (job) => executor.observe({ ...job, action: typed });
    const common = { attemptSeconds, patienceSeconds, observe };
    return executor.claims
      ? { ...common, claims: true, apply: (job) => executor.apply({ ...job, action: typed }) }
      : { ...common, claims: false, swap: (job, handOn) => executor.swap({ ...job, action: typed }, handOn) };
  };
  switch (action.kind) {
    case 'hand_over':
      return bind(executors.hand_over, action);
    case 'follow_writer':
      return bind(executors.follow_writer, action);
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
