// Decide: the first rule of the policy that matches, and what it says.
import type { Evidence } from '../model/run.ts';
import type { Scenario } from '../model/scenario.ts';
import type { SiteName } from '../model/site.ts';
import type { Case } from './case.ts';
import { policy, type Rule } from './policy.ts';

export type Decision = {
  rule: string;
  because: string;
  blocked: { by: string; unblock: string } | null;
  evidence: Evidence[];
} & ({ kind: 'hold' } | { kind: 'carry-on' } | { kind: 'open-run'; scenario: Scenario; target: SiteName });

/** Pure and total: the last rule matches always. */
export function decide(it: Case): Decision {
  const rule = policy.find((one) => one.when(it));
  if (!rule) throw new Error('the policy table has no rule that always matches: its last row must be one');
  return {
    ...outcome(rule, it),
    rule: rule.name,
    because: rule.because(it),
    blocked: rule.blocked?.(it) ?? null,
    evidence: it.down?.evidence ?? [],
  };
}

function outcome(rule: Rule, it: Case) {
  if (rule.to !== 'open-run') return { kind: rule.to };
  if (!it.scenario || !it.target) return { kind: 'hold' as const };
  return { kind: rule.to, scenario: it.scenario, target: it.target.site };
}
