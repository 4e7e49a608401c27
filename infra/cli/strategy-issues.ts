// Findings of a strategy file as a person reads them: where, what, the line itself and a caret below it.
import type { createColors } from 'picocolors';
import type { StrategyIssue } from '../../shared/strategy/issue.ts';

export type Colors = ReturnType<typeof createColors>;

/** One block of lines for each finding, in the order given, with an empty line between them. */
export function issuesText(issues: readonly StrategyIssue[], text: string, colors: Colors): string {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  return issues.map((issue) => issueText(issue, lines, colors)).join('\n\n');
}

function issueText(issue: StrategyIssue, lines: string[], colors: Colors): string {
  const { severity, file, line, column, path, message, rule } = issue;
  const paint = severity === 'error' ? colors.red : colors.yellow;
  const gutter = String(line);
  const blank = ' '.repeat(gutter.length);
  return [
    `${colors.bold(`${file}:${line}:${column}`)} ${paint(severity)} ${path} ${colors.dim(`[${rule}]`)}`.replace(
      / {2,}/g,
      ' ',
    ),
    `  ${message}`,
    colors.dim(`  ${gutter} | ${lines[line - 1] ?? ''}`),
    `  ${colors.dim(`${blank} |`)} ${caretBelow(lines[line - 1] ?? '', column)}`,
  ].join('\n');
}

/** Tabs stay tabs, so that the caret stands below its column however wide a terminal draws them. */
function caretBelow(line: string, column: number): string {
  return `${line.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`;
}

/** `2 errors and 1 warning`. */
export function countText(issues: readonly StrategyIssue[]): string {
  const count = (severity: StrategyIssue['severity']): string[] => {
    const number = issues.filter((issue) => issue.severity === severity).length;
    return number === 0 ? [] : [`${number} ${severity}${number === 1 ? '' : 's'}`];
  };
  return [...count('error'), ...count('warning')].join(' and ');
}
