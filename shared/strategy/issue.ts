// What is wrong, or doubtful, in a strategy file: one finding, where it stands and what would be right.

/** Errors make the file invalid; warnings are said, and the file is used. */
export type StrategyIssue = {
  severity: 'error' | 'warning';
  file: string;
  /** 1-based, and always inside the file. */
  line: number;
  column: number;
  /** `sites.aws.region`, `alerts[0].condition`; empty for the file as a whole. */
  path: string;
  /** What stands there, described. */
  found: string;
  /** What may stand there, described. */
  allowed: string;
  /** The whole sentence for a person: what was found, what is allowed, and the way out. */
  message: string;
  /** A short stable name of the rule, for machines: `unknown-key`, `rto-out-of-reach`. */
  rule: string;
};

/** A finding before its path has been turned into a line and a column. */
export type Finding = {
  severity: StrategyIssue['severity'];
  path: PropertyKey[];
  /** Point at the key (unknown keys) or at the value. */
  at: 'key' | 'value';
  found: string;
  allowed: string;
  message: string;
  rule: string;
};

/** `['alerts', 0, 'name']` as `alerts[0].name`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

/** A value of the file in words: `"5 minutes"`, `the number 5`, `a list`, `nothing`. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `${value}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return 'a mapping';
}
