// The month day by day: a line for each cloud and for both, days that are open hatched, days that nobody told left out, and what is foretold.
import { moneyText, roundMoneyText } from '../../../shared/cost/amount-text.ts';
import type { CurrencyReport, DayPoint } from '../../../shared/cost/report/report-shape.ts';
import type { Provider } from '../../../shared/model/site.ts';
import { escapeHtml } from '../../local/report/html.ts';
import { describeDays, endLabels, pointers } from './daily-marks.ts';
import { line, type Plot, rect, round, svg, text, ticksTo, WIDTH } from './svg.ts';

const LEFT = 64;
const RIGHT = 72;
const TOP = 34;
const HEIGHT = 250;
const BOTTOM = TOP + HEIGHT;

type Point = { index: number; value: number };

/** `providers`: whose days are expected. A sum of which one is missing is no sum. */
export function dailyChart(report: CurrencyReport, providers: readonly Provider[]): string {
  const { currency, daily, forecast } = report;
  const foretold = forecast.kind === 'forecast' ? forecast.days : [];
  const whole = daily.map((day) => (providers.every((one) => day[one] !== null) ? Number(day.all) : null));
  const worst = forecast.kind === 'forecast' && forecast.error ? Number(forecast.error.worstPercent) / 100 : 0;
  const highest = Math.max(
    1,
    ...daily.flatMap((day) => [day.aws, day.gcp, day.all].map((one) => Number(one ?? 0))),
    ...foretold.map(({ amount }) => Number(amount) * (1 + worst)),
  );
  const ticks = ticksTo(highest, 4);
  const most = ticks.at(-1) ?? 1;
  const step = (WIDTH - LEFT - RIGHT) / Math.max(1, daily.length - 1);
  const plot: Plot = {
    step,
    x: (index) => LEFT + index * step,
    y: (value) => BOTTOM - (Math.max(0, value) / most) * HEIGHT,
  };
  const dates = daily.map(({ date }) => date);
  const pointsOf = (amounts: readonly (number | null)[]) =>
    amounts.map((value, index) => (value === null ? null : { index, value }));
  const amountAhead = new Map(foretold.map(({ date, amount }) => [date, Number(amount)]));
  const ahead = pointsOf(dates.map((date) => amountAhead.get(date) ?? null));
  return svg({
    id: `daily-${currency}`,
    title: 'What each day costs',
    description: describeDays(report, providers),
    height: BOTTOM + 34,
    body: [
      hatch(currency),
      ...daily.map((day, index) => dayGround(day, index, { ...plot, providers, currency })),
      ...ticks.map(
        (tick) =>
          line(LEFT, plot.y(tick), WIDTH - RIGHT, plot.y(tick), 'grid') +
          text(LEFT - 10, plot.y(tick) + 4, roundMoneyText(String(tick), currency), 'class="quiet" text-anchor="end"'),
      ),
      ...dates.map((date, index) => axisLabel(date, index, dates.length, plot)),
      bandsOf(ahead, worst, plot),
      ...providers.map((provider) =>
        curve(
          pointsOf(daily.map((day) => (day[provider] === null ? null : Number(day[provider])))),
          plot,
          `line-${provider}`,
        ),
      ),
      curve(ahead, plot, 'line-ahead'),
      curve(pointsOf(whole), plot, 'line-all'),
      ...daily.map((day, index) => dot(day, whole[index] ?? null, index, currency, plot)),
      ...endLabels(daily, whole, providers, plot),
      ...pointers(report, plot),
    ].join(''),
  });
}

/** Seen in print and without colours, too. Its name is the chart's own: a page may hold several. */
function hatch(currency: string): string {
  return `<defs><pattern id="hatch-${currency}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="7"/></pattern></defs>`;
}

type Ground = Plot & { providers: readonly Provider[]; currency: string };

/** Behind a day: hatched while somebody is still adding to it, and coloured where somebody has not told it. */
function dayGround(day: DayPoint, index: number, { x, step, providers, currency }: Ground): string {
  const missing = providers.filter((one) => day[one] === null);
  const told = missing.length < providers.length;
  const ground = (classes: string, hint: string) => rect(x(index) - step / 2, TOP, step, HEIGHT, classes, hint);
  if (day.open.length > 0) {
    return `<g fill="url(#hatch-${currency})">${ground('open-day', `${day.date}: ${day.open.join(' and ')} may still add to it`)}</g>`;
  }
  return missing.length > 0 && told ? ground('missing-day', `${day.date}: not told by ${missing.join(' and ')}`) : '';
}

function axisLabel(date: string, index: number, days: number, { x }: Plot): string {
  const number = index + 1;
  const shown = number === 1 || number === days || (number % 5 === 0 && days - number > 2);
  return shown ? text(x(index), BOTTOM + 20, String(Number(date.slice(8))), 'class="quiet" text-anchor="middle"') : '';
}

/** Broken where a day is not known: a line across a gap would tell what nobody knows. */
function curve(points: readonly (Point | null)[], { x, y }: Plot, classes: string): string {
  let pen = 'M';
  const path = points.map((point) => {
    if (point === null) {
      pen = 'M';
      return '';
    }
    const drawn = `${pen}${round(x(point.index))} ${round(y(point.value))}`;
    pen = 'L';
    return drawn;
  });
  return `<path class="${classes}" d="${path.join('')}"/>`;
}

/** As far off as the worst of the trials, above and below; one for each stretch of days that are foretold. */
function bandsOf(points: readonly (Point | null)[], worst: number, { x, y }: Plot): string {
  const stretches: Point[][] = [[]];
  for (const point of points) {
    if (point === null) stretches.push([]);
    else stretches.at(-1)?.push(point);
  }
  const edge = (factor: number, some: readonly Point[]) =>
    some.map(({ index, value }) => `${round(x(index))} ${round(y(value * factor))}`);
  return stretches
    .filter((stretch) => worst > 0 && stretch.length > 1)
    .map((stretch) => {
      const outline = [...edge(1 + worst, stretch), ...edge(1 - worst, [...stretch].reverse())];
      return `<path class="band" d="M${outline.join('L')}Z"/>`;
    })
    .join('');
}

function dot(day: DayPoint, whole: number | null, index: number, currency: string, { x, y }: Plot): string {
  if (whole === null) return '';
  const kind = day.estimated.length > 0 ? 'point estimated' : 'point';
  const hint = `${day.date}: ${moneyText(day.all ?? '0', currency)}${day.estimated.length > 0 ? ', estimated' : ''}`;
  return `<circle class="${kind}" cx="${round(x(index))}" cy="${round(y(whole))}" r="3.5"><title>${escapeHtml(hint)}</title></circle>`;
}
