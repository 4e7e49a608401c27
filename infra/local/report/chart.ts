// The timeline as SVG: lanes of what stood when, steps as bars, and what each second was like for the clients.
import { escapeHtml, momentText, secondsBetween } from './html.ts';
import type { DrillReport, Lane, ReportStep, TimelineEntry } from './report.ts';

const width = 1120;
const laneHeight = 44;
const stepHeight = 24;
const clientsHeight = 132;
const axisHeight = 26;
/** About the width of one character of the chart's type, to tell what fits. */
const characterWidth = 6.6;

const laneNames: Record<Lane, string> = {
  aws: 'AWS site',
  gcp: 'GCP site',
  witness: 'Witness',
  authority: 'Authority',
  database: 'Database',
  dns: 'DNS answers',
};
const laneOrder: Lane[] = ['aws', 'gcp', 'witness', 'authority', 'database', 'dns'];

/** Seconds since the failure to the chart's x. */
type Scale = { from: number; to: number; x(seconds: number): number };

/** A whole `<svg>`; its colours come from the page's classes. */
export function timelineChart(report: DrillReport): string {
  const scale = scaleOf(report);
  const lanes = laneOrder.filter((lane) => report.timeline.some((entry) => entry.lane === lane));
  const parts: string[] = [];
  let y = axisHeight;
  for (const lane of lanes) {
    parts.push(laneRow(lane, report.timeline, scale, y));
    y += laneHeight;
  }
  if (report.steps.length > 0) {
    parts.push(label('Steps', y));
    y += 18;
    for (const step of report.steps) {
      parts.push(stepRow(step, report.failedAt, scale, y));
      y += stepHeight;
    }
    y += 8;
  }
  parts.push(clientColumns(report.clientSeconds, scale, y));
  y += clientsHeight;
  const title = `Timeline of the drill ${report.scenario}, from ${momentText(scale.from)} to ${momentText(scale.to)}`;
  return `<svg viewBox="0 0 ${width} ${y}" role="img" aria-label="${escapeHtml(title)}">${axis(scale, y)}${failureLine(scale, y)}${parts.join('')}</svg>`;
}

function scaleOf(report: DrillReport): Scale {
  const moments = [
    secondsBetween(report.failedAt, report.startedAt),
    secondsBetween(report.failedAt, report.endedAt),
    ...report.timeline.map((entry) => entry.atSeconds),
    ...report.clientSeconds.flatMap((second) => [second.atSecond, second.atSecond + 1]),
  ];
  const from = Math.floor(Math.min(-1, ...moments));
  const to = Math.ceil(Math.max(1, ...moments));
  return { from, to, x: (seconds) => round(((seconds - from) / (to - from)) * width) };
}

function axis(scale: Scale, height: number): string {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300].find((size) => (scale.to - scale.from) / size <= 14) ?? 600;
  const ticks: string[] = [];
  for (let seconds = Math.ceil(scale.from / step) * step; seconds <= scale.to; seconds += step) {
    const x = scale.x(seconds);
    // Zero is the failure's own line, and a text at either edge would be cut.
    const text =
      seconds === 0 || x < 16 || x > width - 16 ? '' : `<text x="${x}" y="12" text-anchor="middle">${seconds} s</text>`;
    ticks.push(`<line class="grid" x1="${x}" x2="${x}" y1="18" y2="${height}"/>${text}`);
  }
  return `<g class="axis">${ticks.join('')}</g>`;
}

function failureLine(scale: Scale, height: number): string {
  const x = scale.x(0);
  return `<g class="failure"><line x1="${x}" x2="${x}" y1="16" y2="${height}"/><text x="${x}" y="12" text-anchor="middle">failure</text></g>`;
}

