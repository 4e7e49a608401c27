// Exact decimals: products keep every digit, quotients and shares are rounded as they say, and nothing goes by floats.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addAmounts,
  amountOf,
  compareAmounts,
  divideAmount,
  medianAmount,
  multiplyAmount,
  percentOf,
  roundAmount,
  subtractAmount,
  truncateAmount,
} from '../../../shared/cost/money.ts';
import { Amount } from '../../../shared/model/cost.ts';

const amounts = fc
  .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.nat({ max: 12 }))
  .map(([digits, exponent]) => amountOf(`${digits}e-${exponent}`));

describe('money', () => {
  it('multiplies without losing a digit', () => {
    expect(multiplyAmount('0.1', '0.2')).toBe('0.02');
    expect(multiplyAmount('123456789.123456789', '1.000000001')).toBe('123456789.246913578123456789');
    expect(multiplyAmount('-3', '0')).toBe('0');
  });

  it('divides to the digits that are asked for, the half away from nothing', () => {
    expect(divideAmount('1', '3', 4)).toBe('0.3333');
    expect(divideAmount('1', '8', 2)).toBe('0.13');
    expect(divideAmount('-1', '8', 2)).toBe('-0.13');
    expect(divideAmount('1623', '2973', 30)).toBe('0.545913218970736629667003027245');
    expect(() => divideAmount('1', '0', 2)).toThrow('zero');
  });

  it('knows no part of nothing', () => {
    expect(percentOf('100', '600', 1)).toBe('16.7');
    expect(percentOf('1', '0', 1)).toBeNull();
  });

  it('cuts off towards nothing', () => {
    expect([truncateAmount('1.999', 2), truncateAmount('-1.999', 2), truncateAmount('0.001', 2)]).toEqual([
      '1.99',
      '-1.99',
      '0',
    ]);
    expect([roundAmount('1.005', 2), roundAmount('-1.005', 2)]).toEqual(['1.01', '-1.01']);
  });

  it('finds the middle, and there is none of nothing', () => {
    expect(medianAmount(['3', '1', '2'])).toBe('2');
    expect(medianAmount(['0.3', '0.1', '0.2', '10'])).toBe('0.25');
    expect(medianAmount([])).toBeNull();
  });

  it('keeps the laws of arithmetic, in plain notation, on any amounts', () => {
    fc.assert(
      fc.property(amounts, amounts, amounts, (a, b, c) => {
        expect(multiplyAmount(a, addAmounts(b, c))).toBe(addAmounts(multiplyAmount(a, b), multiplyAmount(a, c)));
        expect(subtractAmount(addAmounts(a, b), b)).toBe(a);
        expect(Amount.safeParse(multiplyAmount(a, b)).success).toBe(true);
        const cut = truncateAmount(a, 2);
        expect(compareAmounts(multiplyAmount(cut, cut), multiplyAmount(a, a))).toBeLessThanOrEqual(0);
      }),
    );
  });
});
