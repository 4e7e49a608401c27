// A forecast knows weekdays, follows a level, fills what is not known, and tells how far off it would have been.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datesFrom, weekdayOf } from '../../../../shared/cost/calendar.ts';
import { addAmounts, amountOf, compareAmounts } from '../../../../shared/cost/money.ts';
import { forecastMonth } from '../../../../shared/cost/report/forecast.ts';

const busy = (date: string) => (weekdayOf(date) % 6 === 0 ? 30 : 100);

function series(from: string, to: string, dollars: (date: string, index: number) => number | null) {
  return new Map(
    datesFrom(from, to).flatMap((date, index) => {
      const value = dollars(date, index);
      return value === null ? [] : [[date, amountOf(value.toFixed(2))] as const];
    }),
  );
}
const whole = (dollars: (date: string) => number) =>
  datesFrom('2026-11-01', '2026-12-01').reduce((sum, date) => sum + dollars(date), 0);

describe('a forecast', () => {
  it('is exact where every week is like the last, whatever day it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), (day) => {
        const forecast = forecastMonth(
          [series('2026-08-01', `2026-11-${String(day).padStart(2, '0')}`, busy)],
          '2026-11',
        );
        expect(forecast).toMatchObject({
          kind: 'forecast',
          amount: amountOf(String(whole(busy))),
          low: amountOf(String(whole(busy))),
        });
        if (forecast.kind !== 'forecast') return;
        expect(forecast.error).toMatchObject({ averagePercent: '0', worstPercent: '0', biasPercent: '0' });
        expect(forecast.days).toHaveLength(31 - day);
      }),
      { numRuns: 29 },
    );
  });

  it('adds up to the days that it rests on, known and foretold', () => {
    const one = series('2026-08-01', '2026-11-20', (date, index) => busy(date) + ((index * 7) % 13));
    const forecast = forecastMonth([one], '2026-11');
    if (forecast.kind !== 'forecast') throw new Error(forecast.because);
    const known = [...one].filter(([date]) => date >= '2026-11-01').map(([, amount]) => amount);
    expect(forecast.closed).toBe(addAmounts(...known));
    expect(Number(forecast.amount)).toBeCloseTo(
      Number(addAmounts(forecast.closed, ...forecast.days.map(({ amount }) => amount))),
      2,
    );
    expect(compareAmounts(forecast.low ?? '', forecast.amount)).toBeLessThan(0);
    expect(compareAmounts(forecast.high ?? '', forecast.amount)).toBeGreaterThan(0);
    expect(forecast.error?.trials).toBe(8);
  });

  it('follows a level that has risen, since that would have been nearer the truth', () => {
    const grown = series('2026-08-01', '2026-11-16', (date, index) => busy(date) * 1.01 ** index);
    const forecast = forecastMonth([grown], '2026-11');
    if (forecast.kind !== 'forecast') throw new Error(forecast.because);
    expect(forecast.how).toMatch(/raised or lowered as the last seven days were/);
    const start = Date.parse('2026-08-01');
    const truth = whole((date) => busy(date) * 1.01 ** ((Date.parse(date) - start) / 86_400_000));
    expect(Math.abs(Number(forecast.amount) / truth - 1)).toBeLessThan(0.05);
  });

  it('is not thrown by a single dear day', () => {
    const once = series('2026-08-01', '2026-11-20', (date) => (date === '2026-11-11' ? 5000 : busy(date)));
    const forecast = forecastMonth([once], '2026-11');
    if (forecast.kind !== 'forecast') throw new Error(forecast.because);
    expect(forecast.days.map(({ amount }) => Number(amount)).every((amount) => amount <= 100)).toBe(true);
  });

  it('foretells a day that nobody told as it foretells one to come', () => {
    const gap = series('2026-08-01', '2026-11-20', (date) => (date === '2026-11-05' ? null : busy(date)));
    const forecast = forecastMonth([gap], '2026-11');
    expect(forecast).toMatchObject({ amount: amountOf(String(whole(busy))) });
    if (forecast.kind === 'forecast') expect(forecast.days[0]).toEqual({ date: '2026-11-05', amount: '100' });
  });

  it('adds both clouds where one has told a day more than the other', () => {
    const forecast = forecastMonth(
      [series('2026-08-01', '2026-11-20', busy), series('2026-08-01', '2026-11-19', busy)],
      '2026-11',
    );
    expect(forecast).toMatchObject({ amount: amountOf(String(2 * whole(busy))) });
    if (forecast.kind === 'forecast') expect(forecast.days[0]).toEqual({ date: '2026-11-19', amount: '100' });
  });

  it('has no band with little history, and is none with hardly any', () => {
    expect(forecastMonth([series('2026-11-01', '2026-11-13', busy)], '2026-11')).toMatchObject({
      kind: 'forecast',
      error: null,
      low: null,
    });
    expect(forecastMonth([series('2026-11-01', '2026-11-04', busy)], '2026-11')).toEqual({
      kind: 'none',
      because: 'fewer than seven closed days are known: nothing can be foretold from them',
    });
    expect(forecastMonth([new Map()], '2026-11')).toEqual({ kind: 'none', because: 'no day is known yet' });
    expect(forecastMonth([series('2026-08-01', '2026-12-01', busy)], '2026-11')).toEqual({
      kind: 'none',
      because: 'every day of the month is known',
    });
  });
});