function laneRow(lane: Lane, timeline: readonly TimelineEntry[], scale: Scale, y: number): string {
  const entries = timeline.filter((entry) => entry.lane === lane).sort((one, other) => one.atSeconds - other.atSeconds);
  const bands = entries.map((entry, index) => {
    const x = scale.x(entry.atSeconds);
    const end = scale.x(entries[index + 1]?.atSeconds ?? scale.to);
    const hint = `${laneNames[lane]}, ${momentText(entry.atSeconds)}: ${entry.text}`;
    return band(x, end - x, y + 18, 22, `tone-${entry.tone}`, entry.text, hint);
  });
  return label(laneNames[lane], y) + bands.join('');
}

/** A box with as much of its text as fits; the whole of it is in the hint and in the list below the chart. */
function band(x: number, wide: number, y: number, high: number, tone: string, text: string, hint: string): string {
  const room = Math.floor((wide - 12) / characterWidth);
  const shown = room >= text.length ? text : room >= 5 ? `${text.slice(0, room - 1).trimEnd()}…` : '';
  const written = shown === '' ? '' : `<text x="${round(x + 6)}" y="${y + 15}">${escapeHtml(shown)}</text>`;
  return `<g class="band ${tone}"><title>${escapeHtml(hint)}</title><rect x="${x}" y="${y}" width="${round(Math.max(2, wide - 1.5))}" height="${high}" rx="4"/>${written}</g>`;
}

function stepRow(step: ReportStep, failedAt: string, scale: Scale, y: number): string {
  const who = step.by === null ? '' : ` · ${step.by}`;
  const tries = step.attempts > 1 ? ` · ${step.attempts} attempts` : '';
  const text = `${step.action} · ${step.status}${who}${tries}`;
  if (step.startedAt === null) {
    return `<text class="quiet" x="${scale.x(0) + 6}" y="${y + 14}">${escapeHtml(`${text} · not begun`)}</text>`;
  }
  const start = secondsBetween(failedAt, step.startedAt);
  const end = step.endedAt === null ? scale.to : secondsBetween(failedAt, step.endedAt);
  const x = scale.x(start);
  const wide = Math.max(3, scale.x(end) - x);
  const hint = `${text}, ${momentText(start)} to ${step.endedAt === null ? 'the end' : momentText(end)}${step.detail === null ? '' : `: ${step.detail}`}`;
  const tone =
    step.status === 'done' ? 'good' : step.status === 'failed' || step.status === 'refused' ? 'bad' : 'warning';
  const right = x + wide + 6;
  const fits = right + text.length * characterWidth < width;
  const place = fits ? `x="${round(right)}"` : `x="${round(x - 6)}" text-anchor="end"`;
  return `<g class="step tone-${tone}"><title>${escapeHtml(hint)}</title><rect x="${x}" y="${y + 3}" width="${round(wide)}" height="14" rx="3"/><text ${place} y="${y + 14}">${escapeHtml(text)}</text></g>`;
}

const outcomes = ['acknowledged', 'unknown', 'refused'] as const;

function clientColumns(seconds: DrillReport['clientSeconds'], scale: Scale, y: number): string {
  const most = Math.max(1, ...seconds.map((second) => second.acknowledged + second.refused + second.unknown));
  const bottom = y + clientsHeight - 6;
  const high = clientsHeight - 34;
  const columns = seconds.map((second) => {
    const x = scale.x(second.atSecond);
    const wide = Math.max(1, scale.x(second.atSecond + 1) - x - 1);
    let top = bottom;
    const boxes = outcomes.map((outcome) => {
      const size = round((second[outcome] / most) * high);
      top = round(top - size);
      return size === 0 ? '' : `<rect class="${outcome}" x="${x}" y="${top}" width="${round(wide)}" height="${size}"/>`;
    });
    const hint = `${momentText(second.atSecond)}: ${second.acknowledged} acknowledged, ${second.refused} refused, ${second.unknown} unknown`;
    return `<g><title>${escapeHtml(hint)}</title>${boxes.join('')}</g>`;
  });
  return `${label(`Requests a second, at most ${most}`, y)}<g class="clients">${columns.join('')}<line class="base" x1="0" x2="${width}" y1="${bottom}" y2="${bottom}"/></g>`;
}

function label(text: string, y: number): string {
  return `<text class="label" x="0" y="${y + 12}">${escapeHtml(text)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
