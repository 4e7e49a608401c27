// What is written into the daily chart: which line is whose, and what stood out.
import { roundMoneyText } from '../../../shared/cost/amount-text.ts';
import type { Anomaly, CurrencyReport, DayPoint } from '../../../shared/cost/report/report-shape.ts';
import type { Provider } from '../../../shared/model/site.ts';
import { line, type Plot, round, text } from './svg.ts';

const NAMES: Record<Provider | 'all', string> = { aws: 'AWS', gcp: 'GCP', all: 'both' };
/** Two labels do not stand closer than a line of text. */
const LABEL_HEIGHT = 16;

/** A name at the end of each line; moved apart where they would cover each other. */
export function endLabels(
  daily: readonly DayPoint[],
  whole: readonly (number | null)[],
  providers: readonly Provider[],
  { x, y }: Plot,
): string[] {
  const ends = [
    ...providers.map((side) => ({ side, values: daily.map((day) => (day[side] === null ? null : Number(day[side]))) })),
    ...(providers.length > 1 ? [{ side: 'all' as const, values: [...whole] }] : []),
  ].flatMap(({ side, values }) => {
    const index = values.findLastIndex((value) => value !== null);
    const value = values[index];
    return value === undefined || value === null ? [] : [{ side, x: x(index) + 9, y: y(value) + 4 }];
  });
  let floor = Number.NEGATIVE_INFINITY;
  return ends
    .sort((one, other) => one.y - other.y)
    .map((end) => {
      const at = Math.max(end.y, floor + LABEL_HEIGHT);
      floor = at;
      return text(end.x, at, NAMES[end.side], `class="name-${end.side}"`);
    });
}

/** A number above each day on which something unusual began; the list below the chart says what. */
export function pointers({ daily, anomalies }: CurrencyReport, { x, y }: Plot): string[] {
  return daily.flatMap((day, index) => {
    const numbers = anomalies.flatMap((one, at) => (one.date === day.date ? [at + 1] : []));
    if (numbers.length === 0) return [];
    const top = Math.max(24, y(Number(day.all ?? 0)) - 34);
    return [
      line(x(index), top + 4, x(index), y(Number(day.all ?? 0)) - 6, 'pointer'),
      `<circle class="flag" cx="${round(x(index))}" cy="${round(top - 6)}" r="10"/>`,
      text(x(index), top - 2, numbers.join(','), 'class="on-flag" text-anchor="middle"'),
    ];
  });
}

export function describeDays(
  { currency, daily, forecast, anomalies }: CurrencyReport,
  providers: readonly Provider[],
): string {
  const told = daily.filter((day) => providers.every((one) => day[one] !== null));
  const most = told.reduce<DayPoint | null>(
    (best, day) => (Number(day.all) > Number(best?.all ?? 0) ? day : best),
    null,
  );
  const dearest = most ? ` The dearest is ${most.date} with ${roundMoneyText(most.all ?? '0', currency)}.` : '';
  const ahead = forecast.kind === 'forecast' ? ` ${forecast.days.length} days are foretold.` : '';
  return `${told.length} of ${daily.length} days are told by all.${dearest}${ahead}${unusualText(anomalies)}`;
}

function unusualText(anomalies: readonly Anomaly[]): string {
  return anomalies.length === 0
    ? ''
    : ` Unusual: ${anomalies.map(({ service, date }) => `${service} on ${date}`).join(', ')}.`;
}
