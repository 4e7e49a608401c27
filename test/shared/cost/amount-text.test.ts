// Amounts as people read them: rounded to the cent, never something for nothing or nothing for something.
import { expect, it } from 'vitest';
import { datesText, moneyText, roundMoneyText, signedText } from '../../../shared/cost/amount-text.ts';

it.each([
  ['1623', 'USD', '$1,623.00'],
  ['-1234567.895', 'EUR', '-€1,234,567.90'],
  ['0.5', 'CHF', 'CHF 0.50'],
  ['0.004', 'USD', '<$0.01'],
  ['-0.004', 'USD', '>-$0.01'],
  ['0', 'USD', '$0.00'],
])('%s %s is shown as %s', (amount, currency, shown) => {
  expect(moneyText(amount, currency)).toBe(shown);
});

it('is round where cents only distract, and signed where it says how far off something is', () => {
  expect([roundMoneyText('1622.5', 'USD'), roundMoneyText('-0.4', 'USD')]).toEqual(['$1,623', '$0']);
  expect(['3', '-15.44', '0', '-0.04'].map(signedText)).toEqual(['+3.0', '-15.4', '0.0', '0.0']);
});

it('tells days in a row as a range, over the end of a month', () => {
  expect(datesText(['2026-11-01', '2026-10-30', '2026-10-31', '2026-11-05'])).toBe(
    '2026-10-30 to 2026-11-01, 2026-11-05',
  );
  expect(datesText([])).toBe('');
});
