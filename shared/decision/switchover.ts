// A planned move of the writer: what must be so before it begins, and the run that it is.
import { canonicalJson } from '../model/canonical-json.ts';
import type { Run } from '../model/run.ts';
import type { Action, WrittenAction } from '../model/scenario.ts';
import type { SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';
import { type Strategy, siteOf } from '../model/strategy.ts';
import { targetOf } from './case.ts';
import { opened, type RunOpening, stepsOf } from './compile-run.ts';

export type SwitchoverOpening = Omit<RunOpening, 'scenario' | 'evidence'> & { deadlineSeconds: number };

/** The name that a switchover's run has in place of a scenario's. */
const switchoverName = 'switchover';

/**
 * People are told and capacity grows while the old writer still writes. Only when all of that is ready the writer hands over, and only when
 * its last heartbeat has arrived the other takes the role. At the end the old writer follows the new one, so that there is a standby again.
 */
export function compileSwitchover(strategy: Strategy, situation: Situation, opening: SwitchoverOpening): Run {
  const { target, deadlineSeconds } = opening;
  const from = situation.writer;
  const added = (action: Action): WrittenAction => ({ written: action.kind, action });
  const written = [
    ...preparing(strategy, target),
    added({ kind: 'hand_over', site: from }),
    added({ kind: 'take_authority', site: target }),
    ...moving(strategy, target),
    added({ kind: 'verify_service', site: target }),
    added({ kind: 'follow_writer', site: from }),
  ];
  return {
    ...opened(situation, { ...opening, evidence: [] }, switchoverName),
    handOver: { from, deadlineSeconds },
    steps: stepsOf(written, waitsFor),
  };
}

/** What the strategy's own scenario for that site says of people and capacity; where it says nothing of capacity, that it must be ready. */
function preparing(strategy: Strategy, target: SiteName): WrittenAction[] {
  const actions = actionsFor(strategy, target);
  const people = actions.filter(({ action }) => action.kind === 'notify');
  const capacity = actions.filter(
    ({ action }) => (action.kind === 'scale_cluster' || action.kind === 'verify_capacity') && action.site === target,
  );
  if (capacity.length > 0 || siteOf(strategy, target).cluster === null) return [...people, ...capacity];
  return [...people, { written: 'verify_capacity', action: { kind: 'verify_capacity', site: target } }];
}

/** Promotion and traffic in the user's own spelling where the strategy has one. */
function moving(strategy: Strategy, target: SiteName): WrittenAction[] {
  const spelt = (action: Action): WrittenAction =>
    actionsFor(strategy, target).find((one) => canonicalJson(one.action) === canonicalJson(action)) ?? {
      written: action.kind,
      action,
    };
  return [spelt({ kind: 'promote_db', site: target }), spelt({ kind: 'update_dns', site: target })];
}

function actionsFor(strategy: Strategy, target: SiteName): WrittenAction[] {
  return strategy.scenarios.find((scenario) => targetOf(scenario) === target)?.actions ?? [];
}

function waitsFor(action: Action): Action['kind'][] {
  switch (action.kind) {
    case 'hand_over':
      return ['scale_cluster', 'verify_capacity'];
    case 'take_authority':
      return ['hand_over'];
    case 'promote_db':
    case 'update_dns':
      return ['take_authority'];
    case 'verify_service':
      return ['take_authority', 'promote_db', 'update_dns'];
    case 'follow_writer':
      return ['promote_db'];
    default:
      return [];
  }
}

/** The moment from which the writer may fence for a planned move: all that was to be ready before is ready. Other runs ask at once. */
export function mayHandOver({ steps, handOver }: Run): boolean {
  if (handOver === null) return true;
  const isDone = (id: string) => steps.find((one) => one.id === id)?.status === 'done';
  return steps.some(({ action, after }) => action.kind === 'hand_over' && after.every(isDone));
}

/** The role has gone where a planned move was to bring it. */
export function roleHasMoved(run: Run): boolean {
  return run.steps.some(({ action, status }) => action.kind === 'take_authority' && status === 'done');
}

/** The writer may fence or has, and the role has neither moved nor been given up. */
export function isPausing(run: Run): boolean {
  if (run.handOver === null || !mayHandOver(run) || roleHasMoved(run)) return false;
  return run.steps.some(
    ({ action, status }) => action.kind === 'take_authority' && status !== 'failed' && status !== 'refused',
  );
}
