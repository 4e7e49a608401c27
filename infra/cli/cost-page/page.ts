// The report as one page: it needs no network and no script, and can be read without its figures.
import { datesText, roundMoneyText, signedText } from '../../../shared/cost/amount-text.ts';
import type { CostReport, Coverage, CurrencyReport } from '../../../shared/cost/report/report-shape.ts';
import { escapeHtml } from '../../local/report/html.ts';
import { categoriesChart } from './categories-chart.ts';
import { dailyChart } from './daily-chart.ts';
import { driftChart } from './drift-chart.ts';
import { savingsSection } from './savings-section.ts';
import { pageStyle } from './style.ts';
import { categoryTable, dailyTable, shareTable } from './tables.ts';

export function reportPage(report: CostReport): string {
  const { application, month, at, basis, coverage, findings, currencies } = report;
  const title = `Costs of ${application} in ${monthName(month)}`;
  const way = basis === 'effective' ? 'commitments and discounts spread over what they were used for' : 'as invoiced';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="quiet">As known at ${escapeHtml(clockText(at))}; ${way}.</p>
${findingsList(findings)}
</header>
${currencies.map((one) => currencySections(one, report)).join('\n')}
${coverageSection(coverage)}
</main>
</body>
</html>
`;
}

function findingsList(findings: readonly string[]): string {
  if (findings.length === 0) return '<p class="good">Nothing needs you.</p>';
  return `<ul class="findings">${findings.map((one) => `<li>${withCode(one)}</li>`).join('')}</ul>`;
}

function currencySections(report: CurrencyReport, { coverage, currencies }: CostReport): string {
  const providers = coverage.filter(({ known }) => known > 0).map(({ provider }) => provider);
  const of = currencies.length > 1 ? ` (${report.currency})` : '';
  return `<dl class="tiles">${tiles(report).join('')}</dl>
<section>
<h2>Where the money goes${of}</h2>
${categoriesChart(report)}
${categoryTable(report)}
</section>
<section>
<h2>Against the targets${of}</h2>
<p class="quiet">The dot is the share of everything that is spent, the ring is the target. Shares are of what is known.</p>
${driftChart(report)}
${shareTable(report)}
</section>
<section>
<h2>Day by day${of}</h2>
${dailyChart(report, providers)}
${dailyLegend(report)}
${anomalyList(report)}
${dailyTable(report, providers)}
</section>
${savingsSection(report)}`;
}

function tiles({ currency, total, toDate, forecast, transfer, own, budgets }: CurrencyReport): string[] {
  const money = (amount: string | null) => (amount === null ? 'not known' : roundMoneyText(amount, currency));
  const mine = own.tagged ?? own.atMost;
  const change = toDate.changePercent.all;
  const band =
    forecast.kind === 'forecast' && forecast.low !== null && forecast.high !== null
      ? `between ${money(forecast.low)} and ${money(forecast.high)}`
      : forecast.kind === 'forecast'
        ? 'too little history for a band'
        : forecast.because;
  return [
    tile('Spent so far', money(total.all), `AWS ${money(total.aws)}, GCP ${money(total.gcp)}`),
    tile('The whole month', forecast.kind === 'forecast' ? money(forecast.amount) : '–', band),
    tile(
      'Against last month',
      change === null ? '–' : `${signedText(change)} %`,
      change === null ? 'no day is known in both' : `over the same ${toDate.days} days`,
    ),
    tile(
      'Leaving the clouds',
      money(transfer.all),
      transfer.sharePercent === null ? '' : `${transfer.sharePercent} % of everything`,
    ),
    tile('Causeway itself', money(mine.all), own.tagged ? 'by its tag' : 'at most: all that its services cost'),
    ...budgets.map(({ name, spentPercent, monthly, forecastPercent }) =>
      tile(
        `Budget ${name}`,
        `${spentPercent} %`,
        `of ${money(monthly)}${forecastPercent === null ? '' : `; foretold ${forecastPercent} %`}`,
      ),
    ),
  ];
}

function tile(name: string, figure: string, note: string): string {
  // A figure and its unit stay on one line.
  const kept = (words: string) => escapeHtml(words).replaceAll(' %', '&nbsp;%');
  return `<div class="tile"><dt>${escapeHtml(name)}</dt><dd><strong>${kept(figure)}</strong><span class="quiet">${kept(note)}</span></dd></div>`;
}

function dailyLegend({ forecast }: CurrencyReport): string {
  const error = forecast.kind === 'forecast' ? forecast.error : null;
  const how = forecast.kind === 'forecast' ? `Foretold: ${forecast.how}. ` : '';
  const past =
    error === null
      ? ''
      : `In ${error.trials} trials on the past, ${error.horizonDays} days ahead, it was off by ${error.averagePercent} % on average and ${error.worstPercent} % at worst, which is the band.`;
  return `<ul class="key"><li><i class="sample full"></i>final</li><li><i class="sample hollow"></i>estimated until the invoice</li><li><i class="sample hatched"></i>still being added to</li><li><i class="sample gap"></i>not told by somebody</li><li><i class="sample ahead"></i>foretold</li></ul><p class="quiet">${escapeHtml(how + past)}</p>`;
}

function anomalyList({ anomalies }: CurrencyReport): string {
  if (anomalies.length === 0) return '';
  return `<h3>Unusual</h3><ol>${anomalies.map(({ because }) => `<li>${escapeHtml(because)}</li>`).join('')}</ol>`;
}

function coverageSection(coverage: readonly Coverage[]): string {
  const said = coverage.map(({ provider, known, missing, estimated, takenAt }) => {
    const gaps = missing.length === 0 ? 'none is missing' : `missing: ${datesText(missing)}`;
    const newest = takenAt === null ? '' : `, the last change taken at ${clockText(takenAt)}`;
    return `<li><strong>${provider.toUpperCase()}</strong>: ${known} days are known${newest}; ${gaps}; ${estimated.length} may still change.</li>`;
  });
  return `<section><h2>What this rests on</h2><ul>${said.join('')}</ul><p class="quiet">A day that is missing is in no sum: it did not cost nothing.</p></section>`;
}

/** What stands in backticks is something to type. */
function withCode(sentence: string): string {
  return escapeHtml(sentence).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function clockText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

function monthName(month: string): string {
  return new Date(Date.parse(`${month}-01`)).toLocaleDateString('en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
