// The example strategy, and ways to spoil it.
import { readFileSync } from 'node:fs';
import type { Strategy } from '../../../shared/model/strategy.ts';
import type { StrategyIssue } from '../../../shared/strategy/issue.ts';
import { type Edit, overrideStrategy } from '../../../shared/strategy/override.ts';
import { parseStrategy } from '../../../shared/strategy/parse.ts';

export const EXAMPLE = readFileSync(new URL('../../../infra/local/strategy.yaml', import.meta.url), 'utf8');

/** The example with one piece of its text exchanged; the piece must occur. */
export function spoilt(old: string, replacement: string, from = 0): string {
  const at = EXAMPLE.indexOf(old, from);
  if (at < 0) throw new Error(`the example does not hold ${JSON.stringify(old)}`);
  return EXAMPLE.slice(0, at) + replacement + EXAMPLE.slice(at + old.length);
}

export function strategyOf(text: string): Strategy {
  const parsed = parseStrategy(text, 'strategy.yaml');
  if (parsed.kind === 'invalid') throw new Error(parsed.issues.map(({ message }) => message).join('\n'));
  return parsed.strategy;
}

export function issuesOf(text: string): StrategyIssue[] {
  const parsed = parseStrategy(text, 'strategy.yaml');
  return parsed.kind === 'invalid' ? parsed.issues : parsed.warnings;
}

export function warningsAfter(...edits: Edit[]): StrategyIssue[] {
  const parsed = parseStrategy(overrideStrategy(EXAMPLE, edits), 'strategy.yaml');
  if (parsed.kind === 'invalid') throw new Error(parsed.issues.map(({ message }) => message).join('\n'));
  return parsed.warnings;
}

export function errorsAfter(...edits: Edit[]): StrategyIssue[] {
  const parsed = parseStrategy(overrideStrategy(EXAMPLE, edits), 'strategy.yaml');
  return parsed.kind === 'invalid' ? parsed.issues : [];
}

/** The line of the text that an issue points at. */
export function lineOf(text: string, { line }: StrategyIssue): string {
  return text.split('\n')[line - 1] ?? '';
}
