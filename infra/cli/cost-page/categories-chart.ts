// Where the money goes: one bar for each cloud, its categories side by side in it, both to the same scale.
import { roundMoneyText } from '../../../shared/cost/amount-text.ts';
import type { CurrencyReport } from '../../../shared/cost/report/report-shape.ts';
import { fitted, line, rect, svg, text, ticksTo, WIDTH } from './svg.ts';

const LEFT = 48;
const RIGHT = 84;
const BAR = 46;
const GAP = 22;
const TOP = 8;

const SIDES = [
  { side: 'aws', name: 'AWS' },
  { side: 'gcp', name: 'GCP' },
] as const;

export function categoriesChart({ currency, categories, total }: CurrencyReport): string {
  const money = (amount: string) => roundMoneyText(amount, currency);
  // Credits have no length: they are in the table, and in the totals beside the bars.
  const positive = (amount: string | null) => Math.max(0, Number(amount ?? 0));
  const sums = SIDES.map(({ side }) => categories.reduce((sum, row) => sum + positive(row[side]), 0));
  const ticks = ticksTo(Math.max(...sums), 5);
  const most = ticks.at(-1) ?? 1;
  const x = (value: number) => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + 2 * BAR + GAP;
  const grid = ticks.map(
    (tick) =>
      line(x(tick), TOP - 4, x(tick), bottom + 6, 'grid') +
      text(x(tick), bottom + 22, money(String(tick)), 'class="quiet" text-anchor="middle"'),
  );
  const bars = SIDES.map(({ side, name }, row) => {
    const y = TOP + row * (BAR + GAP);
    let from = 0;
    const parts = categories.map((one) => {
      const amount = positive(one[side]);
      const start = x(from);
      const wide = x(from + amount) - start;
      from += amount;
      const said = `${name}, ${one.category}: ${money(one[side] ?? '0')}`;
      const label = fitted(one.category, wide - 10);
      return amount === 0
        ? ''
        : rect(start, y, wide - 1.5, BAR, `fill-${one.category}`, said) +
            (label === '' ? '' : text(start + 7, y + BAR / 2 + 5, label, 'class="on-bar"'));
    });
    const known = total[side];
    const end =
      known === null
        ? text(LEFT + 6, y + BAR / 2 + 5, 'nothing is known', 'class="quiet"')
        : text(x(from) + 8, y + BAR / 2 + 5, money(known), 'class="strong"');
    return text(0, y + BAR / 2 + 5, name, 'class="strong"') + parts.join('') + end;
  });
  const dearest = [...categories].sort((one, other) => Number(other.all ?? 0) - Number(one.all ?? 0))[0];
  return svg({
    id: `categories-${currency}`,
    title: 'What each cloud costs, by category',
    description: `AWS ${total.aws === null ? 'is not known' : money(total.aws)}, Google Cloud ${total.gcp === null ? 'is not known' : money(total.gcp)}. Most goes to ${dearest?.category ?? 'nothing'}.`,
    height: bottom + 30,
    body: grid.join('') + bars.join(''),
  });
}
