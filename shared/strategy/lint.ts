// Warnings: strategies that are valid and would disappoint. Each rule is a row; all rows are looked at.
import type { Strategy } from '../model/strategy.ts';
import type { Finding } from './issue.ts';
import { ACTION_RULES } from './lint-actions.ts';
import { AUTHORITY_RULES } from './lint-authority.ts';
import { COST_RULES } from './lint-cost.ts';
import { OBJECT_RULES } from './lint-objects.ts';
import type { LintRule } from './lint-rule.ts';
import { TRAFFIC_RULES } from './lint-traffic.ts';

export const LINT_RULES: readonly LintRule[] = [
  ...AUTHORITY_RULES,
  ...TRAFFIC_RULES,
  ...ACTION_RULES,
  ...OBJECT_RULES,
  ...COST_RULES,
];

/** All warnings about a strategy that is otherwise sound. */
export function lint(strategy: Strategy): Finding[] {
  return LINT_RULES.flatMap(({ rule, look }) =>
    look(strategy).map((doubt): Finding => ({ severity: 'warning', at: 'value', rule, ...doubt })),
  );
}
