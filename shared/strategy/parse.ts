// strategy.yaml in, a typed Strategy or every error at once out.
import { type Document, LineCounter, parseDocument, visit } from 'yaml';
import type { Strategy } from '../model/strategy.ts';
import { contradictions } from './consistency.ts';
import { explain } from './explain.ts';
import { describe, type Finding, pathText, type StrategyIssue } from './issue.ts';
import { gather, isMapping } from './known.ts';
import { lint } from './lint.ts';
import { createPositions, type Positions } from './positions.ts';
import { strategySchema } from './schema.ts';

export type ParsedStrategy =
  | { kind: 'valid'; strategy: Strategy; warnings: StrategyIssue[] }
  | { kind: 'invalid'; issues: StrategyIssue[] };

/** Aliases may multiply what a file holds; more than this is no strategy. */
const MAXIMUM_ALIASES = 100;

/**
 * Parses a strategy; `file` only names it in the issues. Never throws: whatever is wrong is an issue with its line and column.
 * Issues are in the order of the file; an invalid file's issues may hold warnings of the YAML reader beside the errors.
 */
export function parseStrategy(text: string, file: string): ParsedStrategy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const positions = createPositions(document, lines, text);
  const syntax = syntaxIssues(document, positions, file);
  const place = (findings: Finding[]): StrategyIssue[] => findings.map((finding) => placed(finding, positions, file));
  const data = plainData(document);
  if (data.kind === 'unreadable') return invalid([...syntax, ...place([data.finding])]);
  const { strategy, findings } = typed(data.value);
  const errors = [...syntax, ...place([...forbiddenKeys(document), ...findings])];
  if (strategy && errors.every(({ severity }) => severity === 'warning')) {
    return { kind: 'valid', strategy, warnings: inOrder([...errors, ...place(lint(strategy))]) };
  }
  return invalid(believable(errors));
}

function typed(data: unknown): { strategy: Strategy | null; findings: Finding[] } {
  if (!isMapping(data)) {
    const allowed = 'a mapping that begins with application:';
    const message = `expected ${allowed}; found ${describe(data)}.`;
    return { strategy: null, findings: [whole(describe(data), allowed, message, 'not-allowed')] };
  }
  const read = strategySchema(gather(data)).safeParse(data);
  if (!read.success) return { strategy: null, findings: read.error.issues.flatMap((issue) => explain(issue, data)) };
  return { strategy: read.data, findings: contradictions(read.data) };
}

function invalid(issues: StrategyIssue[]): ParsedStrategy {
  return { kind: 'invalid', issues: inOrder(issues) };
}

function inOrder(issues: StrategyIssue[]): StrategyIssue[] {
  return issues.toSorted((left, right) => left.line - right.line || left.column - right.column);
}

/** What says that something is not there. */
const ABSENCE = /^(missing|undeclared-.*|unknown-metric|site-without-.*)$/;

/** After a syntax error the reader guesses: what stands below it, or is missed because of it, is not told as an error. */
function believable(issues: StrategyIssue[]): StrategyIssue[] {
  const broken = issues.filter(({ rule }) => rule === 'yaml-syntax').map(({ line }) => line);
  if (broken.length === 0) return issues;
  const first = Math.min(...broken);
  return issues.filter(
    ({ rule, line, found }) => rule === 'yaml-syntax' || (line < first && found !== 'nothing' && !ABSENCE.test(rule)),
  );
}

/** From the first token that fits nowhere on nothing was read: each later one would be told as an error of its own. */
function syntaxIssues(document: Document.Parsed, positions: Positions, file: string): StrategyIssue[] {
  const stray = document.errors.findIndex(({ code }) => code === 'UNEXPECTED_TOKEN');
  const errors = stray < 0 ? document.errors : document.errors.slice(0, stray + 1);
  const issues = [
    ...errors.map((error) => ({ error, severity: 'error' as const })),
    ...document.warnings.map((error) => ({ error, severity: 'warning' as const })),
  ];
  return issues.map(({ error, severity }) => ({
    severity,
    file,
    ...positions.ofOffset(error.pos[0]),
    path: '',
    found: `YAML that cannot be read (${error.code})`,
    allowed: 'YAML 1.2',
    message: `not YAML: ${error.message}`,
    // What follows a duplicate key is read as it stands.
    rule: error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'yaml-syntax',
  }));
}

type PlainData = { kind: 'read'; value: unknown } | { kind: 'unreadable'; finding: Finding };

function plainData(document: Document.Parsed): PlainData {
  try {
    return { kind: 'read', value: document.toJS({ maxAliasCount: MAXIMUM_ALIASES }) };
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    const allowed = `aliases that are declared, and stand for at most ${MAXIMUM_ALIASES} nodes`;
    return {
      kind: 'unreadable',
      finding: whole('aliases that cannot be resolved', allowed, `${because}; allowed: ${allowed}.`, 'yaml-syntax'),
    };
  }
}

/** `__proto__` is no key of any section, and mappings by name would pass over it in silence. */
function forbiddenKeys(document: Document.Parsed): Finding[] {
  const findings: Finding[] = [];
  visit(document, {
    Pair: (_, pair) => {
      if (String(pair.key) !== '__proto__') return;
      findings.push(whole('"__proto__"', 'another key', 'the key "__proto__" is not allowed anywhere.', 'unknown-key'));
    },
  });
  return findings;
}

function whole(found: string, allowed: string, message: string, rule: string): Finding {
  return { severity: 'error', path: [], at: 'key', found, allowed, message, rule };
}

function placed(finding: Finding, positions: Positions, file: string): StrategyIssue {
  const { path, at, severity, ...rest } = finding;
  return { severity, file, ...positions.of(path, at), path: pathText(path), ...rest };
}
