// Amounts as people read them: rounded, grouped, with their currency.
import type { Amount, Currency } from '../model/cost.ts';
import { absoluteAmount, compareAmounts, roundAmount } from './money.ts';

const SIGNS: Record<Currency, string> = { USD: '$', EUR: '€', GBP: '£' };

/** `$1,623.00`, `-$4.10`, `CHF 12.50`: to the cent. Less than half a cent that is not nothing is `<$0.01`. */
export function moneyText(amount: Amount, currency: Currency): string {
  const size = absoluteAmount(amount);
  const sign = SIGNS[currency] ?? `${currency} `;
  const minus = compareAmounts(amount, '0') < 0 ? '-' : '';
  const rounded = roundAmount(size, 2);
  if (rounded === '0' && size !== '0') return `${minus === '' ? '<' : '>-'}${sign}0.01`;
  const [whole = '0', cents = ''] = rounded.split('.');
  return `${minus}${sign}${grouped(whole)}.${cents.padEnd(2, '0')}`;
}

/** `$1,623`: where cents only distract. */
export function roundMoneyText(amount: Amount, currency: Currency): string {
  const size = roundAmount(absoluteAmount(amount), 0);
  const minus = compareAmounts(amount, '0') < 0 && size !== '0' ? '-' : '';
  return `${minus}${SIGNS[currency] ?? `${currency} `}${grouped(size)}`;
}

/** `+3.0`, `-15.4`, `0.0`: with its sign and one digit. */
export function signedText(amount: Amount): string {
  const rounded = roundAmount(amount, 1);
  const [whole = '0', tenth = '0'] = rounded.split('.');
  return `${compareAmounts(rounded, '0') > 0 ? '+' : ''}${whole}.${tenth}`;
}

function grouped(whole: string): string {
  return whole.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `2026-11-03 to 2026-11-05, 2026-11-09`: days in a row as a range. */
export function datesText(dates: readonly string[]): string {
  const sorted = [...dates].sort();
  const runs: [string, string][] = [];
  for (const date of sorted) {
    const run = runs.at(-1);
    if (run && Date.parse(date) - Date.parse(run[1]) === 86_400_000) run[1] = date;
    else runs.push([date, date]);
  }
  return runs.map(([from, to]) => (from === to ? from : `${from} to ${to}`)).join(', ');
}
