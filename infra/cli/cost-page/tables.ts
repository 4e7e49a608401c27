// The tables behind the charts: the same figures, to the cent, with what is not known said so.
import { moneyText, signedText } from '../../../shared/cost/amount-text.ts';
import type { CurrencyReport, ShareRow, Sides } from '../../../shared/cost/report/report-shape.ts';
import type { Provider } from '../../../shared/model/site.ts';
import { escapeHtml } from '../../local/report/html.ts';
import { table } from '../../local/report/page-parts.ts';

export function categoryTable({ currency, categories, total, comparedDays }: CurrencyReport): string {
  const cells = ({ aws, gcp, all }: Sides) => [aws, gcp, all].map((one) => amountCell(one, currency));
  const rows = categories.map((row) => [
    `<i class="sample swatch-${row.category}"></i>${row.category}`,
    ...cells(row),
    row.cheaper ? `${row.cheaper.provider.toUpperCase()} by ${row.cheaper.percent} %` : '',
  ]);
  const sum = ['<strong>total</strong>', ...cells(total).map((one) => `<strong>${one}</strong>`), ''];
  const heads = ['', 'AWS', 'GCP', 'Both', 'Cheaper'];
  return `${table(heads, [...rows, sum])}<p class="quiet">Cheaper: over the ${comparedDays} closed days that both have told. Bills are compared, not machines.</p>`;
}

export function shareTable({ currency, environments, services }: CurrencyReport): string {
  const rowOf = ({ name, amount, sharePercent, targetPercent, driftPoints }: ShareRow) => [
    escapeHtml(name ?? 'no environment that is known'),
    amountCell(amount, currency),
    sharePercent === null ? '–' : `${sharePercent} %`,
    targetPercent === null ? '–' : `${targetPercent} %`,
    driftPoints === null ? '–' : signedText(driftPoints),
  ];
  const heads = ['', 'Spent', 'Share', 'Target', 'Drift'];
  return `<details><summary>The figures</summary>${table(heads, [...environments, ...services].map(rowOf))}</details>`;
}

/** `providers`: whose days are expected. */
export function dailyTable({ currency, daily, forecast }: CurrencyReport, providers: readonly Provider[]): string {
  const foretold = new Map(forecast.kind === 'forecast' ? forecast.days.map((day) => [day.date, day.amount]) : []);
  const rows = daily.map((day) => {
    const ahead = foretold.get(day.date);
    const silent = providers.filter((one) => day[one] === null);
    const notes = [
      ...(silent.length > 0 && ahead === undefined ? [`not told by ${silent.join(' and ')}`] : []),
      ...(day.open.length > 0 ? ['still open'] : day.estimated.length > 0 ? ['estimated'] : []),
      ...(ahead === undefined ? [] : [`foretold ${moneyText(ahead, currency)}`]),
    ];
    return [
      day.date,
      amountCell(day.aws, currency),
      amountCell(day.gcp, currency),
      amountCell(day.all, currency),
      notes.join(', '),
    ];
  });
  return `<details><summary>The figures</summary>${table(['Day', 'AWS', 'GCP', 'Both', ''], rows)}</details>`;
}

function amountCell(amount: string | null, currency: string): string {
  return amount === null ? '<span class="quiet">not known</span>' : escapeHtml(moneyText(amount, currency));
}
