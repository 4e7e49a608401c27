// What happens during a drill, on the terminal: live lines with a status below them, or plain lines elsewhere.
import pc from 'picocolors';
import type { StepStatus } from '../../../shared/model/run.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { countText, secondsText } from './html.ts';
import type { DrillReport, TimelineEntry } from './report.ts';

export type DrillStatus = {
  writer: string;
  epoch: string;
  lease: string;
  /** What the name is answered with now. */
  dns: string;
  /** Of the last second. */
  clients: { acknowledged: number; refused: number; unknown: number };
  steps: readonly { action: string; status: StepStatus; attempts: number }[];
};

export type Timeline = {
  /** Prints what happened and keeps it for the report. */
  entry(lane: TimelineEntry['lane'], text: string, tone: TimelineEntry['tone']): void;
  /** Prints a line that belongs to no lane and to no report. */
  say(text: string): void;
  /** What stands now; a step that changed its status gets a line of its own. */
  status(status: DrillStatus): void;
  /** The failure is made now: from here on seconds are counted from it. */
  failure(): void;
  /** Everything so far, in seconds since the failure, or since the beginning while there was none. */
  entries(): TimelineEntry[];
  /** The summary; the last line is the report's path. */
  finish(report: DrillReport, path: string): void;
};

export type TimelineOptions = {
  out: { write(text: string): unknown };
  isTTY: boolean;
  columns: number;
  color: boolean;
  clock: Clock;
};

export function createTimeline(options: TimelineOptions): Timeline {
  const { out, clock } = options;
  const colors = pc.createColors(options.color);
  const tones = { good: colors.green, warning: colors.yellow, bad: colors.red, neutral: (text: string) => text };
  const entries: TimelineEntry[] = [];
  const startedSeconds = clock.elapsedSeconds();
  let zeroSeconds = startedSeconds;
  let block: string[] = [];
  let steps: DrillStatus['steps'] = [];
  const erase = (): string => (options.isTTY && block.length > 0 ? `\x1b[${block.length}A\x1b[J` : '');
  const print = (line: string): void => {
    out.write(`${erase()}${line}\n${options.isTTY ? block.map((one) => `${one}\n`).join('') : ''}`);
  };
  const stamp = (): string => {
    const seconds = clock.elapsedSeconds() - zeroSeconds;
    return `${seconds < 0 ? '-' : '+'}${Math.abs(seconds).toFixed(1)}s`.padStart(8);
  };
  const entry: Timeline['entry'] = (lane, text, tone) => {
    entries.push({ atSeconds: clock.elapsedSeconds() - startedSeconds, lane, text, tone });
    print(`${colors.dim(stamp())}  ${colors.bold(lane.padEnd(9))}  ${tones[tone](text)}`);
  };
  const say = (text: string): void => print(`${colors.dim(stamp())}  ${text}`);
  return {
    entry,
    say,
    failure: () => {
      zeroSeconds = clock.elapsedSeconds();
    },
    status: (status) => {
      for (const step of status.steps) {
        const before = steps.find((other) => other.action === step.action);
        if (before?.status !== step.status) say(stepLine(step));
      }
      steps = status.steps;
      if (!options.isTTY) return;
      const above = erase();
      block = statusLines(status).map((line) => cut(line, options.columns - 1));
      out.write(`${above}${block.map((line) => `${colors.cyan(line)}\n`).join('')}`);
    },
    entries: () => entries.map((one) => ({ ...one, atSeconds: one.atSeconds - (zeroSeconds - startedSeconds) })),
    finish: (report, path) => {
      const above = erase();
      block = [];
      const verdict = report.verdict === 'passed' ? colors.green('PASSED') : colors.red('FAILED');
      const lines = ['', `${verdict}  ${report.because}`, '', ...summaryLines(report), '', path];
      out.write(`${above}${lines.join('\n')}\n`);
    },
  };
}

function stepLine(step: DrillStatus['steps'][number]): string {
  const tries = step.attempts > 1 ? ` (attempt ${step.attempts})` : '';
  return `${'step'.padEnd(9)}  ${step.action}: ${step.status}${tries}`;
}

function statusLines(status: DrillStatus): string[] {
  const { acknowledged, refused, unknown } = status.clients;
  const steps = status.steps.map((step) => `${marks[step.status]} ${step.action}`).join('  ');
  return [
    `  writer ${status.writer}   epoch ${status.epoch}   lease ${status.lease}`,
    `  dns ${status.dns}   clients ${acknowledged}/s acknowledged, ${refused} refused, ${unknown} unknown`,
    ...(steps === '' ? [] : [`  ${steps}`]),
  ];
}

const marks: Record<StepStatus, string> = {
  pending: '·',
  claimed: '>',
  unknown: '?',
  blocked: '!',
  done: '✓',
  failed: '✕',
  refused: '✕',
};

/** Without colour codes, which would be counted. */
function cut(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}

/** Objectives, then the parts of the recovery, then the steps: as aligned plain text. */
function summaryLines(report: DrillReport): string[] {
  const objectives = report.objectives.map((objective) => {
    const text = objective.unit === 'seconds' ? secondsText : countText;
    const held = objective.held === null ? 'not measured' : objective.held ? 'held' : 'MISSED';
    return [objective.name, text(objective.measured), `at most ${text(objective.limit)}`, held];
  });
  const parts = [
    `detection ${secondsText(report.detectionSeconds)}`,
    `authority ${secondsText(report.authoritySeconds)}`,
    `promotion ${secondsText(report.promotionSeconds)}`,
    `traffic ${secondsText(report.trafficSeconds)}`,
  ];
  const steps = report.steps.map((step) => [
    step.action,
    step.status,
    step.by ?? '–',
    `${step.attempts} attempt${step.attempts === 1 ? '' : 's'}`,
  ]);
  return [
    ...columnsOf(objectives),
    '',
    `  ${parts.join('   ')}   epoch ${countText(report.epochBefore)} -> ${countText(report.epochAfter)}`,
    `  ${countText(report.acknowledgedWrites)} writes acknowledged, ${countText(report.lostWrites)} lost, ${countText(report.dualWrites)} dual`,
    '',
    ...columnsOf(steps),
  ];
}

function columnsOf(rows: readonly string[][]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('   ')}`.trimEnd());
}
