// Durations: what reads, what does not, and the way back.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { Duration, durationText, PositiveDuration, secondsOf } from '../../../shared/strategy/duration.ts';

test.each([
  ['30s', 30],
  ['5m', 300],
  ['1h', 3600],
  ['500ms', 0.5],
  ['1000ms', 1],
  ['1d', 86_400],
  ['1.5m', 90],
  ['0s', 0],
])('%s is %d seconds', (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});

test.each(['', '5', 'm', '5 m', '-5m', '5M', '5min', '1h30m', '1e3s', '.5s', ' 5s', '367d', `${'9'.repeat(400)}s`])(
  '"%s" is no duration',
  (text) => {
    expect(secondsOf(text)).toBeNull();
    expect(Duration.safeDecode(text).success).toBe(false);
  },
);

test('the shortest text is written', () => {
  expect([300, 90, 0.5, 3600, 86_400, 0, 1.5].map(durationText)).toEqual([
    '5m',
    '90s',
    '500ms',
    '1h',
    '1d',
    '0s',
    '1500ms',
  ]);
});

test('nothing is no positive duration', () => {
  expect(PositiveDuration.safeDecode('0s').error?.issues[0]?.message).toContain('longer than 0s');
  expect(PositiveDuration.safeDecode('0ms').success).toBe(false);
});

test('seconds to the millisecond go through the text and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 366 * 86_400_000 }), (milliseconds) => {
      const seconds = milliseconds / 1000;
      expect(z.decode(Duration, z.encode(Duration, seconds))).toBe(seconds);
    }),
  );
});

test('a text goes through the seconds and back to a text of the same length of time', () => {
  const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 366 }), unit, (amount, word) => {
      const seconds = z.decode(Duration, `${amount}${word}`);
      expect(z.decode(Duration, z.encode(Duration, seconds))).toBe(seconds);
    }),
  );
});
