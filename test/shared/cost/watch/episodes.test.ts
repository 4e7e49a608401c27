// Anomalies: told when a service costs what its weekdays do not explain, once for as long as it lasts, and never for what is usual.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datesFrom, weekdayOf } from '../../../../shared/cost/calendar.ts';
import { amountOf } from '../../../../shared/cost/money.ts';
import { episodesOf } from '../../../../shared/cost/watch/episodes.ts';
import { judgeDay } from '../../../../shared/cost/watch/judge-day.ts';

/** Of each property: what a run finds out it mostly finds out at once, and each judges 140 days. */
const RUNS = 25;
const DATES = datesFrom('2026-07-01', '2026-11-20');
const weekend = (date: string) => weekdayOf(date) === 0 || weekdayOf(date) === 6;

/** Dollars by date, of all dates or of some. */
function series(dollars: (date: string, index: number) => number | null, dates = DATES) {
  return new Map(
    dates.flatMap((date, index) => {
      const value = dollars(date, index);
      return value === null ? [] : [[date, amountOf(value.toFixed(2))] as const];
    }),
  );
}
const busy = (date: string) => (weekend(date) ? 30 : 100);

describe('a day', () => {
  it('is held against its own weekday: a quiet Sunday is no drop, and a Sunday like a Monday is a rise', () => {
    const usual = series(busy);
    expect(judgeDay(usual, '2026-11-15', '20').kind).toBe('usual');
    const loud = series((date) => (date === '2026-11-15' ? 100 : busy(date)));
    expect(judgeDay(loud, '2026-11-15', '20')).toMatchObject({
      kind: 'anomaly',
      direction: 'up',
      amount: '100',
      usual: '30',
      weekdays: 8,
    });
  });

  it('is not judged with fewer than four such weekdays before it, nor when nobody told it', () => {
    const young = series((date) => (date === '2026-11-16' ? 500 : busy(date)), datesFrom('2026-10-20', '2026-11-20'));
    expect(judgeDay(young, '2026-11-16', '20').kind).toBe('unknown');
    expect(judgeDay(series(busy), '2026-12-24', '20').kind).toBe('unknown');
  });

  it('must be off by the least amount, and by more than its weekdays vary', () => {
    const small = series((date) => (date === '2026-11-16' ? 12 : 2));
    expect(judgeDay(small, '2026-11-16', '20').kind).toBe('usual');
    expect(judgeDay(small, '2026-11-16', '10').kind).toBe('anomaly');
    const restless = series((date, index) => (date === '2026-11-16' ? 160 : 100 + ((index * 37) % 80) - 40));
    expect(judgeDay(restless, '2026-11-16', '20').kind).toBe('usual');
  });

  it('is usual when the same day of a month before stood out alike, and not when that was merely a working day', () => {
    const support = series((date) => (date.endsWith('-01') ? 400 : busy(date)));
    expect(judgeDay(support, '2026-11-01', '20').kind).toBe('usual');
    // 2026-11-14 is a Saturday, 2026-10-14 a Wednesday that cost 100 as Wednesdays do.
    const saturday = series((date) => (date === '2026-11-14' ? 100 : busy(date)));
    expect(judgeDay(saturday, '2026-11-14', '20').kind).toBe('anomaly');
  });

  it('may be the first of a service that cost nothing before', () => {
    const born = series((date) => (date >= '2026-11-16' ? 45 : 0));
    expect(episodesOf(born, DATES, '20')).toMatchObject([{ date: '2026-11-16', direction: 'up', days: 4 }]);
  });
});

describe('what lasts', () => {
  const noise = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: DATES.length, maxLength: DATES.length });

  it('is told once when the level shifts, on its first day, whatever day that is', () => {
    fc.assert(
      fc.property(
        noise,
        fc.integer({ min: 63, max: DATES.length - 8 }),
        fc.integer({ min: 60, max: 300 }),
        fc.boolean(),
        (wobble, at, percent, additive) => {
          const shifted = series((date, index) => {
            const usual = busy(date) * (1 + (wobble[index] ?? 0) / 100);
            if (index < at) return usual;
            return additive ? usual + percent : usual * (1 + percent / 100);
          });
          const up = episodesOf(shifted, DATES, '15').filter(({ direction }) => direction === 'up');
          expect(up).toHaveLength(1);
          expect(up[0]?.date).toBe(DATES[at]);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('is told once though days of it are not known yet', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 101, max: DATES.length - 1 }), { maxLength: 20 }), (gaps) => {
        const known = series((date, index) => (gaps.includes(index) ? null : busy(date) * (index < 100 ? 1 : 2)));
        expect(episodesOf(known, [...known.keys()], '20')).toHaveLength(1);
      }),
      { numRuns: RUNS },
    );
  });

  it('is never told of noise', () => {
    fc.assert(
      fc.property(noise, (wobble) => {
        const usual = series((date, index) => busy(date) * (1 + (wobble[index] ?? 0) / 100));
        expect(episodesOf(usual, DATES, '20')).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('is told again when it has doubled, and again after a week that was usual', () => {
    const growing = series((date) => (date >= '2026-11-10' ? 500 : date >= '2026-11-02' ? 200 : 100));
    expect(episodesOf(growing, DATES, '20').map(({ date }) => date)).toEqual(['2026-11-02', '2026-11-10']);
    const spikes = series((date) => (['2026-10-05', '2026-10-08', '2026-10-27'].includes(date) ? 200 : 100));
    expect(episodesOf(spikes, DATES, '20').map(({ date, days }) => [date, days])).toEqual([
      ['2026-10-05', 2],
      ['2026-10-27', 1],
    ]);
  });

  it('ends by a fall, which is told apart', () => {
    const fallen = series((date) => (date >= '2026-11-02' ? 20 : 100));
    expect(episodesOf(fallen, DATES, '20')).toMatchObject([{ date: '2026-11-02', direction: 'down' }]);
  });
});
