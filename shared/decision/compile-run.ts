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
  const written = [...authority, ...scenario.actions, check];
  const ids = written.map(({ action }, index) => `${index + 1}-${action.kind}`);
  const idsOf = (kinds: Action['kind'][]) =>
    ids.filter((_, index) => kinds.some((kind) => written[index]?.action.kind === kind));
  const steps = written.map(
    (one, index): Step => ({
      id: ids[index] ?? one.written,
      written: one.written,
      action: one.action,
      after: waitsFor(one.action, idsOf),
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
  return {
    id: opening.id,
    scenario: scenario.name,
    target,
    epochBefore: situation.epoch,
    because: opening.because,
    evidence: opening.evidence,
    openedAt: opening.at,
    openedBy: opening.by,
    patientSince: opening.at,
    steps,
    outcome: null,
    endedAt: null,
  };
}

function waitsFor(action: Action, idsOf: (kinds: Action['kind'][]) => string[]): string[] {
  switch (action.kind) {
    case 'promote_db':
    case 'update_dns':
      return idsOf(['take_authority']);
    case 'verify_service':
      return idsOf(['take_authority', 'promote_db', 'update_dns']);
    default:
      return [];
  }
}

/** A keeper talks only to its own site's database. */
function boundTo(action: Action): SiteName | null {
  return action.kind === 'take_authority' || action.kind === 'promote_db' ? action.site : null;
}
