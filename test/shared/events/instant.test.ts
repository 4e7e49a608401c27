// Times as vendors write them.
import { expect, it } from 'vitest';
import { fromUnixSeconds, toInstant } from '../../../shared/events/instant.ts';

it.each([
  ['2023-02-18T16:43:21.231+0000', '2023-02-18T16:43:21.231Z'],
  ['2023-02-18T16:43:21.231+0130', '2023-02-18T15:13:21.231Z'],
  ['2017-08-03T15:17:37.804-04:00', '2017-08-03T19:17:37.804Z'],
  ['2018-09-27 22:36:43.292', '2018-09-27T22:36:43.292Z'],
  ['2026-03-04T10:00:01Z', '2026-03-04T10:00:01.000Z'],
  ['2021-11-25T21:56:00.653866570Z', '2021-11-25T21:56:00.653Z'],
  ['Fri, 3 Jun 2022 05:01:10 GMT', '2022-06-03T05:01:10.000Z'],
])('%s is %s', (text, instant) => {
  expect(toInstant(text)).toBe(instant);
});

it.each([
  'date',
  '',
  'alarm 1',
  '1',
  '2026-13-04T10:00:00Z',
  '2023-02-01T30:00:00Z',
  '0001-01-01T00:00:00Z',
  '04/03/26 10:00:00',
])('%j is no time', (text) => {
  expect(toInstant(text)).toBeNull();
});

it.each([
  [1585430537, '2020-03-28T21:22:17.000Z'],
  [1585430537.25, '2020-03-28T21:22:17.250Z'],
  [0, null],
  [-5, null],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  [1e15, null],
])('UNIX second %d is %s', (seconds, instant) => {
  expect(fromUnixSeconds(seconds)).toBe(instant);
});
