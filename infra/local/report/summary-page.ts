// The summary as one page that needs nothing else, with a link to each scenario's own.
import { countText, escapeHtml, secondsBetween, secondsText } from './html.ts';
import { table } from './page-parts.ts';
import { pageStyle } from './style.ts';
import type { DrillSummary, SummaryRow } from './summary.ts';

/** A whole HTML document. */
export function summaryPage(summary: DrillSummary): string {
  const { rows } = summary;
  const passed = rows.filter(({ verdict }) => verdict === 'passed').length;
  const title = `${passed} of ${rows.length} scenarios passed`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Causeway drills</title>
<style>${pageStyle}${summaryStyle}</style>
</head>
<body>
<main>
<header class="verdict ${summary.verdict}">
<p class="kicker">Causeway drills · two clouds on one machine</p>
<h1><span aria-hidden="true">${summary.verdict === 'passed' ? '✓' : '✕'}</span> ${title}</h1>
<p>${escapeHtml(sentence(summary))}</p>
<p class="quiet"><time datetime="${summary.startedAt}">${escapeHtml(summary.startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}</time>, ${minutesText(secondsBetween(summary.startedAt, summary.endedAt))} in all</p>
</header>
${tiles(rows)}
<section><h2>Scenarios</h2>${table(headings, rows.map(cells))}</section>
<section><h2>What these numbers hold for</h2>${table(
    ['Fact', 'Value'],
    Object.entries(summary.facts).map(([name, value]) => [escapeHtml(name), escapeHtml(value)]),
  )}</section>
</main>
</body>
</html>
`;
}

const headings = ['Scenario', 'Verdict', 'Recovery', 'Lost', 'Dual', 'Epoch', 'Took', 'What it shows'];

function cells(row: SummaryRow): string[] {
  const tone = row.verdict === 'passed' ? 'good' : 'bad';
  const name = `<code>${escapeHtml(row.scenario)}</code>`;
  const epoch =
    row.epochBefore === row.epochAfter
      ? countText(row.epochAfter)
      : `${countText(row.epochBefore)} → ${countText(row.epochAfter)}`;
  return [
    `<span class="nowrap">${row.report === null ? name : `<a href="${escapeHtml(row.report)}">${name}</a>`}</span>`,
    `<span class="mark ${tone} nowrap">${row.verdict === 'not-run' ? 'not run' : row.verdict}</span>`,
    `<span class="nowrap">${secondsText(row.rtoSeconds)}</span>`,
    `<span class="nowrap">${countText(row.lostWrites)}</span>`,
    countText(row.dualWrites),
    `<span class="nowrap">${epoch}</span>`,
    `<span class="nowrap">${secondsText(row.durationSeconds)}</span>`,
    row.verdict === 'passed' ? escapeHtml(row.proves) : failure(row),
  ];
}

function failure(row: SummaryRow): string {
  const missed = row.missed.map((name) => `<li>${escapeHtml(name)}</li>`).join('');
  const list = missed === '' ? '' : `<ul class="missed">${missed}</ul>`;
  return `${row.missed.length === 0 ? escapeHtml(row.because) : 'Not held:'}${list}`;
}

function tiles(rows: readonly SummaryRow[]): string {
  const known = (values: (number | null)[]) => values.filter((one) => one !== null);
  const recoveries = known(rows.map(({ rtoSeconds }) => rtoSeconds));
  const sum = (values: number[]) => values.reduce((total, one) => total + one, 0);
  const all: [string, string, string][] = [
    [
      'Dual writes',
      countText(sum(known(rows.map((one) => one.dualWrites)))),
      'taken by a side that was not the writer',
    ],
    [
      'Slowest recovery',
      secondsText(recoveries.length === 0 ? null : Math.max(...recoveries)),
      `of ${recoveries.length} scenarios that lose the service`,
    ],
    [
      'Lost writes',
      countText(sum(known(rows.map((one) => one.lostWrites)))),
      `of ${countText(sum(known(rows.map((one) => one.acknowledgedWrites))))} acknowledged`,
    ],
    [
      'Objectives',
      countText(sum(rows.map((one) => one.objectives))),
      `${sum(rows.map((one) => one.missed.length))} not held`,
    ],
  ];
  const boxes = all.map(
    ([name, value, note]) =>
      `<div class="tile"><dt>${name}</dt><dd><strong>${escapeHtml(value)}</strong><span class="quiet">${escapeHtml(note)}</span></dd></div>`,
  );
  return `<dl class="tiles">${boxes.join('')}</dl>`;
}

function sentence({ rows, verdict }: DrillSummary): string {
  if (verdict === 'passed') return 'Every objective of every scenario was held.';
  const bad = rows.filter((row) => row.verdict !== 'passed').map(({ scenario }) => scenario);
  return bad.length === 0 ? 'No scenario was played.' : `Look at ${bad.join(', ')} first.`;
}

function minutesText(seconds: number): string {
  return seconds < 120 ? secondsText(seconds) : `${Math.round(seconds / 60)} minutes`;
}

const summaryStyle = `
.missed { margin: 4px 0 0; padding-left: 18px; }
a { color: inherit; }
`;
