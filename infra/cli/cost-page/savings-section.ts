// What could be saved: a bar for each opportunity, its reckoning, what would have to be true, and what was assumed.
import { moneyText, roundMoneyText } from '../../../shared/cost/amount-text.ts';
import type { CurrencyReport, Opportunity } from '../../../shared/cost/report/report-shape.ts';
import { escapeHtml } from '../../local/report/html.ts';
import { table } from '../../local/report/page-parts.ts';
import { rect, svg, text, WIDTH } from './svg.ts';

const LEFT = 400;
const RIGHT = 90;
const ROW = 30;

const VERDICTS = { holds: 'holds here', 'does-not-hold': 'does not hold here', 'cannot-be-told': 'cannot be told' };

export function savingsSection({ savings, currency }: CurrencyReport): string {
  if (savings === null) {
    return '<section><h2>What could be saved</h2><p class="quiet">Too few days are closed to reckon it.</p></section>';
  }
  const { opportunities, considered, total, totalPercent, base, basis, claims } = savings;
  const part = totalPercent === null ? '' : `, ${totalPercent} % of ${moneyText(base, currency)}`;
  const notWorth = considered.map(({ title, because }) => `<li>${escapeHtml(title)}: ${escapeHtml(because)}</li>`);
  const checked = claims.map(({ claim, verdict, because }) => [
    escapeHtml(claim),
    VERDICTS[verdict],
    escapeHtml(because),
  ]);
  return `<section>
<h2>What could be saved</h2>
<p>Up to <strong>${escapeHtml(moneyText(total, currency))}</strong> a month${escapeHtml(part)}, if all of it is true that stands below. Each is reckoned on what those before it left.</p>
<p class="quiet">From ${escapeHtml(basis)}.</p>
${opportunities.length === 0 ? '' : chartOf(opportunities, currency)}
${opportunities.map(detailsOf).join('')}
${notWorth.length === 0 ? '' : `<h3>Looked at, and nothing to be had</h3><ul class="quiet">${notWorth.join('')}</ul>`}
<h3>What is often said of it</h3>
${table(['Said', 'Here', 'Because'], checked)}
</section>`;
}

function chartOf(opportunities: readonly Opportunity[], currency: string): string {
  const most = Math.max(...opportunities.map(({ monthly }) => Number(monthly)));
  const rows = opportunities.map(({ title, monthly, confidence }, index) => {
    const y = index * ROW;
    const wide = (Number(monthly) / most) * (WIDTH - LEFT - RIGHT);
    const said = `${title}: ${moneyText(monthly, currency)}, ${confidence} confidence`;
    return (
      text(LEFT - 12, y + 19, title, 'text-anchor="end"') +
      rect(LEFT, y + 4, Math.max(2, wide), ROW - 9, `saving ${confidence}`, said) +
      text(LEFT + wide + 8, y + 19, roundMoneyText(monthly, currency), 'class="strong"')
    );
  });
  return `${svg({
    id: `savings-${currency}`,
    title: 'What each opportunity saves in a month',
    description: opportunities.map(({ title, monthly }) => `${title}: ${moneyText(monthly, currency)}`).join('; '),
    height: opportunities.length * ROW + 4,
    body: rows.join(''),
  })}<ul class="key"><li><i class="sample saving-high"></i>high confidence</li><li><i class="sample saving-medium"></i>medium</li><li><i class="sample saving-low"></i>low</li></ul>`;
}

function detailsOf({ title, arithmetic, needs, assumptions }: Opportunity): string {
  const stated = assumptions.map(({ name, value, means, source, asOf, verified }) => [
    `<code>${name}</code>`,
    String(value),
    escapeHtml(means),
    `${escapeHtml(source)}, ${asOf}${verified ? '' : ' <strong>not verified</strong>'}`,
  ]);
  const open = `<details class="opportunity"><summary>${escapeHtml(title)}</summary>`;
  return `${open}<p class="reckoning">${escapeHtml(arithmetic)}</p><p>If</p><ul>${needs.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>${table(['Assumed', '', 'Is', 'From'], stated)}</details>`;
}
