// What `causeway cost report` prints: what has to be known first, then the clouds side by side, drift, forecast, budgets and savings.
import { datesText, moneyText, signedText } from '../../shared/cost/amount-text.ts';
import type { CostReport, Coverage, CurrencyReport, ShareRow, Sides } from '../../shared/cost/report/report-shape.ts';
import { savingsLines } from './cost-savings-text.ts';
import type { Colors } from './strategy-issues.ts';
import { figures } from './text.ts';

export function costReportText(report: CostReport, colors: Colors): string {
  const { application, month, basis, at, findings, coverage, currencies } = report;
  const way = basis === 'effective' ? 'commitments and discounts spread' : 'as invoiced';
  return [
    `${colors.bold(`Costs of ${application} in ${month}`)}  ${colors.dim(`${basis}: ${way}; at ${at}`)}`,
    ...(findings.length === 0
      ? [colors.green('Nothing needs you.')]
      : findings.map((one) => `${colors.yellow('!')} ${one}`)),
    ...coverage.map((one) => colors.dim(coverageLine(one))),
    ...currencies.flatMap((one) => ['', ...currencyLines(one, colors)]),
  ].join('\n');
}

function coverageLine({ provider, known, missing, estimated, takenAt }: Coverage): string {
  const gaps = missing.length === 0 ? '' : `; missing: ${datesText(missing)}`;
  const changes = estimated.length === 0 ? '' : `; estimated, may still change: ${datesText(estimated)}`;
  return `${provider}: ${known} days known${takenAt === null ? '' : `, last new at ${takenAt}`}${gaps}${changes}`;
}

function currencyLines(report: CurrencyReport, colors: Colors): string[] {
  const { currency, categories, total, environments, services, comparedDays } = report;
  const cells = (amounts: Sides) => [amounts.aws, amounts.gcp, amounts.all].map((one) => amountText(one, currency));
  const side = [
    ['', 'aws', 'gcp', 'both', 'cheaper'],
    ...categories.map((row) => [
      row.category,
      ...cells(row),
      row.cheaper ? `${row.cheaper.provider} by ${row.cheaper.percent} %` : '',
    ]),
    ['total', ...cells(total), ''],
  ];
  return [
    colors.bold(`In ${currency}`),
    ...figures(side),
    colors.dim(`  cheaper: over the ${comparedDays} closed days that both have told`),
    '',
    ...shareLines('By environment', environments, currency, colors),
    '',
    ...shareLines('By service', services, currency, colors),
    '',
    ...toDateLines(report, colors),
    '',
    ...restLines(report, colors),
    ...savingsLines(report, colors),
  ];
}

function shareLines(title: string, rows: readonly ShareRow[], currency: string, colors: Colors): string[] {
  const percent = (value: string | number | null) => (value === null ? '-' : `${value} %`);
  return [
    colors.bold(title),
    ...figures([
      ['', 'spent', 'share', 'target', 'drift', ''],
      ...rows.map(({ name, amount, sharePercent, targetPercent, driftPoints }) => [
        name ?? '(no known environment)',
        moneyText(amount, currency),
        percent(sharePercent),
        percent(targetPercent),
        driftPoints === null ? '-' : `${signedText(driftPoints)}`,
        '',
      ]),
    ]),
  ];
}

function toDateLines({ toDate, currency }: CurrencyReport, colors: Colors): string[] {
  const { days, now, before, changePercent, leftOut } = toDate;
  if (days === 0) return [`${colors.bold('Against last month')}  no day is closed and known in both months`];
  const rows = (['aws', 'gcp', 'all'] as const).map((side) => [
    side === 'all' ? 'both' : side,
    amountText(now[side], currency),
    amountText(before[side], currency),
    changePercent[side] === null ? '-' : `${signedText(changePercent[side])} %`,
    '',
  ]);
  return [
    colors.bold(`Against the same days of last month`),
    ...figures([['', 'now', 'then', 'change', ''], ...rows]),
    colors.dim(
      `  ${days} closed days${leftOut.length === 0 ? '' : `; left out, not known in both: ${datesText(leftOut)}`}`,
    ),
  ];
}

function restLines(report: CurrencyReport, colors: Colors): string[] {
  const { currency, transfer, own, budgets, anomalies } = report;
  const both = (amounts: Sides) =>
    `${amountText(amounts.all, currency)} (aws ${amountText(amounts.aws, currency)}, gcp ${amountText(amounts.gcp, currency)})`;
  const mine =
    own.tagged === null
      ? `at most ${both(own.atMost)}: all of ${own.services.join(', ') || 'the services it runs on'}, whoever uses them. Tag its resources with the environment \`causeway\`, and name that under cost.environments, to know`
      : `${both(own.tagged)}, by the environment \`causeway\``;
  return [
    ...forecastLines(report, colors),
    `${colors.bold('Leaving the clouds')}  ${both(transfer)}${transfer.sharePercent === null ? '' : `, ${transfer.sharePercent} % of everything`}: what goes between them is among it`,
    `${colors.bold('Causeway itself')}  ${mine}`,
    ...budgets.map(
      ({ name, scope, spent, monthly, spentPercent, forecastPercent }) =>
        `${colors.bold(`Budget ${name}`)}  ${moneyText(spent, currency)} of ${moneyText(monthly, currency)} is spent, ${spentPercent} %${forecastPercent === null ? '' : `; foretold ${forecastPercent} %`} (${scope})`,
    ),
    ...anomalies.map(
      ({ direction, because }) =>
        `${(direction === 'up' ? colors.red : colors.cyan)(`Unusual, ${direction}`)}  ${because}`,
    ),
  ];
}

function forecastLines({ forecast, currency }: CurrencyReport, colors: Colors): string[] {
  const title = colors.bold('Forecast');
  if (forecast.kind === 'none') return [`${title}  none: ${forecast.because}`];
  const { amount, low, high, how, error } = forecast;
  const band =
    low === null || high === null ? '' : `, between ${moneyText(low, currency)} and ${moneyText(high, currency)}`;
  const known = error
    ? `foretold so ${error.trials} times in the past, ${error.horizonDays} days ahead, it was off by ${error.averagePercent} % on average and ${error.worstPercent} % at worst`
    : 'there is too little history to say how far off it may be';
  return [`${title}  ${moneyText(amount, currency)} for the month${band}`, colors.dim(`  ${how}; ${known}`)];
}

function amountText(amount: string | null, currency: string): string {
  return amount === null ? 'not known' : moneyText(amount, currency);
}
