// The report as one page that needs nothing else: no network, light and dark, wide and narrow.
import { timelineChart } from './chart.ts';
import { countText, escapeHtml, momentText, secondsBetween, secondsText } from './html.ts';
import { table } from './page-parts.ts';
import type { DrillReport, Objective } from './report.ts';
import { pageStyle } from './style.ts';

/** A whole HTML document. */
export function reportPage(report: DrillReport): string {
  const title = `${report.scenario}: ${report.verdict}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · Causeway drill</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
${header(report)}
${tiles(report)}
${section('Where the time went', phases(report))}
${section('Timeline', `<div class="scroll">${timelineChart(report)}</div>${legend}`)}
${section('Objectives', objectives(report.objectives))}
${section('Steps', steps(report))}
${section('What happened', events(report))}
${section('What these numbers hold for', facts(report))}
</main>
</body>
</html>
`;
}

function header(report: DrillReport): string {
  const sign = report.verdict === 'passed' ? '✓' : '✕';
  const words = report.verdict === 'passed' ? 'Every objective held' : 'Not every objective held';
  return `<header class="verdict ${report.verdict}">
<p class="kicker">Causeway drill · ${escapeHtml(report.scenario)}</p>
<h1><span aria-hidden="true">${sign}</span> ${words}</h1>
<p>${escapeHtml(report.because)}</p>
<p class="quiet"><time datetime="${report.startedAt}">${escapeHtml(report.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}</time>, ${secondsText(secondsBetween(report.startedAt, report.endedAt))} in all</p>
</header>`;
}

function tiles(report: DrillReport): string {
  const { epochBefore, epochAfter } = report;
  const epoch =
    epochBefore === epochAfter ? countText(epochAfter) : `${countText(epochBefore)} → ${countText(epochAfter)}`;
  const all: [string, string, string][] = [
    ['Recovery time', secondsText(report.rtoSeconds), 'until the slowest client was served again'],
    ['Data loss', secondsText(report.rpoSeconds), 'of acknowledged writes'],
    ['Lost writes', countText(report.lostWrites), `of ${countText(report.acknowledgedWrites)} acknowledged`],
    ['Dual writes', countText(report.dualWrites), 'taken by a side that was not the writer'],
    ['Epoch', epoch, 'grows when the writer changes'],
  ];
  const boxes = all.map(
    ([name, value, note]) =>
      `<div class="tile"><dt>${name}</dt><dd><strong>${escapeHtml(value)}</strong><span class="quiet">${escapeHtml(note)}</span></dd></div>`,
  );
  return `<dl class="tiles">${boxes.join('')}</dl>`;
}

function phases(report: DrillReport): string {
  const parts: [string, number | null][] = [
    ['Detection', report.detectionSeconds],
    ['Authority', report.authoritySeconds],
    ['Promotion', report.promotionSeconds],
    ['Traffic', report.trafficSeconds],
  ];
  const bars = parts.map(([name, seconds], index) =>
    seconds === null || seconds <= 0
      ? ''
      : `<div class="phase-${index + 1}" style="flex-grow:${seconds.toFixed(2)}" title="${name}: ${secondsText(seconds)}"></div>`,
  );
  const items = parts.map(
    ([name, seconds], index) =>
      `<li><span class="swatch phase-${index + 1}"></span>${name} <strong>${secondsText(seconds)}</strong></li>`,
  );
  const bar = bars.some((one) => one !== '') ? `<div class="phases" aria-hidden="true">${bars.join('')}</div>` : '';
  return `${bar}<ul class="key">${items.join('')}</ul>`;
}

const legend = `<ul class="key">
<li><span class="swatch acknowledged"></span>acknowledged</li>
<li><span class="swatch unknown"></span>unknown: no whole answer came</li>
<li><span class="swatch refused"></span>refused</li>
</ul>`;

function objectives(all: readonly Objective[]): string {
  const rows = all.map((objective) => {
    const text = objective.unit === 'seconds' ? secondsText : countText;
    const held = objective.held === null ? 'not measured' : objective.held ? 'held' : 'missed';
    const tone = objective.held === true ? 'good' : 'bad';
    return [
      escapeHtml(objective.name),
      `<span class="nowrap">at most ${text(objective.limit)}</span>`,
      `<span class="nowrap">${text(objective.measured)}</span>`,
      `<span class="mark ${tone}">${held}</span>`,
    ];
  });
  return table(['Objective', 'Limit', 'Measured', ''], rows);
}

function steps(report: DrillReport): string {
  const moment = (at: string | null): string => (at === null ? '–' : momentText(secondsBetween(report.failedAt, at)));
  const rows = report.steps.map((step) => {
    const bad = step.status === 'failed' || step.status === 'refused';
    const tone = step.status === 'done' ? 'good' : bad ? 'bad' : 'warning';
    return [
      `<code>${escapeHtml(step.action)}</code>`,
      `<span class="mark ${tone}">${step.status}</span>`,
      `<span class="nowrap">${escapeHtml(step.by ?? '–')}</span>`,
      String(step.attempts),
      `<span class="nowrap">${moment(step.startedAt)}</span>`,
      `<span class="nowrap">${moment(step.endedAt)}</span>`,
      escapeHtml(step.detail ?? ''),
    ];
  });
  return table(['Action', 'Status', 'By', 'Attempts', 'Began', 'Ended', 'Detail'], rows);
}

function events(report: DrillReport): string {
  const rows = [...report.timeline]
    .sort((one, other) => one.atSeconds - other.atSeconds)
    .map((entry) => [
      `<span class="nowrap">${momentText(entry.atSeconds)}</span>`,
      escapeHtml(entry.lane),
      `<span class="mark ${entry.tone}"></span>${escapeHtml(entry.text)}`,
    ]);
  return table(['When', 'Where', 'What'], rows);
}

function facts(report: DrillReport): string {
  const rows = Object.entries(report.facts).map(([name, value]) => [escapeHtml(name), escapeHtml(value)]);
  return table(['Fact', 'Value'], rows);
}

function section(title: string, content: string): string {
  return `<section><h2>${title}</h2>${content}</section>`;
}
