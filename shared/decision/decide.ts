// Decide: the first rule of the policy that matches, and what it says.
import type { Evidence } from '../model/run.ts';
import type { Scenario } from '../model/scenario.ts';
import type { SiteName } from '../model/site.ts';
import type { Override } from '../model/situation.ts';
import type { Case } from './case.ts';
import { policy, type Rule } from './policy.ts';

export type Decision = {
  rule: string;
  because: string;
  blocked: { by: string; unblock: string } | null;
  evidence: Evidence[];
} & (
  | { kind: 'hold' }
  | { kind: 'carry-on' }
  /** A planned run makes room for what has been lost meanwhile. */
  | { kind: 'give-way' }
  /** `uses`: the overrides without which it would be a hold; opening the run uses them up. */
  | { kind: 'open-run'; scenario: Scenario; target: SiteName; uses: Override[] }
);

/** Pure and total: the last rule matches always. */
export function decide(it: Case): Decision {
  const rule = ruleFor(it);
  return {
    ...outcome(rule, it),
    rule: rule.name,
    because: rule.because(it),
    blocked: rule.blocked?.(it) ?? null,
    evidence: it.down?.evidence ?? [],
  };
}

function ruleFor(it: Case): Rule {
  const rule = policy.find((one) => one.when(it));
  if (!rule) throw new Error('the policy table has no rule that always matches: its last row must be one');
  return rule;
}

function outcome(rule: Rule, it: Case) {
  if (rule.to !== 'open-run') return { kind: rule.to };
  if (!it.scenario || !it.target) return { kind: 'hold' as const };
  return { kind: rule.to, scenario: it.scenario, target: it.target.site, uses: usedBy(it) };
}

/**
 * What opening this run needs of what operators have allowed. The loss is allowed to the promotion, and under a guard that only observes
 * authority is allowed to taking it: those steps use them up.
 */
function usedBy(it: Case): Override[] {
  const { guard } = it.strategy.authority;
  const atOpening: Override['what'][] = [
    'cool-down',
    'target-veto',
    ...(guard === 'enforce' ? ['authority' as const] : []),
  ];
  return atOpening.flatMap((what) => {
    const given = it.situation.overrides.find((one) => one.what === what);
    const without = { ...it, allows: (asked: Override['what']) => asked !== what && it.allows(asked) };
    return given && ruleFor(without).to !== 'open-run' ? [given] : [];
  });
}
