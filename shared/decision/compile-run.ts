// Compiling a scenario's action list into a run: steps with what each must wait for.
import type { Evidence, Run, Step } from '../model/run.ts';
import type { Action, Scenario, WrittenAction } from '../model/scenario.ts';
import type { SiteName } from '../model/site.ts';
import type { Situation } from '../model/situation.ts';

export type RunOpening = {
  id: string;
  scenario: Scenario;
  target: SiteName;
  because: string;
  evidence: Evidence[];
  by: string;
  at: string;
};

/**
 * People are told at once; capacity grows while the lease is waited out; promotion and DNS wait for authority; a service check comes
 * last. The user writes neither the authority step nor the last check: a scenario that moves the
 * writer gets both, and one whose target holds the role already the check alone.
 */
export function compileRun(situation: Situation, opening: RunOpening): Run {
  const { scenario, target } = opening;
  const movesWriter =
    situation.writer !== target && scenario.actions.some(({ action }) => action.kind === 'promote_db');
  const authority: WrittenAction[] = movesWriter
    ? [{ written: 'take_authority', action: { kind: 'take_authority', site: target } }]
    : [];
  const check: WrittenAction = { written: 'verify_service', action: { kind: 'verify_service', site: target } };
  return {
    ...opened(situation, opening, scenario.name),
    handOver: null,
    steps: stepsOf([...authority, ...scenario.actions, check], waitsFor),
  };
}

/** What every run begins with. */
export function opened(
  situation: Situation,
  { id, target, because, evidence, by, at }: Omit<RunOpening, 'scenario'>,
  scenario: string,
): Omit<Run, 'steps' | 'handOver'> {
  return {
    id,
    scenario,
    target,
    epochBefore: situation.epoch,
    because,
    evidence,
    openedAt: at,
    openedBy: by,
    patientSince: at,
    outcome: null,
    endedAt: null,
  };
}

/** The kinds of action whose steps an action waits for. */
export type WaitsFor = (action: Action) => Action['kind'][];

export function stepsOf(written: WrittenAction[], waitsFor: WaitsFor): Step[] {
  const ids = written.map(({ action }, index) => `${index + 1}-${action.kind}`);
  const idsOf = (kinds: Action['kind'][]) =>
    ids.filter((_, index) => kinds.some((kind) => written[index]?.action.kind === kind));
  return written.map(
    (one, index): Step => ({
      id: ids[index] ?? one.written,
      written: one.written,
      action: one.action,
      after: idsOf(waitsFor(one.action)),
      onlyAt: boundTo(one.action),
      status: 'pending',
      attempts: 0,
      claim: null,
      by: null,
      startedAt: null,
      endedAt: null,
      detail: null,
      blocker: null,
    }),
  );
}

function waitsFor(action: Action): Action['kind'][] {
  switch (action.kind) {
    case 'promote_db':
    case 'update_dns':
      return ['take_authority'];
    case 'verify_service':
      return ['take_authority', 'promote_db', 'update_dns'];
    default:
      return [];
  }
}

/** A keeper talks only to its own site's database. */
function boundTo(action: Action): SiteName | null {
  switch (action.kind) {
    case 'hand_over':
    case 'take_authority':
    case 'promote_db':
    case 'follow_writer':
      return action.site;
    default:
      return null;
  }
}
