// The strategy of the simulated estate: the example, with a way back to AWS and with waits that fit into minutes. The lease keeps its timings.
import type { Action, Scenario } from '../../shared/model/scenario.ts';
import type { Strategy } from '../../shared/model/strategy.ts';
import { theStrategy } from '../support/strategy.ts';

export const rpoSeconds = 30;

export function simulatedStrategy(): Strategy {
  const strategy = theStrategy();
  return {
    ...strategy,
    objectives: { ...strategy.objectives, rpoSeconds },
    authority: { ...strategy.authority, coolDownSeconds: 30 },
    scenarios: strategy.scenarios.map((one) => withReturn(withSmallCluster(one))),
  };
}

/** The example promotes no database at AWS; here the role may go back and forth. */
function withReturn(scenario: Scenario): Scenario {
  if (scenario.name !== 'gcp_region_lost') return scenario;
  const action: Action = { kind: 'promote_db', site: 'aws' };
  return { ...scenario, actions: [...scenario.actions, { written: 'promote_aws_db: read_write_mode', action }] };
}

/** Nodes that start take minutes, and nothing of what is judged here depends on them. */
function withSmallCluster(scenario: Scenario): Scenario {
  return {
    ...scenario,
    actions: scenario.actions.map((one) =>
      one.action.kind === 'scale_cluster' ? { ...one, action: { ...one.action, minReplicas: 4 } } : one,
    ),
  };
}
