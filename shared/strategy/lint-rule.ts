// What a row of the lint is.
import type { Strategy } from '../model/strategy.ts';

/** What a rule found, without its name. */
export type Doubt = { path: PropertyKey[]; found: string; allowed: string; message: string };

/** `look` gives nothing when the strategy is as the rule would have it. */
export type LintRule = { rule: string; look: (strategy: Strategy) => Doubt[] };
