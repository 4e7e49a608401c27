// A report as CSV (RFC 4180): one figure a row, so that a spreadsheet can filter and pivot it.
import type { Amount, CostDate, Currency } from '../../model/cost.ts';
import type { Provider } from '../../model/site.ts';
import type { CostReport, Coverage, CurrencyReport, ShareRow, Sides } from './report-shape.ts';

const HEAD = [
  'month',
  'currency',
  'section',
  'name',
  'provider',
  'amount',
  'share_percent',
  'target_percent',
  'drift_points',
  'note',
] as const;

type Row = {
  currency: Currency;
  section: string;
  name: string;
  provider: Provider | 'all';
  /** Null: not known, which is an empty cell and no zero. */
  amount: Amount | null;
  share?: Pick<ShareRow, 'sharePercent' | 'targetPercent' | 'driftPoints'>;
  note?: string;
};

export function reportCsv(report: CostReport): string {
  const rows = report.currencies.flatMap((currency) => rowsOf(currency, report.coverage));
  const lines = rows.map(({ currency, section, name, provider, amount, share, note }) => [
    report.month,
    currency,
    section,
    safe(name),
    provider,
    amount ?? '',
    share?.sharePercent ?? '',
    share?.targetPercent ?? '',
    share?.driftPoints ?? '',
    safe(note ?? ''),
  ]);
  return [HEAD, ...lines].map((cells) => `${cells.map((cell) => quoted(String(cell))).join(',')}\r\n`).join('');
}

function rowsOf(report: CurrencyReport, coverage: readonly Coverage[]): Row[] {
  const { currency, forecast, transfer, savings } = report;
  const sides = (section: string, name: string, amounts: Sides, note = ''): Row[] =>
    (['aws', 'gcp', 'all'] as const).map((provider) => ({
      currency,
      section,
      name,
      provider,
      amount: amounts[provider],
      note,
    }));
  const all = { currency, provider: 'all' as const };
  const shares = (section: string, rows: readonly ShareRow[]): Row[] =>
    rows.map((share) => ({ ...all, section, name: share.name ?? '(none)', amount: share.amount, share }));
  return [
    ...report.categories.flatMap(({ category, ...amounts }) => sides('category', category, amounts)),
    ...sides('total', 'total', report.total),
    ...shares('environment', report.environments),
    ...shares('service', report.services),
    ...sides('to date', 'this month', report.toDate.now, `${report.toDate.days} days`),
    ...sides('to date', 'last month', report.toDate.before, `${report.toDate.days} days`),
    ...sides('transfer', 'transfer', transfer),
    ...(forecast.kind === 'forecast'
      ? (['amount', 'low', 'high'] as const).map((name) => ({
          ...all,
          section: 'forecast',
          name,
          amount: forecast[name],
          note: forecast.how,
        }))
      : []),
    ...report.budgets.map(({ name, spent, spentPercent }) => ({
      ...all,
      section: 'budget',
      name,
      amount: spent,
      note: `${spentPercent} %`,
    })),
    ...report.anomalies.map(({ provider, service, amount, because }) => ({
      currency,
      section: 'anomaly',
      name: service,
      provider,
      amount,
      note: because,
    })),
    ...(savings?.opportunities ?? []).map(({ id, monthly, arithmetic }) => ({
      ...all,
      section: 'saving',
      name: id,
      amount: monthly,
      note: arithmetic,
    })),
    ...coverage.flatMap(({ provider, missing, estimated }) =>
      report.daily.map(({ date, [provider]: amount }) => ({
        currency,
        section: 'day',
        name: date,
        provider,
        amount,
        note: noteOf(date, missing, estimated),
      })),
    ),
  ];
}

function noteOf(date: CostDate, missing: readonly CostDate[], estimated: readonly CostDate[]): string {
  return missing.includes(date) ? 'missing' : estimated.includes(date) ? 'estimated' : '';
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Names come from tags and bills: a spreadsheet would take what begins so for a formula. */
function safe(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
