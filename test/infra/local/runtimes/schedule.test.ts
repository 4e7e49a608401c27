// Schedules on a hand-moved clock: late by chance, skipped by chance, never drifting.
import { afterEach, expect, test } from 'vitest';
import { type Schedule, startSchedule } from '../../../../infra/local/runtimes/schedule.ts';
import { scriptedChance } from '../chance.ts';
import { handClock } from '../hand-clock.ts';

let schedule: Schedule;
afterEach(() => schedule.close());

test('ticks come late by their share of the slack, without moving the next, and some never come', async () => {
  const clock = handClock();
  const firedAt: number[] = [];
  // Per tick: whether it is skipped, then how late it is.
  const chance = scriptedChance([0.9, 0.5, 0.05, 0.9, 0, 0.9, 1]);
  schedule = startSchedule({
    everySeconds: 60,
    jitterSeconds: 60,
    skipFraction: 0.1,
    fire: async () => void firedAt.push(clock.elapsedSeconds()),
    onTrouble: (error) => {
      throw error;
    },
    clock,
    chance,
  });
  await clock.advance(301);
  expect(firedAt).toEqual([90, 180, 300]);
  expect(schedule.counts()).toEqual({ fired: 3, skipped: 1 });
});

test('a tick that fails is told of and does not end the schedule', async () => {
  const clock = handClock();
  const troubles: unknown[] = [];
  schedule = startSchedule({
    everySeconds: 60,
    jitterSeconds: 0,
    skipFraction: 0,
    fire: () => Promise.reject(new Error('throttled')),
    onTrouble: (error) => troubles.push(error),
    clock,
    chance: scriptedChance(),
  });
  await clock.advance(121);
  expect(troubles).toHaveLength(2);
  await schedule.close();
  await clock.advance(120);
  expect(schedule.counts().fired).toBe(2);
});
