// Drift: for each environment and service a dot for its share and a ring for its target; the line between them is how far off it is.
import { signedText } from '../../../shared/cost/amount-text.ts';
import type { CurrencyReport, ShareRow } from '../../../shared/cost/report/report-shape.ts';
import { line, round, svg, text, ticksTo, WIDTH } from './svg.ts';

const LEFT = 150;
const RIGHT = 130;
const ROW = 32;
const HEAD = 26;

/** Less than this is no drift that anybody acts on. */
const CALM_POINTS = 3;

export function driftChart({ currency, environments, services }: CurrencyReport): string {
  const groups = [
    { title: 'By environment', rows: environments },
    { title: 'By service', rows: services },
  ];
  const shown = groups
    .flatMap(({ rows }) => rows)
    .flatMap((row) => [Number(row.sharePercent ?? 0), row.targetPercent ?? 0]);
  const ticks = ticksTo(Math.max(10, ...shown), 6);
  const most = ticks.at(-1) ?? 100;
  const x = (percent: number) => LEFT + (Math.max(0, percent) / most) * (WIDTH - LEFT - RIGHT);
  let y = 4;
  const body = groups.map(({ title, rows }) => {
    const head = text(0, y + 16, title, 'class="strong"');
    y += HEAD;
    const drawn = rows.map((row) => {
      const one = driftRow(row, x, y + ROW / 2);
      y += ROW;
      return one;
    });
    y += 8;
    return head + drawn.join('');
  });
  const grid = ticks.map(
    (tick) =>
      line(x(tick), 0, x(tick), y, 'grid') + text(x(tick), y + 16, `${tick} %`, 'class="quiet" text-anchor="middle"'),
  );
  return svg({
    id: `drift-${currency}`,
    title: 'Shares of what is spent against their targets',
    description: groups.flatMap(({ rows }) => rows.map(sentenceOf)).join('; '),
    height: y + 24,
    body: grid.join('') + body.join(''),
  });
}

function driftRow(row: ShareRow, x: (percent: number) => number, y: number): string {
  const { name, sharePercent, targetPercent, driftPoints } = row;
  const label = text(LEFT - 14, y + 4, name ?? 'no environment', 'text-anchor="end"');
  if (sharePercent === null) return label + text(LEFT + 6, y + 4, 'no share to tell', 'class="quiet"');
  const share = x(Number(sharePercent));
  const tone = toneOf(row);
  const hint = `<title>${sentenceOf(row)}</title>`;
  const dot = `<circle class="dot ${tone}" cx="${round(share)}" cy="${round(y)}" r="6.5">${hint}</circle>`;
  if (targetPercent === null || driftPoints === null) {
    return label + dot + text(share + 14, y + 4, `${sharePercent} %, no target`, 'class="quiet"');
  }
  const target = x(targetPercent);
  const way = Number(driftPoints) >= 0 ? '▲' : '▼';
  const said = tone === 'calm' ? 'on target' : `${way} ${signedText(driftPoints)} points`;
  return (
    label +
    line(share, y, target, y, `way ${tone}`) +
    `<circle class="ring" cx="${round(target)}" cy="${round(y)}" r="7.5"/>` +
    dot +
    text(Math.max(share, target) + 16, y + 4, said, `class="${tone}-text"`)
  );
}

function toneOf({ driftPoints }: ShareRow): 'calm' | 'over' | 'under' {
  const drift = Number(driftPoints ?? 0);
  if (Math.abs(drift) < CALM_POINTS) return 'calm';
  return drift > 0 ? 'over' : 'under';
}

function sentenceOf({ name, sharePercent, targetPercent }: ShareRow): string {
  const target = targetPercent === null ? 'no target' : `target ${targetPercent} %`;
  return `${name ?? 'no environment'} ${sharePercent ?? '-'} %, ${target}`.replaceAll('&', 'and').replaceAll('<', '');
}
